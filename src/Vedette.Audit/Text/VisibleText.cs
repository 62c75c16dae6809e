using System.Buffers;
using System.Globalization;
using System.Text;

namespace Vedette.Audit.Text;

/// <summary>
/// Makes text from events say what it is: control characters (escape sequences, line ends), characters that turn the direction of writing and others that nobody can see are shown as
/// <c>\u{…}</c>, a backslash as two. Every place text is shown in needs this; markup is escaped on top.
/// </summary>
public static class VisibleText
{
    private static readonly SearchValues<char> s_plain = SearchValues.Create(" !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~");

    /// <summary>The text, all of it.</summary>
    public static string Of(string text)
    {
        if (!text.AsSpan().ContainsAnyExcept(s_plain))
        {
            return text;
        }

        StringBuilder visible = new();
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (rune.Value == '\\')
            {
                visible.Append("\\\\");
            }
            else if (IsVisible(rune))
            {
                visible.Append(rune.ToString());
            }
            else
            {
                visible.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:x}}}");
            }
        }

        return visible.ToString();
    }

    /// <summary>The beginning of a text, as it is, with a word on how much is missing.</summary>
    /// <param name="text">The text.</param>
    /// <param name="maxLength">Most characters kept, in UTF-16 units.</param>
    public static string Cut(string text, int maxLength)
    {
        if (text.Length <= maxLength)
        {
            return text;
        }

        int end = char.IsHighSurrogate(text[maxLength - 1]) ? maxLength - 1 : maxLength;
        return string.Create(CultureInfo.InvariantCulture, $"{text.AsSpan(0, end)}… ({text.Length - end:N0} more characters)");
    }

    private static bool IsVisible(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator
        or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
}
