using System.Collections.Immutable;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Vedette.Documents.Yaml;

/// <summary>
/// Reads a YAML stream into nodes with positions. Bounded: <see cref="MaxTextLength"/> characters, <see cref="MaxDepth"/> levels, <see cref="MaxNodes"/> nodes
/// with every use of an alias counted in full, so that aliases cannot blow up.
/// </summary>
public sealed class YamlReader
{
    /// <summary>Longest text taken, in characters.</summary>
    public const int MaxTextLength = 4 * 1024 * 1024;

    /// <summary>Deepest nesting taken.</summary>
    public const int MaxDepth = 64;

    /// <summary>Most nodes taken from one stream.</summary>
    public const int MaxNodes = 200_000;

    private readonly string _file;
    private readonly ICollection<Diagnostic> _diagnostics;
    private readonly Dictionary<AnchorName, (YamlNode Node, int Size)> _anchors = [];
    private readonly Parser _parser;
    private int _nodes;

    private YamlReader(string file, string text, ICollection<Diagnostic> diagnostics)
    {
        _file = file;
        _diagnostics = diagnostics;
        _parser = new Parser(new Scanner(new StringReader(text), skipComments: true));
    }

    /// <summary>The documents of a stream. What cannot be read is a diagnostic; the documents before it are given all the same.</summary>
    public static ImmutableArray<YamlNode> Read(string file, string text, ICollection<Diagnostic> diagnostics)
    {
        if (text.Length > MaxTextLength)
        {
            diagnostics.Add(new Diagnostic("VY1001", DiagnosticSeverity.Error, file, 0, 0, $"The file has more than {MaxTextLength} characters."));
            return [];
        }

        ImmutableArray<YamlNode>.Builder documents = ImmutableArray.CreateBuilder<YamlNode>();
        try
        {
            YamlReader reader = new(file, text, diagnostics);
            reader._parser.Consume<StreamStart>();
            while (!reader._parser.TryConsume<StreamEnd>(out _))
            {
                reader._parser.Consume<DocumentStart>();
                reader._anchors.Clear();
                documents.Add(reader.ReadNode(0));
                reader._parser.Consume<DocumentEnd>();
            }
        }
        catch (YamlException exception)
        {
            diagnostics.Add(new Diagnostic(
                "VY1002", DiagnosticSeverity.Error, file, (int)exception.Start.Line, (int)exception.Start.Column,
                "This is not YAML: " + exception.Message, "Check indentation, quotes and colons on this line and the one before."));
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException or IndexOutOfRangeException)
        {
            // The scanner gives up on some broken texts without a place of its own.
            diagnostics.Add(new Diagnostic("VY1002", DiagnosticSeverity.Error, file, 0, 0, "This is not YAML.", "Check indentation, quotes and colons."));
        }

        return documents.ToImmutable();
    }

    private YamlNode ReadNode(int depth)
    {
        ParsingEvent current = _parser.Current ?? throw new YamlException("The document ends too early.");
        if (depth > MaxDepth)
        {
            throw new YamlException(current.Start, current.End, $"More than {MaxDepth} levels of nesting.");
        }

        Count(1, current);
        int before = _nodes;
        int line = (int)current.Start.Line;
        int column = (int)current.Start.Column;
        _parser.MoveNext();
        switch (current)
        {
            case AnchorAlias alias:
                if (!_anchors.TryGetValue(alias.Value, out (YamlNode Node, int Size) target))
                {
                    throw new YamlException(alias.Start, alias.End, $"The alias *{alias.Value} has no anchor before it.");
                }

                Count(target.Size, alias);
                return target.Node;
            case Scalar scalar:
                return Remember(scalar, new YamlScalar(scalar.Value, scalar.Style == ScalarStyle.Plain, line, column), before);
            case SequenceStart sequence:
                ImmutableArray<YamlNode>.Builder items = ImmutableArray.CreateBuilder<YamlNode>();
                while (!_parser.TryConsume<SequenceEnd>(out _))
                {
                    items.Add(ReadNode(depth + 1));
                }

                return Remember(sequence, new YamlSequence(items.ToImmutable(), line, column), before);
            case MappingStart mapping:
                return Remember(mapping, new YamlMapping(ReadMembers(depth), line, column), before);
            default:
                throw new YamlException(current.Start, current.End, $"Unexpected {current.GetType().Name}.");
        }
    }

    private ImmutableArray<YamlMember> ReadMembers(int depth)
    {
        List<YamlMember> members = [];
        List<YamlMember> merged = [];
        Dictionary<string, int> places = new(StringComparer.Ordinal);
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            YamlNode key = ReadNode(depth + 1);
            YamlNode value = ReadNode(depth + 1);
            if (key is not YamlScalar name)
            {
                Warn("VY1004", key, "A key that is a list or a map is ignored.", "Keys are plain texts.");
                continue;
            }

            if (name is { IsPlain: true, Text: "<<" })
            {
                merged.AddRange(MergedMembers(value));
            }
            else if (places.TryGetValue(name.Text, out int place))
            {
                Warn("VY1003", name, $"The key '{name.Text}' is here twice; the last one counts.", "Remove one of them.");
                members[place] = new YamlMember(name, value);
            }
            else
            {
                places.Add(name.Text, members.Count);
                members.Add(new YamlMember(name, value));
            }
        }

        // Merge keys (YAML 1.1): what the map says itself wins, then the first map merged.
        foreach (YamlMember member in merged)
        {
            if (places.TryAdd(member.Key.Text, members.Count))
            {
                members.Add(member);
            }
        }

        return [.. members];
    }

    private IEnumerable<YamlMember> MergedMembers(YamlNode value)
    {
        switch (value)
        {
            case YamlMapping map:
                return map.Members;
            case YamlSequence list:
                return list.Items.OfType<YamlMapping>().SelectMany(map => map.Members);
            default:
                Warn("VY1005", value, "'<<' merges maps; this is none.", "Give an alias of a map, or a list of them.");
                return [];
        }
    }

    private YamlNode Remember(NodeEvent source, YamlNode node, int before)
    {
        if (!source.Anchor.IsEmpty)
        {
            _anchors[source.Anchor] = (node, _nodes - before + 1);
        }

        return node;
    }

    private void Count(int nodes, ParsingEvent at)
    {
        _nodes += nodes;
        if (_nodes > MaxNodes)
        {
            throw new YamlException(at.Start, at.End, $"More than {MaxNodes} values, uses of aliases counted in full.");
        }
    }

    private void Warn(string code, YamlNode at, string message, string help) =>
        _diagnostics.Add(new Diagnostic(code, DiagnosticSeverity.Warning, _file, at.Line, at.Column, message, help));
}
