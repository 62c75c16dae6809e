using Vedette.Audit.Batches;
using Vedette.Storage.Files;

namespace Vedette.Storage.Journals;

/// <summary>
/// Walks the blocks of one segment. Where a block is damaged it looks for the next whole one, page by page, so that damage costs only what it hit; when there is none, what is left is the torn end
/// of a write that was never acknowledged, or never written at all. The memory of records is pooled: dispose it.
/// </summary>
internal sealed class SegmentReader : IDisposable
{
    private const int SearchLength = 1024 * 1024;

    private readonly Segment _segment;
    private readonly IFile _file;
    private readonly Action<JournalDamage>? _onDamage;
    private byte[] _head = new byte[Segment.PageLength];
    private BatchBuffer _stored;
    private BatchBuffer _plain;
    private ZstdSharp.Decompressor? _decompressor;

    /// <summary>Opens a segment.</summary>
    /// <param name="files">The disk.</param>
    /// <param name="segment">The segment.</param>
    /// <param name="onDamage">Told of what is damaged.</param>
    public SegmentReader(IFileSystem files, Segment segment, Action<JournalDamage>? onDamage)
    {
        _segment = segment;
        _onDamage = onDamage;
        _file = files.Open(segment.Path, forWriting: false);
        Expected = segment.First;
    }

    /// <summary>Sequence of the record after the last block.</summary>
    public long Expected { get; private set; }

    /// <summary>Where the last block ends.</summary>
    public long End { get; private set; } = Segment.PageLength;

    /// <summary>Length of the file.</summary>
    public long FileLength => _file.Length;

    /// <summary>The block the walk stands on.</summary>
    public BlockHeader Block { get; private set; }

    /// <summary>Identities of its records.</summary>
    public ReadOnlySpan<UInt128> Identities => Block.Identities(_head);

    /// <summary>Its records, when they were asked for.</summary>
    public ReadOnlySpan<byte> Records => (Block.IsCompressed ? _plain : _stored).Span[..Block.PlainLength];

    /// <summary>Is the first page as it must be?</summary>
    /// <exception cref="InvalidDataException">It is of an unknown version.</exception>
    public bool HasHeader()
    {
        Span<byte> page = stackalloc byte[Segment.PageLength];
        return _segment.IsHeader(page[.._file.Read(page, 0)]);
    }

    /// <summary>Steps to the next block.</summary>
    /// <param name="limit">Sequence at which this segment's part of the journal ends.</param>
    /// <param name="recordsFrom">Records are read and checked too of blocks that hold this one or later ones; of others only what stands before the records.</param>
    /// <returns>False when there is none before the limit.</returns>
    public bool TryNext(long limit, long recordsFrom)
    {
        if (Expected >= limit)
        {
            return false;
        }

        long at = End;
        bool isWhole = TryBlock(at, limit, recordsFrom, out BlockHeader header);
        while (!isWhole && TryFindHead(ref at))
        {
            isWhole = TryBlock(at, limit, recordsFrom, out header);
        }

        if (!isWhole)
        {
            return false;
        }

        if (at != End || header.First != Expected)
        {
            _onDamage?.Invoke(new JournalDamage(_segment.Path, End, at, header.First - Expected));
        }

        Block = header;
        Expected = header.Next;
        End = at + header.TotalLength;
        return true;
    }

    /// <summary>Takes it that records up to this one are lost, and says so.</summary>
    public void GiveUp(long next)
    {
        _onDamage?.Invoke(new JournalDamage(_segment.Path, End, FileLength, next - Expected));
        Expected = next;
    }

    /// <summary>Gives the memory of the block's records back: they are not read any more. The next block has memory again.</summary>
    public void Release()
    {
        BatchBuffers.Return(_stored);
        BatchBuffers.Return(_plain);
        _stored = _plain = default;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _file.Dispose();
        _decompressor?.Dispose();
        Release();
    }

    private bool TryBlock(long at, long limit, long recordsFrom, out BlockHeader header)
    {
        int read = _file.Read(_head.AsSpan(0, Segment.PageLength), at);
        if (!BlockHeader.TryRead(_head.AsSpan(0, read), out header) || header.Salt != _segment.Salt || header.First < Expected || header.First >= limit
            || (long)header.HeadLength + header.StoredLength > FileLength - at)
        {
            return false;
        }

        if (header.HeadLength > read)
        {
            Grow(ref _head, header.HeadLength);
            read = _file.Read(_head.AsSpan(0, header.HeadLength), at);
        }

        return header.IsWhole(_head.AsSpan(0, read)) && (header.Next <= recordsFrom || TryRecords(at, header));
    }

    private bool TryRecords(long at, in BlockHeader header)
    {
        Grow(ref _stored, header.StoredLength);
        Span<byte> stored = _stored.Span[..header.StoredLength];
        if (_file.Read(stored, at + header.HeadLength) != stored.Length || Crc32C.Of(stored) != header.Checksum)
        {
            return false;
        }

        if (header.IsCompressed)
        {
            _decompressor ??= new ZstdSharp.Decompressor();
            Grow(ref _plain, header.PlainLength);
            try
            {
                return _decompressor.Unwrap(stored, _plain.Span[..header.PlainLength]) == header.PlainLength;
            }
            catch (ZstdSharp.ZstdException)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Looks for the next page that begins like a block.</summary>
    private bool TryFindHead(ref long at)
    {
        byte[] pages = new byte[SearchLength];
        long from = at + Segment.PageLength;
        while (true)
        {
            int read = _file.Read(pages, from);
            for (int page = 0; page < read; page += Segment.PageLength)
            {
                if (BlockHeader.TryRead(pages.AsSpan(page, Math.Min(read - page, Segment.PageLength)), out _))
                {
                    at = from + page;
                    return true;
                }
            }

            if (read < SearchLength)
            {
                return false;
            }

            from += read;
        }
    }

    private static void Grow(ref byte[] buffer, int length)
    {
        if (buffer.Length < length)
        {
            buffer = new byte[Math.Max(length, (int)Math.Min(Array.MaxLength, buffer.Length * 2L))];
        }
    }

    /// <summary>Makes a buffer that long; what was in it is of no use any more.</summary>
    private static void Grow(ref BatchBuffer buffer, int length)
    {
        if (buffer.Length < length)
        {
            BatchBuffers.Return(buffer);
            buffer = default;
            buffer = BatchBuffers.Rent(length);
        }
    }
}
