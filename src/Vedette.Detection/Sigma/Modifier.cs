using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Vedette.Detection.Rules;

namespace Vedette.Detection.Sigma;

/// <summary>Sigma's value modifiers (specification 2.1.0, "Modifiers"): each turns a value into one or several alternatives, or says why it cannot.</summary>
internal static partial class Modifier
{
    /// <summary>Most variants that <c>windash</c> makes of one value.</summary>
    public const int MaxVariants = 3125;

    private static readonly ImmutableArray<string> s_dashes = ["-", "/", "–", "—", "―"];

    /// <summary>Is there a modifier of this name that changes values? (<c>all</c> and <c>neq</c> change the item.)</summary>
    public static bool Exists(string name) => name is "contains" or "startswith" or "endswith" or "re" or "i" or "ignorecase" or "m" or "multiline" or "s" or "dotall"
        or "cased" or "exists" or "base64" or "base64offset" or "wide" or "utf16le" or "utf16be" or "utf16" or "windash" or "cidr" or "gt" or "gte" or "lt" or "lte"
        or "fieldref" or "minute" or "hour" or "day" or "week" or "month" or "year" or "expand";

    /// <summary>Must it stand first?</summary>
    public static bool MustBeFirst(string name) => name is "re" or "cidr" or "exists" or "fieldref" or "minute" or "hour" or "day" or "week" or "month" or "year";

    /// <summary>Applies a modifier to a value.</summary>
    /// <param name="name">The modifier.</param>
    /// <param name="value">The value so far.</param>
    /// <param name="raw">The value as written, for those that read it their own way.</param>
    /// <param name="options">Placeholders.</param>
    /// <param name="error">Why it cannot be applied.</param>
    public static ImmutableArray<SigmaValue> Apply(string name, SigmaValue value, string raw, SigmaOptions options, out string? error)
    {
        error = null;
        if (value is SigmaValue.Encoded encoded && !name.StartsWith("base64", StringComparison.Ordinal))
        {
            value = encoded.ToText();
        }

        switch (name, value)
        {
            case ("contains", SigmaValue.Text text):
                return [text with { Pattern = SigmaText.Place(text.Pattern, TextPosition.Anywhere) }];
            case ("startswith", SigmaValue.Text text):
                return [text with { Pattern = SigmaText.Place(text.Pattern, TextPosition.Start) }];
            case ("endswith", SigmaValue.Text text):
                return [text with { Pattern = SigmaText.Place(text.Pattern, TextPosition.End) }];
            case ("contains" or "startswith" or "endswith", SigmaValue.Expression):
                // An expression is searched for anywhere, so ".*" before or after it changes nothing.
                return [value];
            case ("contains", SigmaValue.Reference other):
                return [other with { Position = TextPosition.Anywhere }];
            case ("startswith", SigmaValue.Reference other):
                return [other with { Position = TextPosition.Start }];
            case ("endswith", SigmaValue.Reference other):
                return [other with { Position = TextPosition.End }];
            case ("re", SigmaValue.Text):
                return [new SigmaValue.Expression(RegexTranslation.ToDotNet(raw), RegexOptions.None)];
            case ("i" or "ignorecase", SigmaValue.Expression expression):
                return [expression with { Options = expression.Options | RegexOptions.IgnoreCase }];
            case ("m" or "multiline", SigmaValue.Expression expression):
                return [expression with { Options = expression.Options | RegexOptions.Multiline }];
            case ("s" or "dotall", SigmaValue.Expression expression):
                return [expression with { Options = expression.Options | RegexOptions.Singleline }];
            case ("cased", SigmaValue.Text text):
                return [text with { CaseSensitive = true }];
            case ("cased", SigmaValue.Reference other):
                return [other with { CaseSensitive = true }];
            case ("exists", SigmaValue.Truth truth):
                return [new SigmaValue.Presence(truth.Value)];
            case ("wide" or "utf16le", SigmaValue.Text { Pattern.IsLiteral: true } text):
                return [new SigmaValue.Encoded(Encoding.Unicode.GetBytes(text.Pattern.LiteralText))];
            case ("utf16be", SigmaValue.Text { Pattern.IsLiteral: true } text):
                return [new SigmaValue.Encoded(Encoding.BigEndianUnicode.GetBytes(text.Pattern.LiteralText))];
            case ("utf16", SigmaValue.Text { Pattern.IsLiteral: true } text):
                return [new SigmaValue.Encoded([0xff, 0xfe, .. Encoding.Unicode.GetBytes(text.Pattern.LiteralText)])];
            case ("base64", SigmaValue.Text { Pattern.IsLiteral: true } or SigmaValue.Encoded):
                return [Literal(Convert.ToBase64String(Bytes(value)))];
            case ("base64offset", SigmaValue.Text { Pattern.IsLiteral: true } or SigmaValue.Encoded):
                return Base64AtEveryOffset(Bytes(value));
            case ("base64" or "base64offset" or "wide" or "utf16le" or "utf16be" or "utf16", SigmaValue.Text):
                error = "wildcards cannot be encoded; remove them, or escape them with a backslash";
                return [];
            case ("windash", SigmaValue.Text text):
                return Dashes(text, out error);
            case ("cidr", SigmaValue.Text):
                // .NET cuts the host bits off where Sigma wants them refused.
                if (IPNetwork.TryParse(raw, out IPNetwork network) && IPAddress.Parse(raw.AsSpan(0, raw.IndexOf('/', StringComparison.Ordinal))).Equals(network.BaseAddress))
                {
                    return [new SigmaValue.Network(network)];
                }

                error = $"'{raw}' is no network; the bits after the prefix must be zero, as in 10.0.0.0/8 or fd00::/8";
                return [];
            case ("gt" or "gte" or "lt" or "lte", SigmaValue.Number number):
                return [new SigmaValue.Comparison(ComparisonOf(name), number.Value)];
            case ("gt" or "gte" or "lt" or "lte", SigmaValue.Time time):
                return [time with { Operator = ComparisonOf(name) }];
            case ("gt" or "gte" or "lt" or "lte", SigmaValue.Text):
                error = "it compares numbers, and this is a text; write the number without quotes";
                return [];
            case ("minute" or "hour" or "day" or "week" or "month" or "year", SigmaValue.Number number)
                when number.Value is >= 0 and <= 9999 && decimal.IsInteger(number.Value):
                return [new SigmaValue.Time(UnitOf(name), Rules.Comparison.Equal, (int)number.Value)];
            case ("fieldref", SigmaValue.Text { Pattern.IsLiteral: true } text):
                return [new SigmaValue.Reference(options.Mapping.Map(text.Pattern.LiteralText), TextPosition.Whole, CaseSensitive: false)];
            case ("fieldref", SigmaValue.Text):
                error = "the name of a field has no wildcards";
                return [];
            case ("expand", SigmaValue.Text text):
                return Expand(text, options, out error);
            default:
                error = $"it cannot be applied to {value.Kind}";
                return [];
        }
    }

    private static SigmaValue.Text Literal(string text) => new(TextPattern.Literal(text));

    private static byte[] Bytes(SigmaValue value) => value is SigmaValue.Encoded encoded
        ? encoded.Bytes
        : Encoding.UTF8.GetBytes(((SigmaValue.Text)value).Pattern.LiteralText);

    /// <summary>What base64 text of the bytes is the same wherever they start in a longer text.</summary>
    private static ImmutableArray<SigmaValue> Base64AtEveryOffset(byte[] bytes)
    {
        ReadOnlySpan<int> skipAtStart = [0, 2, 3];
        ReadOnlySpan<int> skipAtEnd = [0, 3, 2];
        ImmutableArray<SigmaValue>.Builder variants = ImmutableArray.CreateBuilder<SigmaValue>(3);
        for (int offset = 0; offset < 3; offset++)
        {
            string text = Convert.ToBase64String([.. new byte[offset], .. bytes]);
            int end = text.Length - skipAtEnd[(bytes.Length + offset) % 3];
            variants.Add(Literal(text[Math.Min(skipAtStart[offset], end)..end]));
        }

        return variants.ToImmutable();
    }

    /// <summary>All ways to write the dashes that begin an option: a dash or slash after a non-word character (or none) and before a word character.</summary>
    private static ImmutableArray<SigmaValue> Dashes(SigmaValue.Text value, out string? error)
    {
        error = null;
        List<string> written = [value.Pattern.ToString()];
        string text = written[0];
        int[] places = [.. Enumerable.Range(0, text.Length).Where(i => text[i] is '-' or '/'
            && (i == 0 || !IsWord(text[i - 1])) && i + 1 < text.Length && IsWord(text[i + 1]))];
        if (Math.Pow(s_dashes.Length, places.Length) > MaxVariants)
        {
            error = $"the value has {places.Length} dashes, which makes too many variants";
            return [];
        }

        // Every dash is one character, so the places stay where they are.
        foreach (int place in places)
        {
            written = [.. written.SelectMany(one => s_dashes.Select(dash => string.Concat(one.AsSpan(0, place), dash, one.AsSpan(place + 1))))];
        }

        return [.. written.Select(one => value with { Pattern = SigmaText.Parse(one) })];
    }

    private static bool IsWord(char character) => char.IsLetterOrDigit(character) || character == '_';

    private static ImmutableArray<SigmaValue> Expand(SigmaValue.Text value, SigmaOptions options, out string? error)
    {
        error = null;
        List<string> written = [value.Pattern.ToString().Replace("\\\\%", "\u0000", StringComparison.Ordinal)];
        foreach (Match placeholder in Placeholder().Matches(written[0]))
        {
            string name = placeholder.Groups["name"].Value;
            if (!options.Placeholders.TryGetValue(name, out ImmutableArray<string> values))
            {
                error = $"the placeholder %{name}% has no values; give them with --placeholder {name}=VALUE,...";
                return [];
            }

            if ((long)written.Count * values.Length > MaxVariants)
            {
                error = "its placeholders make too many variants";
                return [];
            }

            written = [.. written.SelectMany(one => values.Select(replacement => one.Replace(placeholder.Value, replacement, StringComparison.Ordinal)))];
        }

        return [.. written.Select(one => value with { Pattern = SigmaText.Parse(one.Replace('\u0000', '%')) })];
    }

    private static Rules.Comparison ComparisonOf(string name) => name switch
    {
        "gt" => Rules.Comparison.Greater,
        "gte" => Rules.Comparison.GreaterOrEqual,
        "lt" => Rules.Comparison.Less,
        _ => Rules.Comparison.LessOrEqual,
    };

    private static TimeUnit UnitOf(string name) => Enum.Parse<TimeUnit>(CultureInfo.InvariantCulture.TextInfo.ToTitleCase(name));

    [GeneratedRegex(@"%(?<name>\w+)%", RegexOptions.CultureInvariant)]
    private static partial Regex Placeholder();
}
