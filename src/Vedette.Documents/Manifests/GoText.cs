using System.Globalization;
using System.Text;

namespace Vedette.Documents.Manifests;

/// <summary>Texts as Go programs show them in messages.</summary>
public static class GoText
{
    /// <summary>A quoted Go string, as fmt's <c>%q</c> (strconv.Quote).</summary>
    public static string Quote(string text)
    {
        StringBuilder quoted = new(text.Length + 2);
        quoted.Append('"');
        foreach (Rune rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '"' => quoted.Append("\\\""),
                '\\' => quoted.Append(@"\\"),
                '\a' => quoted.Append(@"\a"),
                '\b' => quoted.Append(@"\b"),
                '\f' => quoted.Append(@"\f"),
                '\n' => quoted.Append(@"\n"),
                '\r' => quoted.Append(@"\r"),
                '\t' => quoted.Append(@"\t"),
                '\v' => quoted.Append(@"\v"),
                < 0x20 or 0x7F => quoted.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}"),
                _ when IsPrint(rune) => quoted.Append(rune.ToString()),
                < 0x10000 => quoted.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}"),
                _ => quoted.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:x8}"),
            };
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>A JSON string, as Go's encoding/json writes it: <c>&lt;</c>, <c>&gt;</c> and <c>&amp;</c> escaped, the rest of Unicode as it is.</summary>
    public static string Json(string text)
    {
        StringBuilder json = new(text.Length + 2);
        json.Append('"');
        foreach (char c in text)
        {
            _ = c switch
            {
                '"' => json.Append("\\\""),
                '\\' => json.Append(@"\\"),
                '\b' => json.Append(@"\b"),
                '\f' => json.Append(@"\f"),
                '\n' => json.Append(@"\n"),
                '\r' => json.Append(@"\r"),
                '\t' => json.Append(@"\t"),
                < ' ' or '<' or '>' or '&' or '\u2028' or '\u2029' => json.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => json.Append(c),
            };
        }

        return json.Append('"').ToString();
    }

    /// <summary>A JSON array of strings, as Go's encoding/json writes it.</summary>
    public static string Json(IEnumerable<string> texts) => $"[{string.Join(',', texts.Select(Json))}]";

    /// <summary>unicode.IsPrint: letters, marks, numbers, punctuation, symbols, and the ASCII blank.</summary>
    private static bool IsPrint(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
