using System.Collections.Immutable;
using System.Text;

namespace Vedette.Documents.Yaml;

/// <summary>
/// YAML files as they were read, places included, in a form that needs no parsing: for files that come with a program and were read when it was built. Little-endian; texts first, each
/// once, then the files, whose nodes name them by number.
/// </summary>
public static class YamlArchive
{
    private const uint Signature = 0x31415956; // "VYA1"

    private enum NodeKind : byte
    {
        Plain,
        Quoted,
        Sequence,
        Mapping,
    }

    /// <summary>Writes files.</summary>
    /// <param name="files">Their names and documents.</param>
    /// <param name="to">Takes the archive; stays open.</param>
    public static void Write(IReadOnlyCollection<KeyValuePair<string, ImmutableArray<YamlNode>>> files, Stream to)
    {
        Dictionary<string, int> numbers = new(StringComparer.Ordinal);
        using MemoryStream body = new();
        using (BinaryWriter writer = new(body, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write7BitEncodedInt(files.Count);
            foreach ((string name, ImmutableArray<YamlNode> documents) in files)
            {
                using MemoryStream file = new();
                using BinaryWriter nodes = new(file, Encoding.UTF8);
                WriteAll(nodes, numbers, documents);
                WriteText(writer, numbers, name);
                writer.Write7BitEncodedInt((int)file.Length);
                writer.Write(file.GetBuffer(), 0, (int)file.Length);
            }
        }

        using BinaryWriter archive = new(to, Encoding.UTF8, leaveOpen: true);
        archive.Write(Signature);
        archive.Write7BitEncodedInt(numbers.Count);
        foreach (string text in numbers.OrderBy(pair => pair.Value).Select(pair => pair.Key))
        {
            archive.Write(text);
        }

        archive.Write(body.GetBuffer(), 0, (int)body.Length);
    }

    /// <summary>Reads an archive.</summary>
    /// <param name="from">The archive, whole.</param>
    /// <returns>The files in the order they were written, each with what makes its documents: they take far more memory than the archive, and nobody needs those of all files at once.</returns>
    /// <exception cref="InvalidDataException">This is none.</exception>
    /// <exception cref="EndOfStreamException">It ends too early.</exception>
    public static ImmutableArray<KeyValuePair<string, Func<ImmutableArray<YamlNode>>>> Read(Stream from)
    {
        using BinaryReader reader = new(from, Encoding.UTF8, leaveOpen: true);
        if (reader.ReadUInt32() != Signature)
        {
            throw new InvalidDataException("this is no archive of YAML files, or one of another version");
        }

        string[] texts = new string[reader.Read7BitEncodedInt()];
        for (int i = 0; i < texts.Length; i++)
        {
            texts[i] = reader.ReadString();
        }

        KeyValuePair<string, Func<ImmutableArray<YamlNode>>>[] files = new KeyValuePair<string, Func<ImmutableArray<YamlNode>>>[reader.Read7BitEncodedInt()];
        for (int i = 0; i < files.Length; i++)
        {
            string name = texts[reader.Read7BitEncodedInt()];
            int length = reader.Read7BitEncodedInt();
            byte[] nodes = reader.ReadBytes(length);
            files[i] = nodes.Length == length ? new(name, () => ReadAll(nodes, texts)) : throw new EndOfStreamException();
        }

        return [.. files];
    }

    private static ImmutableArray<YamlNode> ReadAll(byte[] nodes, string[] texts)
    {
        using BinaryReader reader = new(new MemoryStream(nodes), Encoding.UTF8);
        return ReadAll(reader, texts);
    }

    private static void WriteText(BinaryWriter writer, Dictionary<string, int> numbers, string text)
    {
        numbers.TryAdd(text, numbers.Count);
        writer.Write7BitEncodedInt(numbers[text]);
    }

    private static void WriteAll(BinaryWriter writer, Dictionary<string, int> numbers, ImmutableArray<YamlNode> nodes)
    {
        writer.Write7BitEncodedInt(nodes.Length);
        foreach (YamlNode node in nodes)
        {
            WriteNode(writer, numbers, node);
        }
    }

    private static void WriteNode(BinaryWriter writer, Dictionary<string, int> numbers, YamlNode node)
    {
        writer.Write((byte)(node switch
        {
            YamlScalar { IsPlain: true } => NodeKind.Plain,
            YamlScalar => NodeKind.Quoted,
            YamlSequence => NodeKind.Sequence,
            _ => NodeKind.Mapping,
        }));
        writer.Write7BitEncodedInt(node.Line);
        writer.Write7BitEncodedInt(node.Column);
        switch (node)
        {
            case YamlScalar scalar:
                WriteText(writer, numbers, scalar.Text);
                break;
            case YamlSequence sequence:
                WriteAll(writer, numbers, sequence.Items);
                break;
            case YamlMapping mapping:
                writer.Write7BitEncodedInt(mapping.Members.Length);
                foreach (YamlMember member in mapping.Members)
                {
                    WriteNode(writer, numbers, member.Key);
                    WriteNode(writer, numbers, member.Value);
                }

                break;
        }
    }

    private static ImmutableArray<YamlNode> ReadAll(BinaryReader reader, string[] texts)
    {
        ImmutableArray<YamlNode>.Builder nodes = ImmutableArray.CreateBuilder<YamlNode>(reader.Read7BitEncodedInt());
        for (int i = 0; i < nodes.Capacity; i++)
        {
            nodes.Add(ReadNode(reader, texts));
        }

        return nodes.MoveToImmutable();
    }

    private static YamlNode ReadNode(BinaryReader reader, string[] texts)
    {
        NodeKind kind = (NodeKind)reader.ReadByte();
        int line = reader.Read7BitEncodedInt();
        int column = reader.Read7BitEncodedInt();
        return kind switch
        {
            NodeKind.Plain or NodeKind.Quoted => new YamlScalar(texts[reader.Read7BitEncodedInt()], kind == NodeKind.Plain, line, column),
            NodeKind.Sequence => new YamlSequence(ReadAll(reader, texts), line, column),
            NodeKind.Mapping => new YamlMapping(ReadMembers(reader, texts), line, column),
            _ => throw new InvalidDataException($"there is no node of kind {kind}"),
        };
    }

    private static ImmutableArray<YamlMember> ReadMembers(BinaryReader reader, string[] texts)
    {
        ImmutableArray<YamlMember>.Builder members = ImmutableArray.CreateBuilder<YamlMember>(reader.Read7BitEncodedInt());
        for (int i = 0; i < members.Capacity; i++)
        {
            YamlScalar key = (YamlScalar)ReadNode(reader, texts);
            members.Add(new YamlMember(key, ReadNode(reader, texts)));
        }

        return members.MoveToImmutable();
    }
}
