using Vedette.Storage.Files;

namespace Vedette.Storage.Journals;

/// <summary>
/// Reads a journal from a place on, in order, to its end; when more has been stored it goes on from there. Damage is stepped over and told. One thread; others may write and prune meanwhile.
/// </summary>
public sealed class JournalReader : IDisposable
{
    private readonly IFileSystem _files;
    private readonly Func<JournalExtent> _extent;
    private readonly Action<JournalDamage>? _onDamage;
    private JournalExtent _known = new([], 0);
    private Segment? _segment;
    private SegmentReader? _reader;
    private readonly RecentBlocks? _recent;
    private RecentBlock? _block;
    private int _piece;
    private int _record;
    private int _at;

    internal JournalReader(IFileSystem files, Func<JournalExtent> extent, long from, Action<JournalDamage>? onDamage, RecentBlocks? recent = null)
    {
        _recent = recent;
        _files = files;
        _extent = extent;
        _onDamage = onDamage;
        Position = from;
    }

    /// <summary>A reader of the files of a journal, which another process may be writing.</summary>
    /// <param name="files">The disk.</param>
    /// <param name="directory">The journal's directory.</param>
    /// <param name="from">Sequence of the first record to read.</param>
    /// <param name="onDamage">Told of what is damaged; may be null.</param>
    public static JournalReader Open(IFileSystem files, string directory, long from = 0, Action<JournalDamage>? onDamage = null) =>
        new(files, () => JournalExtent.Of(files, directory), from, onDamage);

    /// <summary>Sequence of the next record to read: what a consumer that has dealt with all before it keeps as its cursor.</summary>
    public long Position { get; private set; }

    /// <summary>Records asked for that had been removed by then: retention was faster than this reader.</summary>
    public long Removed { get; private set; }

    /// <summary>The next record; false at the end of what is there.</summary>
    /// <exception cref="IOException">The disk cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public bool TryRead(out JournalRecord record)
    {
        while (true)
        {
            if (_block is not null ? TryInMemory(out record) : _reader is not null && TryInBlock(out record))
            {
                return true;
            }

            if (!TryRecent() && !TryNextBlock())
            {
                _reader?.Release();
                record = default;
                return false;
            }
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        CloseSegment();
        CloseRecent();
    }

    private bool TryInBlock(out JournalRecord record)
    {
        BlockHeader block = _reader!.Block;
        while (_record < block.Records && block.Next > Position)
        {
            int length = RecordBatch.Split(_reader.Records[_at..], out ReadOnlySpan<byte> label, out ReadOnlySpan<byte> bytes);
            if (length == 0)
            {
                throw new InvalidDataException($"{_segment!.Path}: a block whose checksum is right does not hold the records it says; this is a defect of vedette");
            }

            long sequence = block.First + _record;
            UInt128 identity = _reader.Identities[_record];
            _at += length;
            _record++;
            if (sequence >= Position)
            {
                Position = sequence + 1;
                record = new JournalRecord
                {
                    Sequence = sequence,
                    Identity = identity,
                    Stored = DateTimeOffset.FromUnixTimeMilliseconds(block.Written),
                    Label = label,
                    Bytes = bytes,
                };
                return true;
            }
        }

        record = default;
        return false;
    }

    /// <summary>Goes on in memory, where the next block is there.</summary>
    private bool TryRecent()
    {
        CloseRecent();
        if (_recent?.Take(Position) is not { } block)
        {
            return false;
        }

        _reader?.Release();
        _block = block;
        _piece = _record = _at = 0;
        return true;
    }

    private bool TryInMemory(out JournalRecord record)
    {
        RecentBlock block = _block!;
        record = default;
        if (_record == block.Records)
        {
            return false;
        }

        if (_at == block.Pieces[_piece].Length)
        {
            (_piece, _at) = (_piece + 1, 0);
        }

        _at += RecordBatch.Split(block.Pieces[_piece].Span[_at..], out ReadOnlySpan<byte> label, out ReadOnlySpan<byte> bytes);
        record = new JournalRecord { Sequence = block.First + _record, Identity = block.IdentityOf(_record), Stored = block.Written, Label = label, Bytes = bytes };
        Position = block.First + ++_record;
        return true;
    }

    private void CloseRecent()
    {
        _block?.Release();
        _block = null;
    }

    private void CloseSegment()
    {
        _reader?.Dispose();
        _reader = null;
    }

    private bool TryNextBlock()
    {
        if (_recent is not null && Position >= _extent().End)
        {
            // What was read in memory need not be found on the disk as well.
            return false;
        }

        if (_reader is null)
        {
            _known = _extent();
            return TryOpen(First());
        }

        if (TryStep())
        {
            return true;
        }

        // What is known of the journal is looked at again only here: more may have come.
        _known = _extent();
        if (TryStep())
        {
            return true;
        }

        Segment? next = _known.After(_segment!);
        long limit = next?.First ?? _known.End;
        if (_known.Segments is [var oldest, ..] && oldest.Number > _segment!.Number)
        {
            // This segment was removed, perhaps with some after it.
            GoTo(limit);
        }
        else if (limit > _reader.Expected && limit != long.MaxValue)
        {
            _reader.GiveUp(limit);
        }

        Position = Math.Max(Position, _reader.Expected);
        return next is not null && TryOpen(next);
    }

    private bool TryStep()
    {
        bool stepped = _reader!.TryNext(_known.LimitOf(_segment!), recordsFrom: Position);
        if (stepped)
        {
            _record = _at = 0;
        }

        return stepped;
    }

    /// <summary>The last segment that begins at or before the position; when all begin after it, what was before is gone.</summary>
    private Segment? First()
    {
        if (_known.Segments.IsEmpty)
        {
            return null;
        }

        GoTo(_known.Segments[0].First);
        return _known.Segments.Last(segment => segment.First <= Position);
    }

    /// <summary>Goes on at a record; those before it are gone.</summary>
    private void GoTo(long sequence)
    {
        Removed += Math.Max(0, sequence - Position);
        Position = Math.Max(Position, sequence);
    }

    /// <summary>Opens a segment; its first block is the next to be read.</summary>
    private bool TryOpen(Segment? segment)
    {
        while (segment is not null)
        {
            CloseSegment();
            try
            {
                _reader = new SegmentReader(_files, segment, _onDamage);
                _segment = segment;
                return TryStep() || _known.After(segment) is not null;
            }
            catch (FileNotFoundException)
            {
                // Removed between looking and opening: what is there now begins later.
                segment = _known.After(segment);
                GoTo(segment?.First ?? Position);
            }
        }

        return false;
    }
}
