using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Vedette.Documents.Yaml;

/// <summary>Reads what <see cref="YamlArchive"/> wrote.</summary>
/// <param name="bytes">The bytes.</param>
/// <param name="texts">The texts that nodes name by number.</param>
internal ref struct YamlArchiveReader(ReadOnlySpan<byte> bytes, string[] texts)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>How many bytes were read.</summary>
    public int Position { get; private set; }

    /// <summary>Reads a number of four bytes.</summary>
    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32LittleEndian(ReadBytes(sizeof(uint)));

    /// <summary>Reads bytes.</summary>
    /// <exception cref="EndOfStreamException">There are not so many.</exception>
    public ReadOnlySpan<byte> ReadBytes(int length)
    {
        if (length > _bytes.Length - Position)
        {
            throw new EndOfStreamException();
        }

        Position += length;
        return _bytes.Slice(Position - length, length);
    }

    /// <summary>Reads a number that is not negative, seven bits a byte.</summary>
    /// <exception cref="EndOfStreamException">It does not end.</exception>
    /// <exception cref="InvalidDataException">It is too large.</exception>
    public int ReadCount()
    {
        uint number = 0;
        for (int shift = 0; shift < 35; shift += 7)
        {
            uint next = ReadBytes(1)[0];
            number |= (next & 0x7F) << shift;
            if (next < 0x80)
            {
                return number <= int.MaxValue ? (int)number : throw new InvalidDataException("a number out of range");
            }
        }

        throw new InvalidDataException("a number that does not end");
    }

    /// <summary>Reads nodes behind their number.</summary>
    public ImmutableArray<YamlNode> ReadNodes()
    {
        YamlNode[] nodes = new YamlNode[ReadCount()];
        for (int i = 0; i < nodes.Length; i++)
        {
            nodes[i] = ReadNode();
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(nodes);
    }

    private YamlNode ReadNode()
    {
        YamlArchiveNode kind = (YamlArchiveNode)ReadBytes(1)[0];
        int line = ReadCount();
        int column = ReadCount();
        return kind switch
        {
            YamlArchiveNode.Plain or YamlArchiveNode.Quoted => new YamlScalar(texts[ReadCount()], kind == YamlArchiveNode.Plain, line, column),
            YamlArchiveNode.Sequence => new YamlSequence(ReadNodes(), line, column),
            YamlArchiveNode.Mapping => new YamlMapping(ReadMembers(), line, column),
            _ => throw new InvalidDataException($"there is no node of kind {kind}"),
        };
    }

    private ImmutableArray<YamlMember> ReadMembers()
    {
        YamlMember[] members = new YamlMember[ReadCount()];
        for (int i = 0; i < members.Length; i++)
        {
            YamlScalar key = (YamlScalar)ReadNode();
            members[i] = new YamlMember(key, ReadNode());
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(members);
    }
}
