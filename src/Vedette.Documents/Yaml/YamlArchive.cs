using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;

namespace Vedette.Documents.Yaml;

/// <summary>
/// YAML files as they were read, places included, in a form that needs no parsing: for files that come with a program and were read when it was built. Little-endian; texts first, each
/// once, then the files, whose nodes name them by number.
/// </summary>
public static class YamlArchive
{
    private const uint Signature = 0x31415956; // "VYA1"

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
        byte[] archive = new byte[from.Length - from.Position];
        from.ReadExactly(archive);
        YamlArchiveReader reader = new(archive, []);
        if (reader.ReadUInt32() != Signature)
        {
            throw new InvalidDataException("this is no archive of YAML files, or one of another version");
        }

        string[] texts = new string[reader.ReadCount()];
        for (int i = 0; i < texts.Length; i++)
        {
            texts[i] = Encoding.UTF8.GetString(reader.ReadBytes(reader.ReadCount()));
        }

        KeyValuePair<string, Func<ImmutableArray<YamlNode>>>[] files = new KeyValuePair<string, Func<ImmutableArray<YamlNode>>>[reader.ReadCount()];
        for (int i = 0; i < files.Length; i++)
        {
            string name = texts[reader.ReadCount()];
            int length = reader.ReadCount();
            int start = reader.Position;
            reader.ReadBytes(length);
            files[i] = new(name, () => new YamlArchiveReader(archive.AsSpan(start, length), texts).ReadNodes());
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(files);
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
            YamlScalar { IsPlain: true } => YamlArchiveNode.Plain,
            YamlScalar => YamlArchiveNode.Quoted,
            YamlSequence => YamlArchiveNode.Sequence,
            _ => YamlArchiveNode.Mapping,
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
}
