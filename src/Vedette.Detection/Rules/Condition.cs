using System.Collections.Immutable;

namespace Vedette.Detection.Rules;

/// <summary>
/// When a rule fires, as a tree over tests of fields. Two-valued: a test of a field that the event lacks is false, and its negation true
/// (Sigma specification 2.1.0; SQL's three-valued reading loses findings).
/// </summary>
public abstract record Condition
{
    private Condition()
    {
    }

    /// <summary>The field that a test looks at; null for keywords, and for what is no test.</summary>
    internal string? TestedField => this switch
    {
        Field test => test.Path,
        IsNull isNull => isNull.Path,
        Exists exists => exists.Path,
        FieldReference reference => reference.Path,
        _ => null,
    };

    /// <summary>Always or never.</summary>
    public sealed record Constant(bool Value) : Condition;

    /// <summary>All of them hold; true when empty.</summary>
    public sealed record All(ImmutableArray<Condition> Of) : Condition;

    /// <summary>At least one holds; false when empty.</summary>
    public sealed record Any(ImmutableArray<Condition> Of) : Condition;

    /// <summary>It does not hold.</summary>
    public sealed record Not(Condition Of) : Condition;

    /// <summary>
    /// Some value of the field passes the test. The field is a path by dots through objects; of several literal names the longest wins, arrays fan out, a number
    /// indexes an array. An array without elements has no value.
    /// </summary>
    public sealed record Field(string Path, ValueTest Test) : Condition;

    /// <summary>The field is missing, or null (Sigma <c>field: null</c>).</summary>
    public sealed record IsNull(string Path) : Condition;

    /// <summary>The field is there, even when null or empty (Sigma <c>field|exists: true</c>).</summary>
    public sealed record Exists(string Path) : Condition;

    /// <summary>Some value of <paramref name="Path"/> stands in the relation to some value of <paramref name="Other"/>, both as text (Sigma <c>fieldref</c>).</summary>
    public sealed record FieldReference(string Path, string Other, TextPosition Position, bool CaseSensitive) : Condition;

    /// <summary>Some scalar anywhere in the event passes the test (Sigma keywords); member names are not looked at.</summary>
    public sealed record Keyword(ValueTest Test) : Condition;

    /// <summary>All of these hold; those that are conjunctions themselves become one with it.</summary>
    internal static Condition AllOf(List<Condition> parts) => parts.Count == 1 ? parts[0] : new All(Flat(parts, static part => (part as All)?.Of));

    /// <summary>At least one of these holds; those that are alternatives themselves become one with it.</summary>
    internal static Condition AnyOf(List<Condition> parts) => parts.Count == 1 ? parts[0] : new Any(Flat(parts, static part => (part as Any)?.Of));

    private static ImmutableArray<Condition> Flat(List<Condition> parts, Func<Condition, ImmutableArray<Condition>?> partsOf)
    {
        ImmutableArray<Condition>.Builder flat = ImmutableArray.CreateBuilder<Condition>(parts.Count);
        foreach (Condition part in parts)
        {
            if (partsOf(part) is { } inner)
            {
                flat.AddRange(inner);
            }
            else
            {
                flat.Add(part);
            }
        }

        return flat.DrainToImmutable();
    }
}

/// <summary>Where one text stands in another.</summary>
public enum TextPosition
{
    /// <summary>They are equal.</summary>
    Whole,

    /// <summary>At the start.</summary>
    Start,

    /// <summary>At the end.</summary>
    End,

    /// <summary>Anywhere.</summary>
    Anywhere,
}
