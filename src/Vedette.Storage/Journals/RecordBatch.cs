using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Vedette.Audit.Batches;

namespace Vedette.Storage.Journals;

/// <summary>
/// Records to be stored together. A record is a label, which says what it is and where it came from, and its bytes; a journal looks into neither. The memory is pooled: dispose it when it is
/// stored. Not thread-safe.
/// </summary>
public sealed class RecordBatch : IBufferWriter<byte>, IDisposable
{
    /// <summary>Longest label in bytes.</summary>
    public const int MaxLabelLength = 4096;

    /// <summary>First size in bytes unless the constructor is told otherwise.</summary>
    public const int DefaultCapacity = 64 * 1024;

    /// <summary>Entries that are kept by a batch without records.</summary>
    private const int MaxIdleEntries = 4096;

    /// <summary>Most bytes of records in one batch, headers included.</summary>
    public const int MaxLength = 512 * 1024 * 1024;

    // Length of the label (2 bytes), length of the bytes (4 bytes).
    private const int PrefixLength = 6;

    private readonly List<Entry> _entries = [];
    private BatchBuffer _buffer;
    private int _capacity;
    private int _length;
    private int _start = -1;
    private bool _wasPacked;

    /// <summary>An empty batch.</summary>
    /// <param name="capacity">First size in bytes; it grows when needed.</param>
    public RecordBatch(int capacity = DefaultCapacity) => _capacity = capacity;

    /// <summary>Number of records.</summary>
    public int Count => _entries.Count;

    /// <summary>Bytes of all records.</summary>
    public int Length => _length;

    /// <summary>All records, compressed; null where they are not yet, or where that does not pay.</summary>
    internal PackedRecords? Packed { get; private set; }

    /// <summary>Adds a record.</summary>
    public void Add(UInt128 identity, ReadOnlySpan<byte> label, ReadOnlySpan<byte> bytes)
    {
        Begin(label);
        bytes.CopyTo(GetSpan(bytes.Length));
        Advance(bytes.Length);
        End(identity);
    }

    /// <summary>Begins a record whose bytes are then written to this buffer writer; <see cref="End"/> ends it.</summary>
    public void Begin(ReadOnlySpan<byte> label)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(label.Length, MaxLabelLength, nameof(label));
        Unpack();
        Grow(PrefixLength + label.Length);
        _start = _length;
        BinaryPrimitives.WriteUInt16LittleEndian(_buffer.Span[_length..], (ushort)label.Length);
        label.CopyTo(_buffer.Span[(_length + PrefixLength)..]);
        _length += PrefixLength + label.Length;
    }

    /// <summary>The label of the record begun, which may be changed until it ends.</summary>
    public Span<byte> Label => _buffer.Span.Slice(_start + PrefixLength, BinaryPrimitives.ReadUInt16LittleEndian(_buffer.Span[_start..]));

    /// <summary>Ends the record begun.</summary>
    /// <param name="identity">What makes it the same as another: of two records with one identity the journal keeps the first.</param>
    public void End(UInt128 identity)
    {
        int label = BinaryPrimitives.ReadUInt16LittleEndian(_buffer.Span[_start..]);
        BinaryPrimitives.WriteInt32LittleEndian(_buffer.Span[(_start + 2)..], _length - _start - PrefixLength - label);
        _entries.Add(new Entry(identity, _start, _length - _start));
        _start = -1;
    }

    /// <summary>Says what makes a record the same as another, which was not known when it ended.</summary>
    internal void Identify(int index, UInt128 identity) => CollectionsMarshal.AsSpan(_entries)[index].Identity = identity;

    /// <inheritdoc />
    public void Advance(int count) => _length += count;

    /// <inheritdoc />
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Grow(Math.Max(sizeHint, 1));
        return _buffer.Memory[_length..];
    }

    /// <inheritdoc />
    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <summary>Forgets all records, keeps the memory.</summary>
    public void Clear()
    {
        Unpack();
        _entries.Clear();
        _length = 0;
    }

    /// <summary>Gives room back that no record needed, once all are there.</summary>
    internal void Trim() => _buffer = BatchBuffers.Trim(_buffer, _length);

    /// <summary>Compresses all records, unless they are already.</summary>
    internal void Pack(RecordPacker packer)
    {
        // Not asked of the result: what does not pay would be tried again and again.
        if (!_wasPacked)
        {
            _wasPacked = true;
            Packed = packer.Pack(this);
        }
    }

    /// <summary>Gives back what compressed records take.</summary>
    internal void Unpack()
    {
        _wasPacked = false;
        Packed?.Dispose();
        Packed = null;
    }

    /// <summary>Says how many bytes the records will most likely have that are added to a batch without memory: it gets so much at once.</summary>
    public void Expect(long length) => _capacity = (int)Math.Clamp(length, 0, MaxLength);

    /// <summary>Forgets all records and gives the memory back; the next record has memory again.</summary>
    public void Release()
    {
        BatchBuffers.Return(_buffer);
        _buffer = default;
        Clear();
        if (_entries.Capacity > MaxIdleEntries)
        {
            _entries.Capacity = MaxIdleEntries;
        }
    }

    /// <inheritdoc />
    public void Dispose() => Release();

    /// <summary>Was a record stored by the last append? False for one that was known before. Good once the append was durable.</summary>
    public bool IsNew(int index) => _entries[index].IsNew;

    /// <summary>Says whether a record is new.</summary>
    internal void Mark(int index, bool isNew) => CollectionsMarshal.AsSpan(_entries)[index].IsNew = isNew;

    /// <summary>The identity of a record.</summary>
    internal UInt128 IdentityOf(int index) => _entries[index].Identity;

    /// <summary>A record as it is stored.</summary>
    internal ReadOnlySpan<byte> Stored(int index) => _buffer.Span.Slice(_entries[index].Start, _entries[index].Length);

    /// <summary>All records as they are stored.</summary>
    internal ReadOnlySpan<byte> AllStored => _buffer.Span[.._length];

    /// <summary>Gives the memory with all records as they are stored to the caller. What is known of each record stays, its bytes do not; after <see cref="Clear"/> the batch has memory of its own again.</summary>
    internal BatchBuffer Detach()
    {
        BatchBuffer stored = BatchBuffers.Trim(_buffer, _length);
        _buffer = default;
        return stored;
    }

    /// <summary>Takes the first record from bytes as they are stored.</summary>
    /// <returns>Its length as stored; 0 when these are no records.</returns>
    internal static int Split(ReadOnlySpan<byte> stored, out ReadOnlySpan<byte> label, out ReadOnlySpan<byte> bytes)
    {
        label = bytes = default;
        if (stored.Length < PrefixLength)
        {
            return 0;
        }

        int labelLength = BinaryPrimitives.ReadUInt16LittleEndian(stored);
        int length = BinaryPrimitives.ReadInt32LittleEndian(stored[2..]);
        if (length < 0 || labelLength > stored.Length - PrefixLength || length > stored.Length - PrefixLength - labelLength)
        {
            return 0;
        }

        label = stored.Slice(PrefixLength, labelLength);
        bytes = stored.Slice(PrefixLength + labelLength, length);
        return PrefixLength + labelLength + length;
    }

    private void Grow(int atLeast)
    {
        if (_buffer.Length - _length < atLeast)
        {
            if (_length + (long)atLeast > MaxLength)
            {
                throw new InvalidOperationException($"more than {MaxLength} bytes in one batch");
            }

            BatchBuffer larger = BatchBuffers.Rent((int)Math.Min(MaxLength, Math.Max(_length + (long)atLeast, _buffer.Length == 0 ? _capacity : _buffer.Length * 2L)));
            _buffer.Span[.._length].CopyTo(larger.Span);
            BatchBuffers.Return(_buffer);
            _buffer = larger;
        }
    }

    private record struct Entry(UInt128 Identity, int Start, int Length)
    {
        public bool IsNew { get; set; }
    }
}
