using System.Collections.Immutable;

namespace Vedette.Documents.Editing;

/// <summary>
/// Edits a YAML text by positions: what is not edited keeps its comments, order, quotes and blanks. What is added is written as its neighbours are: in a block or in a flow, quoted, indented and
/// ended as they are.
/// </summary>
public sealed class YamlEditor
{
    private readonly string _text;
    private readonly string _lineEnd;
    private readonly List<TextEdit> _edits = [];

    private YamlEditor(string text, ImmutableArray<YamlTextNode> documents)
    {
        _text = text;
        _lineEnd = text.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";
        Documents = documents;
    }

    /// <summary>The documents of the text as it was.</summary>
    public ImmutableArray<YamlTextNode> Documents { get; }

    /// <summary>The edits so far, by places in the text as it was.</summary>
    public IReadOnlyList<TextEdit> Edits => _edits;

    /// <summary>Opens a text; null when it is not YAML, and why.</summary>
    public static YamlEditor? Open(string file, string text, out Diagnostic? problem) =>
        YamlTextReader.Read(file, text, out problem) is { } documents ? new YamlEditor(text, documents) : null;

    /// <summary>Line and column of a character, from 1.</summary>
    public (int Line, int Column) PlaceOf(int at)
    {
        ReadOnlySpan<char> before = _text.AsSpan(0, at);
        return (before.Count('\n') + 1, at - (before.LastIndexOf('\n') + 1) + 1);
    }

    /// <summary>The text of a block, moved to the left margin.</summary>
    public string TextOf(YamlTextNode node)
    {
        int line = LineStart(node.Start);
        int column = node.Start - line;
        return string.Join('\n', _text[line..node.End].Split('\n').Select(content => content[Math.Min(column, content.Length)..])) + "\n";
    }

    /// <summary>Puts a text in the place of a scalar's, in its way of quoting.</summary>
    public void Replace(YamlTextScalar scalar, string value) => Edit(scalar.ContentStart, scalar.End, YamlValue.Quote(value, scalar.Quoting));

    /// <summary>Puts a truth value in the place of a scalar.</summary>
    public void Replace(YamlTextScalar scalar, bool value) => Edit(scalar.ContentStart, scalar.End, value ? "true" : "false");

    /// <summary>Adds items to the end of a list.</summary>
    public void Append(YamlTextSequence sequence, IReadOnlyList<YamlValue> items)
    {
        YamlQuoting quoting = QuotingOf(sequence.Items.LastOrDefault());
        if (sequence.IsFlow)
        {
            AppendFlow(sequence.Start, sequence.End, sequence.Items.LastOrDefault()?.Start, sequence.Items.LastOrDefault()?.End, [.. items.Select(item => item.ToFlow(quoting))]);
            return;
        }

        YamlTextNode last = sequence.Items[^1];
        int dash = DashBefore(last);
        int column = ColumnOf(dash);
        string gap = _text[(dash + 1)..last.Start] is { Length: > 0 } between && between.All(c => c == ' ') ? between : " ";
        InsertLines(last.End, items.Select(item => new string(' ', column) + "-" + gap + item.ToBlock(column + 1 + gap.Length, _lineEnd, quoting)));
    }

    /// <summary>Adds a member to the end of a map.</summary>
    public void Add(YamlTextMapping mapping, string name, YamlValue value)
    {
        YamlTextMember? last = mapping.Members.LastOrDefault();
        if (mapping.IsFlow)
        {
            YamlQuoting quoting = QuotingOf(last?.Value);
            AppendFlow(mapping.Start, mapping.End, last?.Key.Start, last is null ? null : Math.Max(last.Key.End, last.Value.End), [((YamlMapValue)YamlValue.Map((name, value))).ToFlow(quoting)[1..^1]]);
            return;
        }

        int column = ColumnOf(mapping.Members[0].Key.Start);
        InsertLines(mapping.End, [new string(' ', column) + YamlValue.Map((name, value)).ToBlock(column, _lineEnd, YamlQuoting.Plain)]);
    }

    /// <summary>Gives a value to a key that has none (<c>volumes:</c>, <c>volumes: null</c>).</summary>
    public void Fill(YamlTextMember member, YamlValue value)
    {
        YamlTextScalar absent = (YamlTextScalar)member.Value;
        int column = ColumnOf(member.Key.Start);
        int indentation = value is YamlListValue ? column : column + 2;
        if (absent.IsAbsent)
        {
            InsertLines(_text.IndexOf(':', member.Key.End) + 1, [new string(' ', indentation) + value.ToBlock(indentation, _lineEnd, YamlQuoting.Plain)]);
        }
        else
        {
            Edit(absent.Start, absent.End, value.ToFlow(YamlQuoting.Double));
        }
    }

    /// <summary>The text with its edits.</summary>
    /// <param name="applied">The edits by their places in it.</param>
    public string Apply(out IReadOnlyList<TextEdit> applied) => TextEdit.Apply(_text, _edits, out applied);

    private void AppendFlow(int start, int end, int? lastStart, int? lastEnd, string[] items)
    {
        if (lastStart is null || lastEnd is null)
        {
            // After the opening bracket, which an anchor or a tag may precede.
            int open = _text.IndexOfAny(['[', '{'], start) + 1;
            Insert(open, string.Join(", ", items));
            return;
        }

        int lineStart = LineStart(lastStart.Value);
        string separator = _text.AsSpan(lineStart, lastStart.Value - lineStart).Trim().IsEmpty ? "," + _lineEnd + _text[lineStart..lastStart.Value] : ", ";
        int comma = lastEnd.Value;
        while (comma < end && char.IsWhiteSpace(_text[comma]))
        {
            comma++;
        }

        string added = string.Concat(items.Select(item => separator + item));
        if (_text[comma] == ',')
        {
            // A comma stands behind the last item already.
            Insert(comma + 1, added[1..] + ",");
        }
        else
        {
            Insert(lastEnd.Value, added);
        }
    }

    /// <summary>Puts lines after the line that a character is on, behind its comment.</summary>
    private void InsertLines(int after, IEnumerable<string> lines)
    {
        int end = _text.IndexOf('\n', after);
        if (end < 0)
        {
            Insert(_text.Length, string.Concat(lines.Select(line => _lineEnd + line)));
        }
        else
        {
            Insert(end + 1, string.Concat(lines.Select(line => line + _lineEnd)));
        }
    }

    private void Insert(int at, string text) => _edits.Add(new TextEdit(at, "", text));

    private void Edit(int start, int end, string text) => _edits.Add(new TextEdit(start, _text[start..end], text));

    /// <summary>The dash of an item, which blanks, a line end or comments may part from it.</summary>
    private int DashBefore(YamlTextNode item)
    {
        int line = LineStart(item.Start);
        int dash = _text.AsSpan(line, item.Start - line).LastIndexOf('-');
        while (dash < 0)
        {
            int end = line;
            line = LineStart(line - 1);
            ReadOnlySpan<char> content = _text.AsSpan(line, end - line);
            ReadOnlySpan<char> trimmed = content.TrimStart();
            dash = trimmed.StartsWith("-") ? content.Length - trimmed.Length : -1;
        }

        return line + dash;
    }

    private int LineStart(int at) => at <= 0 ? 0 : _text.LastIndexOf('\n', at - 1) + 1;

    private int ColumnOf(int at) => at - LineStart(at);

    private static YamlQuoting QuotingOf(YamlTextNode? sample) =>
        sample is YamlTextScalar { Quoting: YamlQuoting.Single or YamlQuoting.Double } scalar ? scalar.Quoting : YamlQuoting.Plain;
}
