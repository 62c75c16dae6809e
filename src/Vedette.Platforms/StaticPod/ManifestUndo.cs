using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Vedette.Documents.Editing;

namespace Vedette.Platforms.StaticPod;

/// <summary>
/// What takes a patch back, kept in comments at the end of the patched manifest itself: no copy of the original is needed anywhere, least of all in the manifests directory, where kubelet would run it.
/// </summary>
internal static class ManifestUndo
{
    private const string Mark = "# vedette-undo: ";

    private const string Head = Mark + "'vedette setup static-pod --revert' takes the changes below back. Leave these lines as they are.";

    private const string NoLineEnd = " (The manifest had no line end.)";

    /// <summary>Adds the record of edits to a patched text.</summary>
    /// <param name="patched">The text.</param>
    /// <param name="edits">The edits, by their places in it.</param>
    public static string Record(string patched, IReadOnlyList<TextEdit> edits)
    {
        if (edits.Count == 0)
        {
            return patched;
        }

        string lineEnd = patched.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";
        bool ends = patched.EndsWith('\n');
        StringBuilder text = new(patched);
        text.Append(ends ? "" : lineEnd).Append(Head).Append(ends ? "" : NoLineEnd).Append(lineEnd);
        foreach (TextEdit edit in WholeLines(patched, edits))
        {
            text.Append(Mark).Append(ToJson(edit)).Append(lineEnd);
        }

        return text.ToString();
    }

    /// <summary>Takes a recorded patch back.</summary>
    /// <param name="text">The text.</param>
    /// <param name="why">Why it cannot be taken back; null when it can, or when there is no record.</param>
    /// <returns>The text as it was before; the text itself where nothing is recorded.</returns>
    public static string Revert(string text, out string? why)
    {
        why = null;
        int head = text.IndexOf(Head, StringComparison.Ordinal);
        if (head < 0)
        {
            return text;
        }

        string[] lines = text[head..].Split('\n');
        int last = Array.FindLastIndex(lines, line => line.StartsWith(Mark, StringComparison.Ordinal));
        string body = text[..head];
        if (lines[0].Contains(NoLineEnd, StringComparison.Ordinal))
        {
            body = body.EndsWith("\r\n", StringComparison.Ordinal) ? body[..^2] : body[..^1];
        }

        // What somebody wrote behind the record stays.
        string rest = string.Join('\n', lines[(last + 1)..]);
        foreach (string line in lines[1..(last + 1)].Where(line => line.StartsWith(Mark, StringComparison.Ordinal)).Reverse())
        {
            if (FromJson(line[Mark.Length..].TrimEnd('\r')) is not { } edit)
            {
                why = "its record is damaged: " + line.TrimEnd('\r');
                return text;
            }

            int at = Find(body, edit);
            if (at < 0)
            {
                why = string.Create(CultureInfo.InvariantCulture, $"what setup wrote has been changed since: '{edit.Is.Trim()}' is not there any more, or there twice; take it out by hand");
                return text;
            }

            body = string.Concat(body.AsSpan(0, at), edit.Was, body.AsSpan(at + edit.Is.Length));
        }

        return body + rest;
    }

    /// <summary>Edits of whole lines, which are found again when other lines have changed; edits that share a line stay as they are.</summary>
    private static IEnumerable<TextEdit> WholeLines(string text, IReadOnlyList<TextEdit> edits)
    {
        for (int i = 0; i < edits.Count; i++)
        {
            TextEdit edit = edits[i];
            int after = edit.At + edit.Is.Length;
            int start = edit.At == 0 ? 0 : text.LastIndexOf('\n', edit.At - 1) + 1;
            int end = edit.Is.EndsWith('\n') ? after : text.IndexOf('\n', after) is >= 0 and int lineEnd ? lineEnd + 1 : text.Length;
            bool isAlone = (i == 0 || edits[i - 1].At + edits[i - 1].Is.Length <= start) && (i == edits.Count - 1 || edits[i + 1].At >= end);
            yield return isAlone ? new TextEdit(start, text[start..edit.At] + edit.Was + text[after..end], text[start..end]) : edit;
        }
    }

    /// <summary>Where an edit's text is: in its place, or, when lines before it have changed, wherever it is once.</summary>
    private static int Find(string text, TextEdit edit)
    {
        if (edit.At + edit.Is.Length <= text.Length && text.AsSpan(edit.At, edit.Is.Length).SequenceEqual(edit.Is))
        {
            return edit.At;
        }

        int first = text.IndexOf(edit.Is, StringComparison.Ordinal);
        return first >= 0 && text.IndexOf(edit.Is, first + 1, StringComparison.Ordinal) < 0 ? first : -1;
    }

    private static string ToJson(TextEdit edit)
    {
        ArrayBufferWriter<byte> bytes = new();
        using (Utf8JsonWriter writer = new(bytes))
        {
            writer.WriteStartObject();
            writer.WriteNumber("at", edit.At);
            writer.WriteString("is", edit.Is);
            writer.WriteString("was", edit.Was);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    private static TextEdit? FromJson(string json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement;
            return new TextEdit(root.GetProperty("at").GetInt32(), root.GetProperty("was").GetString()!, root.GetProperty("is").GetString()!);
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }
}
