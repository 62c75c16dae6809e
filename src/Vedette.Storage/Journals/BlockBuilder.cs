using System.Buffers;
using System.Runtime.InteropServices;
using Vedette.Audit.Batches;

namespace Vedette.Storage.Journals;

/// <summary>Puts records together into one block. Keeps its memory from one to the next.</summary>
internal sealed class BlockBuilder : IDisposable
{
    /// <summary>Most bytes of each of its buffers that it keeps: what a single large batch needed goes.</summary>
    private const int MaxIdleLength = 16 * 1024 * 1024;

    private readonly List<UInt128> _identities = [];
    private readonly List<Piece> _pieces = [];
    private ArrayBufferWriter<byte> _loose = new();
    private readonly ZstdSharp.Compressor? _compressor;
    private byte[] _block = [];

    /// <summary>A builder.</summary>
    /// <param name="compression">Level of zstd; null for none.</param>
    public BlockBuilder(int? compression) => _compressor = compression is { } level ? RecordCompression.Create(level) : null;

    /// <summary>Number of records.</summary>
    public int Records => _identities.Count;

    /// <summary>Bytes of the records.</summary>
    public int PlainLength { get; private set; }

    /// <summary>Most bytes that the block will have.</summary>
    public int MaxLength => checked((int)Segment.Align((long)BlockHeader.Length + Records * BlockHeader.IdentityLength + PlainLength));

    /// <summary>Identities of the records.</summary>
    public ReadOnlySpan<UInt128> Identities => CollectionsMarshal.AsSpan(_identities);

    /// <summary>Adds a record as it is stored.</summary>
    public void Add(UInt128 identity, ReadOnlySpan<byte> stored)
    {
        _identities.Add(identity);
        _loose.Write(stored);
        PlainLength = checked(PlainLength + stored.Length);
        if (_pieces is [.., { Batch: null }])
        {
            CollectionsMarshal.AsSpan(_pieces)[^1].Length += stored.Length;
        }
        else
        {
            _pieces.Add(new Piece(null, null, _loose.WrittenCount - stored.Length, stored.Length));
        }
    }

    /// <summary>Adds all records of a batch, compressed already.</summary>
    public void Add(RecordBatch batch, PackedRecords packed)
    {
        for (int i = 0; i < batch.Count; i++)
        {
            _identities.Add(batch.IdentityOf(i));
        }

        _pieces.Add(new Piece(batch, packed, 0, batch.Length));
        PlainLength = checked(PlainLength + batch.Length);
    }

    /// <summary>Forgets all records.</summary>
    public void Clear()
    {
        _identities.Clear();
        _pieces.Clear();
        _loose.ResetWrittenCount();
        PlainLength = 0;
        if (_loose.Capacity > MaxIdleLength)
        {
            _loose = new ArrayBufferWriter<byte>();
        }

        if (_block.Length > MaxIdleLength)
        {
            _block = [];
        }
    }

    /// <summary>The block, padded to whole pages; good until the next is built.</summary>
    public ReadOnlyMemory<byte> Build(Segment segment, long first, DateTimeOffset written)
    {
        int head = BlockHeader.Length + Records * BlockHeader.IdentityLength;
        long capacity = Segment.Align(head + (_compressor is null ? PlainLength : _pieces.Sum(piece => (long)MaxFrame(piece))));
        if (_block.Length < capacity)
        {
            _block = new byte[(int)Math.Min(Array.MaxLength, Math.Max(capacity, _block.Length * 2L))];
        }

        Span<byte> records = _block.AsSpan(head);
        int stored = _compressor is null ? PlainLength : Compress(records);
        if (stored >= PlainLength)
        {
            stored = PlainLength;
            CopyPlain(records);
        }

        MemoryMarshal.AsBytes(Identities).CopyTo(_block.AsSpan(BlockHeader.Length));
        _block.AsSpan(0, BlockHeader.Length).Clear();
        new BlockHeader(segment.Salt, first, Records, PlainLength, stored, written.ToUnixTimeMilliseconds(), Crc32C.Of(records[..stored])).Write(_block);
        int length = head + stored;
        int padded = (int)Segment.Align(length);
        _block.AsSpan(length, padded - length).Clear();
        return _block.AsMemory(0, padded);
    }

    /// <summary>The records as they are before they are compressed, in pieces that are the caller's from now on. Nothing can be built from what is left.</summary>
    public BatchBuffer[] TakePlain()
    {
        BatchBuffer[] plain = new BatchBuffer[_pieces.Count];
        for (int i = 0; i < plain.Length; i++)
        {
            Piece piece = _pieces[i];
            if (piece.Batch is { } batch)
            {
                plain[i] = batch.Detach();
                continue;
            }

            plain[i] = BatchBuffers.Trim(BatchBuffers.Rent(piece.Length), piece.Length);
            Plain(piece).CopyTo(plain[i].Span);
        }

        return plain;
    }

    /// <inheritdoc />
    public void Dispose() => _compressor?.Dispose();

    /// <summary>Most bytes of a piece's frame. All frames together may be longer than the records, which are then stored as they are.</summary>
    private static int MaxFrame(in Piece piece) => piece.Packed?.Frame.Length ?? ZstdSharp.Compressor.GetCompressBound(piece.Length);

    /// <summary>A frame for each piece; frames behind each other decompress to what is in them behind each other (RFC 8878, section 3).</summary>
    private int Compress(Span<byte> into)
    {
        int stored = 0;
        foreach (Piece piece in _pieces)
        {
            if (piece.Packed is { } packed)
            {
                packed.Frame.CopyTo(into[stored..]);
                stored += packed.Frame.Length;
            }
            else
            {
                stored += _compressor!.Wrap(Plain(piece), into[stored..]);
            }
        }

        return stored;
    }

    private void CopyPlain(Span<byte> into)
    {
        foreach (Piece piece in _pieces)
        {
            Plain(piece).CopyTo(into);
            into = into[piece.Length..];
        }
    }

    private ReadOnlySpan<byte> Plain(Piece piece) => piece.Batch is { } batch ? batch.AllStored : _loose.WrittenSpan.Slice(piece.Start, piece.Length);

    /// <summary>Records behind each other: all of a batch, or a part of the loose ones.</summary>
    private record struct Piece(RecordBatch? Batch, PackedRecords? Packed, int Start, int Length);
}
