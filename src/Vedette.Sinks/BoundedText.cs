using Vedette.Audit.Text;

namespace Vedette.Sinks;

/// <summary>Text of a finding for somebody else's program: made visible as everywhere, and never longer than that program takes well.</summary>
internal static class BoundedText
{
    private const string More = "…";

    /// <summary>The text.</summary>
    /// <param name="text">As it is in the event.</param>
    /// <param name="maxLength">Most UTF-16 units of the result; when there was more, it ends with "…".</param>
    public static string Of(string text, int maxLength)
    {
        // Making visible never shortens: what is beyond the limit before is beyond it after.
        string visible = VisibleText.Of(text.Length <= maxLength ? text : Head(text, maxLength));
        return visible.Length <= maxLength && text.Length <= maxLength ? visible : Head(visible, maxLength - More.Length) + More;
    }

    /// <summary>The beginning of a text; a pair of surrogates is not torn.</summary>
    public static string Head(string text, int maxLength) =>
        text.Length <= maxLength ? text : text[..(maxLength > 0 && char.IsHighSurrogate(text[maxLength - 1]) ? maxLength - 1 : maxLength)];
}
