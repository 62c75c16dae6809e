using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Vedette.Platforms.Verification;

namespace Vedette.Platforms.Eks.FilterPatterns;

/// <summary>What a field is compared with: a text in which <c>*</c> stands for anything, a number, or a regular expression. Case counts.</summary>
internal sealed class FilterValue
{
    private readonly string? _glob;
    private readonly double? _number;
    private readonly Regex? _expression;

    private FilterValue(string? glob, double? number, Regex? expression) => (_glob, _number, _expression) = (glob, number, expression);

    /// <summary>The number; null when the value is none.</summary>
    public double? Number => _number;

    /// <summary>A text in quotes.</summary>
    public static FilterValue Quoted(string text) => new(text, null, null);

    /// <summary>A text without quotes, which is a number where it reads as one.</summary>
    public static FilterValue Bare(string text) =>
        new(text, double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : null, null);

    /// <summary>A regular expression between percent signs.</summary>
    /// <exception cref="ArgumentException">It is none.</exception>
    public static FilterValue Expression(string text) => new(null, null, new Regex(text, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant));

    /// <summary>Whether a field's value, a string or a number, is this.</summary>
    public bool Equals(JsonElement value)
    {
        if (_number is { } number && value.ValueKind == JsonValueKind.Number)
        {
            return value.GetDouble() == number;
        }

        string text = value.AsText() ?? value.GetRawText();
        return _expression?.IsMatch(text) ?? IsLike(text, _glob!);
    }

    /// <summary>Whether a text is what a pattern with stars says; linear in both but for the text after the last star.</summary>
    private static bool IsLike(ReadOnlySpan<char> text, ReadOnlySpan<char> glob)
    {
        int star = glob.IndexOf('*');
        if (star < 0)
        {
            return text.SequenceEqual(glob);
        }

        if (!text.StartsWith(glob[..star], StringComparison.Ordinal))
        {
            return false;
        }

        text = text[star..];
        glob = glob[(star + 1)..];
        for (int next; (next = glob.IndexOf('*')) >= 0; glob = glob[(next + 1)..])
        {
            int found = text.IndexOf(glob[..next], StringComparison.Ordinal);
            if (found < 0)
            {
                return false;
            }

            text = text[(found + next)..];
        }

        return text.EndsWith(glob, StringComparison.Ordinal);
    }
}
