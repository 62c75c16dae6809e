using System.Globalization;
using System.Text;

namespace Vedette.Pipeline.Watching;

/// <summary>
/// Values of labels, made harmless: control characters, invisible formatting (bidi overrides among it) and halves of surrogate pairs become U+FFFD, what is longer than <see cref="MaxLength"/> is cut.
/// </summary>
internal static class LabelText
{
    /// <summary>Longest value, in UTF-16 units.</summary>
    public const int MaxLength = 128;

    /// <summary>The value that stands for all that have no label of their own.</summary>
    public const string Other = "other";

    /// <summary>Copies a value, made harmless.</summary>
    /// <param name="value">The value.</param>
    /// <param name="into">Where to; <see cref="MaxLength"/> long.</param>
    /// <returns>Length written.</returns>
    public static int Copy(ReadOnlySpan<char> value, Span<char> into)
    {
        if (value.Length <= MaxLength && !value.ContainsAnyExceptInRange(' ', '~'))
        {
            value.CopyTo(into);
            return value.Length;
        }

        int length = 0;
        int limit = value.Length <= MaxLength ? MaxLength : MaxLength - 1;
        foreach (Rune rune in value.EnumerateRunes())
        {
            Rune safe = IsShown(rune) ? rune : Rune.ReplacementChar;
            if (length + safe.Utf16SequenceLength > limit)
            {
                into[length++] = '…';
                break;
            }

            length += safe.EncodeToUtf16(into[length..]);
        }

        return length;
    }

    /// <summary>A value with what the text formats escape: backslash, quote and line end.</summary>
    public static string Escape(string value) => value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static bool IsShown(Rune rune) => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
}
