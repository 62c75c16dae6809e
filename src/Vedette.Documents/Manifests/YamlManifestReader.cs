using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Vedette.Documents.Manifests;

/// <summary>
/// Reads the first document of a YAML text as Kubernetes does (sigs.k8s.io/yaml over go-yaml v2, then JSON): the typing of <see cref="GoYamlTyping"/>, merge keys applied where they stand, of
/// duplicate keys the last, names in order. Bounded: <see cref="MaxTextLength"/>, <see cref="MaxDepth"/>, <see cref="MaxNodes"/> with every use of an alias counted in full.
/// </summary>
internal sealed class YamlManifestReader
{
    /// <summary>Longest text taken, in bytes. (Kubernetes' objects end at 1.5 MiB; kube-apiserver has no bound of its own on files.)</summary>
    public const int MaxTextLength = 4 * 1024 * 1024;

    /// <summary>Deepest nesting taken.</summary>
    public const int MaxDepth = 200;

    /// <summary>Most values taken, uses of aliases counted in full.</summary>
    public const int MaxNodes = 500_000;

    private readonly List<ManifestProblem> _duplicates = [];
    private readonly Dictionary<AnchorName, Written?> _anchors = [];
    private readonly Parser _parser;
    private int _nodes;

    private YamlManifestReader(string text) => _parser = new Parser(new Scanner(new StringReader(text), skipComments: true));

    public static Manifest Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaxTextLength)
        {
            return Manifest.Failed($"the text has more than {MaxTextLength} bytes", 0, 0);
        }

        if (!TryDecode(bytes, out string text, out ManifestProblem? problem))
        {
            return new Manifest(null, problem, [], 0);
        }

        try
        {
            return new YamlManifestReader(text).ReadFirst();
        }
        catch (UnreadableException unreadable)
        {
            return Manifest.Failed(unreadable.Message, unreadable.Line, unreadable.Column);
        }
        catch (YamlException exception)
        {
            int line = (int)exception.Start.Line;
            return Manifest.Failed($"yaml: line {line}: {exception.Message}", line, (int)exception.Start.Column);
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException or IndexOutOfRangeException)
        {
            // The scanner gives up on some broken texts without a place of its own.
            return Manifest.Failed("yaml: this is not YAML", 0, 0);
        }
    }

    private Manifest ReadFirst()
    {
        _parser.Consume<StreamStart>();
        if (_parser.TryConsume<StreamEnd>(out _))
        {
            return new Manifest(new ManifestNull(1, 1), null, [], 0);
        }

        _parser.Consume<DocumentStart>();
        Written written = Read(0);
        _parser.Consume<DocumentEnd>();
        return new Manifest(Resolve(written, 0), null, [.. _duplicates], NextDocument());
    }

    private int NextDocument()
    {
        try
        {
            return _parser.Accept<DocumentStart>(out _) ? (int)_parser.Current!.Start.Line : 0;
        }
        catch (YamlException exception)
        {
            // Kubernetes never looks there.
            return (int)exception.Start.Line;
        }
    }

    private Written Read(int depth)
    {
        ParsingEvent current = _parser.Current ?? throw new UnreadableException("yaml: the document ends too early", 0, 0);
        int line = (int)current.Start.Line;
        int column = (int)current.Start.Column;
        if (depth > MaxDepth)
        {
            throw new UnreadableException($"yaml: line {line}: more than {MaxDepth} levels of nesting", line, column);
        }

        _parser.MoveNext();
        switch (current)
        {
            case AnchorAlias alias:
                if (!_anchors.TryGetValue(alias.Value, out Written? target))
                {
                    throw new UnreadableException($"yaml: unknown anchor '{alias.Value}' referenced", line, column);
                }

                return new Alias(target ?? throw new UnreadableException($"yaml: anchor '{alias.Value}' value contains itself", line, column), line, column);
            case Scalar scalar:
                Written value = new WrittenScalar(scalar.Value, scalar.Tag.IsEmpty ? "" : scalar.Tag.Value, scalar.Style == ScalarStyle.Plain, line, column);
                Remember(scalar, value);
                return value;
            case SequenceStart sequence:
                Remember(sequence, null);
                List<Written> items = [];
                while (!_parser.TryConsume<SequenceEnd>(out _))
                {
                    items.Add(Read(depth + 1));
                }

                Written list = new WrittenList(items, line, column);
                Remember(sequence, list);
                return list;
            case MappingStart mapping:
                Remember(mapping, null);
                List<(Written, Written)> members = [];
                while (!_parser.TryConsume<MappingEnd>(out _))
                {
                    Written key = Read(depth + 1);
                    members.Add((key, Read(depth + 1)));
                }

                Written map = new WrittenMap(members, line, column);
                Remember(mapping, map);
                return map;
            default:
                throw new UnreadableException($"yaml: line {line}: unexpected {current.GetType().Name}", line, column);
        }
    }

    private void Remember(NodeEvent source, Written? node)
    {
        if (!source.Anchor.IsEmpty)
        {
            _anchors[source.Anchor] = node;
        }
    }

    private ManifestNode Resolve(Written written, int depth)
    {
        if (++_nodes > MaxNodes || depth > MaxDepth)
        {
            throw new UnreadableException("yaml: document contains excessive aliasing", written.Line, written.Column);
        }

        switch (written)
        {
            case Alias alias:
                return Resolve(alias.Target, depth + 1);
            case WrittenList list:
                return new ManifestList([.. list.Items.Select(item => Resolve(item, depth + 1))], list.Line, list.Column);
            case WrittenMap map:
                Dictionary<string, ManifestMember> members = new(StringComparer.Ordinal);
                Fill(members, map, depth);
                // Kubernetes makes JSON of a Go map, and that sorts names by their bytes.
                return new ManifestMap([.. members.Values.OrderBy(member => member.Name, Utf8Order.Instance)], map.Line, map.Column);
            default:
                return ResolveScalar((WrittenScalar)written);
        }
    }

    /// <summary>Sets the members of a map one after the other, those of merge keys where the merge stands: the later one wins (decode.go, mapping and merge).</summary>
    private void Fill(Dictionary<string, ManifestMember> members, WrittenMap map, int depth)
    {
        foreach ((Written key, Written value) in map.Members)
        {
            if (key is WrittenScalar { IsPlain: true, Text: "<<", Tag: "" } or WrittenScalar { Tag: "tag:yaml.org,2002:merge" })
            {
                Merge(members, value, depth + 1);
                continue;
            }

            (string name, string shown) = KeyOf(key, depth);
            ManifestNode resolved = Resolve(value, depth + 1);
            if (members.ContainsKey(shown))
            {
                _duplicates.Add(new ManifestProblem($"line {value.Line}: key {shown} already set in map", key.Line, key.Column));
            }

            members[shown] = new ManifestMember(name, resolved, key.Line, key.Column);
        }
    }

    private void Merge(Dictionary<string, ManifestMember> members, Written value, int depth)
    {
        switch (value is Alias alias ? alias.Target : value)
        {
            case WrittenMap map when depth <= MaxDepth:
                Fill(members, map, depth);
                break;
            case WrittenList list when value is WrittenList && list.Items.All(item => (item is Alias one ? one.Target : item) is WrittenMap):
                // From the last to the first: earlier maps take precedence over later ones.
                foreach (Written item in list.Items.AsEnumerable().Reverse())
                {
                    Merge(members, item, depth + 1);
                }

                break;
            default:
                throw new UnreadableException("yaml: map merge requires map or sequence of maps as the value", value.Line, value.Column);
        }
    }

    /// <summary>A key as JSON's name for it and as Go shows it, which also tells the number 1 from the text "1".</summary>
    private (string Name, string Shown) KeyOf(Written key, int depth)
    {
        switch (Resolve(key, depth + 1))
        {
            case ManifestText text:
                return (text.Value, GoText.Quote(text.Value));
            case ManifestBoolean truth:
                return (truth.Value ? "true" : "false", truth.Value ? "true" : "false");
            case ManifestNumber number:
                return (number.Text, number.Text);
            case ManifestNull:
                throw new UnreadableException("yaml: unsupported map key: null", key.Line, key.Column);
            default:
                throw new UnreadableException($"yaml: invalid map key: a {(key is WrittenList ? "list" : "map")} (line {key.Line})", key.Line, key.Column);
        }
    }

    private static ManifestNode ResolveScalar(WrittenScalar scalar)
    {
        int line = scalar.Line;
        int column = scalar.Column;
        string tag = scalar.Tag.Replace("tag:yaml.org,2002:", "!!", StringComparison.Ordinal);
        if (tag is "" ? !scalar.IsPlain : tag is not ("!!bool" or "!!int" or "!!float" or "!!null" or "!!binary"))
        {
            return new ManifestText(scalar.Text, line, column);
        }

        if (tag == "!!binary")
        {
            Span<byte> bytes = new byte[scalar.Text.Length];
            return Convert.TryFromBase64String(scalar.Text, bytes, out int length)
                ? new ManifestText(Encoding.UTF8.GetString(bytes[..length]), line, column)
                : throw new UnreadableException("yaml: !!binary value contains invalid base64 data", line, column);
        }

        ManifestNode resolved = GoYamlTyping.IsBeyondJson(scalar.Text)
            ? throw new UnreadableException($"json: unsupported value: {scalar.Text}", line, column)
            : GoYamlTyping.Resolve(scalar.Text, line, column);
        bool fits = tag switch
        {
            "" => true,
            "!!bool" => resolved is ManifestBoolean,
            "!!null" => resolved is ManifestNull,
            _ => resolved is ManifestNumber,
        };
        return fits ? resolved : throw new UnreadableException($"yaml: cannot decode `{scalar.Text}` as a {tag}", line, column);
    }

    /// <summary>The text, by its byte order mark; refuses what go-yaml's reader refuses (readerc.go).</summary>
    private static bool TryDecode(ReadOnlySpan<byte> bytes, out string text, out ManifestProblem? problem)
    {
        Encoding encoding = bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) ? Encoding.Unicode
            : bytes.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]) ? Encoding.BigEndianUnicode
            : new UTF8Encoding(false, throwOnInvalidBytes: true);
        problem = null;
        text = "";
        try
        {
            text = encoding.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            problem = new ManifestProblem("yaml: invalid UTF-8", 0, 0);
            return false;
        }

        text = text.StartsWith('\uFEFF') ? text[1..] : text;
        int line = 1;
        int start = 0;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c == '\n')
            {
                line++;
                start = i + 1;
            }
            else if (c is not ('\t' or '\r' or '\u0085') && (c < ' ' || c is >= '\u007F' and < '\u00A0' or '\uFFFE' or '\uFFFF'))
            {
                problem = new ManifestProblem("yaml: control characters are not allowed", line, i - start + 1);
                return false;
            }
        }

        return true;
    }

    private abstract record Written(int Line, int Column);

    private sealed record WrittenScalar(string Text, string Tag, bool IsPlain, int Line, int Column) : Written(Line, Column);

    private sealed record WrittenList(List<Written> Items, int Line, int Column) : Written(Line, Column);

    private sealed record WrittenMap(List<(Written Key, Written Value)> Members, int Line, int Column) : Written(Line, Column);

    private sealed record Alias(Written Target, int Line, int Column) : Written(Line, Column);

    private sealed class UnreadableException(string message, int line, int column) : Exception(message)
    {
        public int Line { get; } = line;

        public int Column { get; } = column;
    }

    /// <summary>Order of UTF-8 bytes, which for texts beyond the basic plane is not that of UTF-16 units.</summary>
    private sealed class Utf8Order : IComparer<string>
    {
        public static Utf8Order Instance { get; } = new();

        public int Compare(string? x, string? y) => Encoding.UTF8.GetBytes(x ?? "").AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(y ?? ""));
    }
}
