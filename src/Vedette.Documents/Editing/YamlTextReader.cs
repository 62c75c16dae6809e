using System.Collections.Immutable;
using Vedette.Documents.Yaml;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Vedette.Documents.Editing;

/// <summary>Reads a YAML text into nodes that know their range. Bounded as <see cref="YamlReader"/> is; aliases are not unfolded.</summary>
internal sealed class YamlTextReader
{
    private readonly Dictionary<AnchorName, YamlTextNode> _anchors = [];
    private readonly string _text;
    private readonly Parser _parser;
    private int _nodes;

    private YamlTextReader(string text)
    {
        _text = text;
        _parser = new Parser(new Scanner(new StringReader(text), skipComments: true));
    }

    /// <summary>The documents of a text; null when it is not YAML, and why.</summary>
    public static ImmutableArray<YamlTextNode>? Read(string file, string text, out Diagnostic? problem)
    {
        // The other reader says what is wrong, with its place; it also holds the bounds on size and on aliases.
        List<Diagnostic> diagnostics = [];
        YamlReader.Read(file, text, diagnostics);
        problem = diagnostics.Find(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
        return problem is null ? new YamlTextReader(text).ReadAll() : null;
    }

    private ImmutableArray<YamlTextNode> ReadAll()
    {
        ImmutableArray<YamlTextNode>.Builder documents = ImmutableArray.CreateBuilder<YamlTextNode>();
        _parser.Consume<StreamStart>();
        while (!_parser.TryConsume<StreamEnd>(out _))
        {
            _parser.Consume<DocumentStart>();
            _anchors.Clear();
            documents.Add(ReadNode());
            _parser.Consume<DocumentEnd>();
        }

        return documents.ToImmutable();
    }

    private YamlTextNode ReadNode()
    {
        if (++_nodes > YamlReader.MaxNodes)
        {
            throw new InvalidOperationException("the other reader has counted fewer nodes");
        }

        ParsingEvent current = _parser.Current!;
        int start = (int)current.Start.Index;
        _parser.MoveNext();
        YamlTextNode node = current switch
        {
            AnchorAlias alias => new YamlTextAlias(start, (int)alias.End.Index, _anchors[alias.Value]),
            Scalar scalar => ReadScalar(scalar, start),
            SequenceStart sequence => ReadSequence(sequence, start),
            _ => ReadMapping((MappingStart)current, start),
        };
        if (current is NodeEvent { Anchor.IsEmpty: false } anchored)
        {
            _anchors[anchored.Anchor] = node;
        }

        return node;
    }

    private YamlTextScalar ReadScalar(Scalar scalar, int start)
    {
        int end = (int)scalar.End.Index;
        YamlQuoting quoting = scalar.Style switch
        {
            ScalarStyle.SingleQuoted => YamlQuoting.Single,
            ScalarStyle.DoubleQuoted => YamlQuoting.Double,
            ScalarStyle.Literal or ScalarStyle.Folded => YamlQuoting.Block,
            _ => YamlQuoting.Plain,
        };
        if (quoting is YamlQuoting.Plain or YamlQuoting.Block)
        {
            // The scanner ends these behind line ends, and block scalars even behind the next line's blanks.
            end = start + _text.AsSpan(start, end - start).TrimEnd(" \t\r\n").Length;
        }

        int content = start;
        while (content < end && _text[content] is '&' or '!')
        {
            while (content < end && !char.IsWhiteSpace(_text[content]))
            {
                content++;
            }

            while (content < end && char.IsWhiteSpace(_text[content]))
            {
                content++;
            }
        }

        return new YamlTextScalar(start, end, scalar.Value, quoting, content);
    }

    private YamlTextSequence ReadSequence(SequenceStart sequence, int start)
    {
        ImmutableArray<YamlTextNode>.Builder items = ImmutableArray.CreateBuilder<YamlTextNode>();
        while (_parser.Current is not SequenceEnd)
        {
            items.Add(ReadNode());
        }

        // Of a closing bracket the scanner only knows its beginning.
        int end = (int)_parser.Consume<SequenceEnd>().Start.Index + 1;
        bool isFlow = sequence.Style == SequenceStyle.Flow;
        return new YamlTextSequence(start, isFlow ? end : items.Count > 0 ? items[^1].End : start, items.ToImmutable(), isFlow);
    }

    private YamlTextMapping ReadMapping(MappingStart mapping, int start)
    {
        ImmutableArray<YamlTextMember>.Builder members = ImmutableArray.CreateBuilder<YamlTextMember>();
        while (_parser.Current is not MappingEnd)
        {
            YamlTextNode key = ReadNode();
            YamlTextNode value = ReadNode();

            // Of a value that is not there the scanner only knows where the next token is.
            members.Add(new YamlTextMember(key, value is YamlTextScalar { IsAbsent: true } absent ? absent with { Start = key.End, End = key.End, ContentStart = key.End } : value));
        }

        int end = (int)_parser.Consume<MappingEnd>().Start.Index + 1;
        bool isFlow = mapping.Style == MappingStyle.Flow;
        return new YamlTextMapping(start, isFlow ? end : members.Count > 0 ? Math.Max(members[^1].Key.End, members[^1].Value.End) : start, members.ToImmutable(), isFlow);
    }
}
