using System.Globalization;
using System.Text;

namespace Vedette.Documents.Yaml;

/// <summary>Writes texts as YAML scalars that every version of YAML reads back as the same text.</summary>
public static class YamlScalars
{
    /// <summary>The text without quotes where that is safe, else in double quotes.</summary>
    public static string Quote(string text) => IsPlain(text) ? text : DoubleQuote(text);

    /// <summary>The text in double quotes.</summary>
    public static string DoubleQuote(string text)
    {
        StringBuilder quoted = new("\"");
        foreach (char c in text)
        {
            quoted.Append(c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                < ' ' or '\u007F' or '\u0085' or '\u2028' or '\u2029' or '\uFEFF' => "\\u" + ((int)c).ToString("x4", CultureInfo.InvariantCulture),
                _ => c.ToString(),
            });
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>The text in single quotes; in double quotes where single ones cannot hold it on one line.</summary>
    public static string SingleQuote(string text) => text.Any(c => c < ' ' || c is '\u007F' or '\u0085' or '\u2028' or '\u2029' or '\uFEFF') ? DoubleQuote(text) : "'" + text.Replace("'", "''", StringComparison.Ordinal) + "'";

    /// <summary>Is the text safe without quotes, in blocks and in flows, and read as text by YAML 1.1 and 1.2?</summary>
    public static bool IsPlain(string text)
    {
        if (text.Length == 0 || !text.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '_' or '-' or '=' or ':' or '@' or '+' or '*' or '%' or '~' or '$') || text[^1] == ':')
        {
            return false;
        }

        bool startsAsText = char.IsAsciiLetter(text[0]) || text[0] == '/' || text[0] == '-' && text.Length > 2 && text[1] == '-' && char.IsAsciiLetter(text[2]);
        return startsAsText && text.ToLowerInvariant() is not ("true" or "false" or "yes" or "no" or "on" or "off" or "y" or "n" or "null") && YamlTyping.TypeOf(new YamlScalar(text, true, 1, 1), out _, out _, out _) == YamlType.Text;
    }
}
