using System.Collections.Immutable;
using System.Text.Json;

namespace Vedette.Platforms.Eks.FilterPatterns;

/// <summary>A condition of a JSON pattern.</summary>
internal abstract class FilterNode
{
    /// <summary>Whether it holds.</summary>
    public abstract bool Matches(JsonElement root, bool missingDiffers);
}

/// <summary><c>a &amp;&amp; b &amp;&amp; c</c>.</summary>
internal sealed class FilterAnd(ImmutableArray<FilterNode> parts) : FilterNode
{
    public override bool Matches(JsonElement root, bool missingDiffers)
    {
        foreach (FilterNode part in parts)
        {
            if (!part.Matches(root, missingDiffers))
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary><c>a || b || c</c>.</summary>
internal sealed class FilterOr(ImmutableArray<FilterNode> parts) : FilterNode
{
    public override bool Matches(JsonElement root, bool missingDiffers)
    {
        foreach (FilterNode part in parts)
        {
            if (part.Matches(root, missingDiffers))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary><c>$.a.b NOT EXISTS</c>.</summary>
internal sealed class FilterNotExists(FilterSelector selector) : FilterNode
{
    public override bool Matches(JsonElement root, bool missingDiffers) => !selector.TryFind(root, out _);
}

/// <summary><c>$.a.b IS NULL</c>, <c>IS TRUE</c>, <c>IS FALSE</c>.</summary>
internal sealed class FilterIs(FilterSelector selector, JsonValueKind kind) : FilterNode
{
    public override bool Matches(JsonElement root, bool missingDiffers) => selector.TryFind(root, out JsonElement value) && value.ValueKind == kind;
}

/// <summary><c>$.a.b = "text*"</c> and <c>!=</c>. Objects, lists, booleans and null are no value to compare with.</summary>
internal sealed class FilterEquality(FilterSelector selector, bool equal, FilterValue wanted) : FilterNode
{
    public override bool Matches(JsonElement root, bool missingDiffers) =>
        !selector.TryFind(root, out JsonElement value) ? !equal && missingDiffers
        : value.ValueKind is JsonValueKind.String or JsonValueKind.Number && wanted.Equals(value) == equal;
}

/// <summary><c>$.a.b &gt;= 400</c> and the like, on numbers.</summary>
internal sealed class FilterOrder(FilterSelector selector, string comparison, double bound) : FilterNode
{
    public override bool Matches(JsonElement root, bool missingDiffers)
    {
        if (!selector.TryFind(root, out JsonElement value) || value.ValueKind != JsonValueKind.Number)
        {
            return false;
        }

        double number = value.GetDouble();
        return comparison switch
        {
            "<" => number < bound,
            "<=" => number <= bound,
            ">" => number > bound,
            _ => number >= bound,
        };
    }
}
