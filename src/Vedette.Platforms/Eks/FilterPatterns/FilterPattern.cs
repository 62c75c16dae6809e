using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Vedette.Platforms.Eks.FilterPatterns;

/// <summary>
/// A filter pattern of CloudWatch Logs, as metric filters, subscription filters and FilterLogEvents take it
/// (CloudWatch Logs User Guide, "Filter pattern syntax"). JSON patterns and terms are read and evaluated; patterns for columns, in brackets, are refused, since an audit
/// event is no line of columns.
/// </summary>
/// <remarks>
/// The guide leaves open what <c>!=</c> gives where the field is missing. Here it does not hold, and <see cref="Matches(JsonElement, bool)"/> can be asked for the other answer, so that a pattern
/// can be shown not to depend on it.
/// </remarks>
public sealed class FilterPattern
{
    /// <summary>Most characters of a pattern (API model of CloudWatch Logs: FilterPattern).</summary>
    public const int MaxLength = 1024;

    /// <summary>Most regular expressions of a pattern.</summary>
    public const int MaxExpressions = 2;

    /// <summary>Deepest nesting of parentheses that is read here; the service documents none.</summary>
    public const int MaxDepth = 64;

    private readonly FilterNode? _json;
    private readonly FilterTerms? _terms;

    private FilterPattern(string text, FilterNode? json, FilterTerms? terms) => (Text, _json, _terms) = (text, json, terms);

    /// <summary>The pattern as written.</summary>
    public string Text { get; }

    /// <summary>True for a pattern in braces, which looks at fields; false for one that looks for words anywhere in the line.</summary>
    public bool IsJson => _json is not null;

    /// <summary>Reads a pattern.</summary>
    /// <param name="text">The pattern.</param>
    /// <param name="pattern">What was read; null when it is none.</param>
    /// <param name="problem">Why it is none; null when it is one.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out FilterPattern? pattern, [NotNullWhen(false)] out FilterProblem? problem)
    {
        pattern = null;
        string start = text.TrimStart();
        if (text.Length > MaxLength)
        {
            problem = new FilterProblem($"the pattern has {text.Length} characters, more than {MaxLength}", MaxLength);
            return false;
        }

        if (start.StartsWith('['))
        {
            problem = new FilterProblem("a pattern in brackets is for lines of columns; audit events are JSON, which needs braces: { $.verb = \"delete\" }", text.Length - start.Length);
            return false;
        }

        if (start.StartsWith('{'))
        {
            FilterNode? json = new FilterPatternParser(text).Parse(out problem);
            pattern = json is null ? null : new FilterPattern(text, json, null);
        }
        else
        {
            FilterTerms? terms = FilterTerms.Parse(text, out problem);
            pattern = terms is null ? null : new FilterPattern(text, null, terms);
        }

        return pattern is not null;
    }

    /// <summary>Whether the service would count or pass on an event.</summary>
    /// <param name="line">The event as JSON text. A JSON pattern matches nothing that is not JSON.</param>
    public bool Matches(string line)
    {
        if (_terms is not null)
        {
            return _terms.Matches(line);
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            return Matches(document.RootElement);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Whether the service would count or pass on an event.</summary>
    /// <param name="root">The event.</param>
    /// <param name="missingDiffers">What <c>!=</c> gives where the field is missing.</param>
    public bool Matches(JsonElement root, bool missingDiffers = false) => _json?.Matches(root, missingDiffers) ?? _terms!.Matches(root.GetRawText());
}
