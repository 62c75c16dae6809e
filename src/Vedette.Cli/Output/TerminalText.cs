using System.Buffers;
using System.Globalization;
using System.Text;

namespace Vedette.Cli.Output;

/// <summary>
/// Makes text from events harmless on a terminal: control characters (escape sequences, line ends), characters that turn the direction of writing and others that nobody can see are shown as
/// <c>\u{…}</c>, so that a name chosen by an attacker can neither recolour nor rewrite a line.
/// </summary>
internal static class TerminalText
{
    private static readonly SearchValues<char> s_plain = SearchValues.Create(" !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~");

    /// <summary>The text, escaped.</summary>
    public static string Escape(string text)
    {
        if (!text.AsSpan().ContainsAnyExcept(s_plain))
        {
            return text;
        }

        StringBuilder escaped = new();
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (rune.Value == '\\')
            {
                escaped.Append("\\\\");
            }
            else if (IsVisible(rune))
            {
                escaped.Append(rune.ToString());
            }
            else
            {
                escaped.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:x}}}");
            }
        }

        return escaped.ToString();
    }

    private static bool IsVisible(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator
        or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
}
