using System.Buffers;
using System.Runtime.InteropServices;

namespace Vedette.Storage.Journals;

/// <summary>Puts records together into one block. Keeps its memory from one to the next.</summary>
internal sealed class BlockBuilder : IDisposable
{
    private readonly List<UInt128> _identities = [];
    private readonly ArrayBufferWriter<byte> _plain = new();
    private readonly ZstdSharp.Compressor? _compressor;
    private byte[] _block = [];

    /// <summary>A builder.</summary>
    /// <param name="compression">Level of zstd; null for none.</param>
    public BlockBuilder(int? compression) => _compressor = compression is { } level ? new ZstdSharp.Compressor(level) : null;

    /// <summary>Number of records.</summary>
    public int Records => _identities.Count;

    /// <summary>Bytes of the records.</summary>
    public int PlainLength => _plain.WrittenCount;

    /// <summary>Most bytes that the block will have.</summary>
    public int MaxLength => checked((int)Segment.Align((long)BlockHeader.Length + Records * BlockHeader.IdentityLength + PlainLength));

    /// <summary>Identities of the records.</summary>
    public ReadOnlySpan<UInt128> Identities => CollectionsMarshal.AsSpan(_identities);

    /// <summary>Adds a record as it is stored.</summary>
    public void Add(UInt128 identity, ReadOnlySpan<byte> stored)
    {
        _identities.Add(identity);
        _plain.Write(stored);
    }

    /// <summary>Forgets all records.</summary>
    public void Clear()
    {
        _identities.Clear();
        _plain.ResetWrittenCount();
    }

    /// <summary>The block, padded to whole pages; good until the next is built.</summary>
    public ReadOnlyMemory<byte> Build(Segment segment, long first, DateTimeOffset written)
    {
        int head = BlockHeader.Length + Records * BlockHeader.IdentityLength;
        int capacity = Math.Max(MaxLength, head + (_compressor is null ? 0 : ZstdSharp.Compressor.GetCompressBound(PlainLength)));
        if (_block.Length < capacity)
        {
            _block = new byte[Math.Max(capacity, (int)Math.Min(Array.MaxLength, _block.Length * 2L))];
        }

        ReadOnlySpan<byte> plain = _plain.WrittenSpan;
        Span<byte> records = _block.AsSpan(head);
        int stored = _compressor is null ? PlainLength : _compressor.Wrap(plain, records);
        if (stored >= PlainLength)
        {
            stored = PlainLength;
            plain.CopyTo(records);
        }

        MemoryMarshal.AsBytes(Identities).CopyTo(_block.AsSpan(BlockHeader.Length));
        _block.AsSpan(0, BlockHeader.Length).Clear();
        new BlockHeader(segment.Salt, first, Records, PlainLength, stored, written.ToUnixTimeMilliseconds(), Crc32C.Of(records[..stored])).Write(_block);
        int length = head + stored;
        int padded = (int)Segment.Align(length);
        _block.AsSpan(length, padded - length).Clear();
        return _block.AsMemory(0, padded);
    }

    /// <inheritdoc />
    public void Dispose() => _compressor?.Dispose();
}
