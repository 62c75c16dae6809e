using System.Text;

namespace Vedette.Documents.Editing;

/// <summary>Puts one text in the place of another.</summary>
/// <param name="At">First character, in the text that is edited.</param>
/// <param name="Was">What stands there; empty for an insertion.</param>
/// <param name="Is">What is to stand there.</param>
public readonly record struct TextEdit(int At, string Was, string Is)
{
    /// <summary>Applies edits that do not overlap; insertions at one place keep their order.</summary>
    /// <param name="text">The text.</param>
    /// <param name="edits">The edits.</param>
    /// <param name="applied">The same edits with their places in the new text.</param>
    public static string Apply(string text, IEnumerable<TextEdit> edits, out IReadOnlyList<TextEdit> applied)
    {
        StringBuilder result = new();
        List<TextEdit> done = [];
        int from = 0;
        foreach (TextEdit edit in edits.Select((edit, order) => (edit, order)).OrderBy(pair => pair.edit.At).ThenBy(pair => pair.order).Select(pair => pair.edit))
        {
            result.Append(text, from, edit.At - from);
            done.Add(edit with { At = result.Length });
            result.Append(edit.Is);
            from = edit.At + edit.Was.Length;
        }

        applied = done;
        return result.Append(text, from, text.Length - from).ToString();
    }
}
