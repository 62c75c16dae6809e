using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using Vedette.Storage.Files;

namespace Vedette.Storage.Journals;

/// <summary>The files of a journal: the newest segment, which grows, and those before it. One thread commits; <see cref="Extent"/> may be read by all, <see cref="Prune"/> called by another.</summary>
internal sealed class JournalWriter : IDisposable
{
    private readonly IFileSystem _files;
    private readonly string _directory;
    private readonly JournalOptions _options;
    private readonly TimeProvider _time;
    private readonly IdentityWindow _identities;
    private readonly HashSet<UInt128> _inGroup = [];
    private readonly Queue<string> _removed = new();

    /// <summary>A clock that is far ahead when the program starts is believed by retention after so long: until then NTP will have set it right, if it is wrong.</summary>
    private static readonly TimeSpan s_believedAfter = TimeSpan.FromHours(1);

    private readonly DateTimeOffset _openedAt;
    private readonly long _openedTimestamp;
    private readonly Lock _segments = new();
    private readonly BlockBuilder _builder;
    private readonly List<JournalDamage> _damage = [];
    private JournalExtent _extent;
    private IFile? _file;
    private long _fileEnd;
    private long _fileLength;
    private long _number;
    private long _tailEnd;
    private DateTimeOffset? _newestAtOpen;

    private JournalWriter(IFileSystem files, string directory, JournalOptions options, TimeProvider time)
    {
        _files = files;
        _directory = directory;
        _options = options;
        _time = time;
        _openedAt = time.GetUtcNow();
        _openedTimestamp = time.GetTimestamp();
        _identities = new IdentityWindow(options.IdentityWindow);
        _builder = new BlockBuilder(options.Compression);
        _extent = new JournalExtent([], 0);
        Recent = new RecentBlocks(options.RecentBytes);
    }

    /// <summary>What was written last, for those who read it soon.</summary>
    public RecentBlocks Recent { get; }

    /// <summary>What is durable.</summary>
    public JournalExtent Extent => Volatile.Read(ref _extent);

    /// <summary>What was damaged when it was opened.</summary>
    public IReadOnlyList<JournalDamage> Damage => _damage;

    /// <summary>Looks at what is there, and makes it durable.</summary>
    public static JournalWriter Open(IFileSystem files, string directory, JournalOptions options, TimeProvider time)
    {
        JournalWriter writer = new(files, directory, options, time);
        writer.Recover();
        writer.RepairTail();
        return writer;
    }

    /// <summary>Writes a group and makes it durable; each batch then has its result.</summary>
    public JournalCommit Commit(List<PendingBatches> group)
    {
        long started = _time.GetTimestamp();
        int duplicates = Gather(group);
        long first = _extent.End;
        try
        {
            long stored = _builder.Records == 0 ? 0 : Write(first);
            if (_file is null && group.Exists(pending => pending.IsProbe))
            {
                Begin(first, _options.SegmentLength);
            }

            return new JournalCommit(_builder.Records, duplicates, _builder.PlainLength, stored, _time.GetElapsedTime(started), null);
        }
        catch (Exception exception) when (StoreProblem.IsOfDisk(exception))
        {
            Abandon();
            StoreProblem problem = StoreProblem.Of(exception);
            foreach (PendingBatches pending in group)
            {
                pending.Result = new AppendResult(0, 0, problem);
            }

            return new JournalCommit(0, 0, 0, 0, _time.GetElapsedTime(started), problem);
        }
        finally
        {
            _inGroup.Clear();
        }
    }

    /// <summary>Removes what retention does not keep.</summary>
    public PruneResult Prune(JournalRetention retention, long neededFrom)
    {
        RemoveFiles();
        DateTimeOffset oldest = Now() - retention.MaxAge;
        PruneResult result = default;
        ImmutableArray<Segment> segments = Extent.Segments;
        long total = segments.Sum(segment => LengthOf(segment));
        for (int i = 0; i < segments.Length - 1; i++)
        {
            long length = LengthOf(segments[i]);
            long next = segments[i + 1].First;
            bool isOld = next <= neededFrom && LastWritten(segments[i], next) < oldest;
            if (!isOld && total <= retention.MaxBytes)
            {
                break;
            }

            // First it is no longer part of the journal, then the file goes, for good before the next one: nobody ever finds a hole.
            lock (_segments)
            {
                Volatile.Write(ref _extent, _extent with { Segments = _extent.Segments.RemoveAt(0) });
            }

            _removed.Enqueue(segments[i].Path);
            RemoveFiles();
            total -= length;
            long records = next - segments[i].First;
            result = new PruneResult(result.Records + records, result.Bytes + length, result.Unread + Math.Clamp(next - neededFrom, 0, records));
        }

        return result;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Abandon();
        _builder.Dispose();
    }

    /// <summary>Removes the files of what is no longer part of the journal, in order, those first that could not be removed the last time.</summary>
    private void RemoveFiles()
    {
        while (_removed.TryPeek(out string? path))
        {
            _files.Delete(path);
            _files.SyncDirectory(_directory);
            _removed.Dequeue();
        }
    }

    /// <summary>Our clock, as far as it is believed when records are removed by age: within a run time goes no faster than it passes, and over a restart only after a while.</summary>
    private DateTimeOffset Now()
    {
        DateTimeOffset now = _time.GetUtcNow();
        TimeSpan elapsed = _time.GetElapsedTime(_openedTimestamp);
        DateTimeOffset begin = elapsed < s_believedAfter && _newestAtOpen < _openedAt ? _newestAtOpen.Value : _openedAt;
        return now < begin + elapsed ? now : begin + elapsed;
    }

    /// <summary>Puts the records of a group that are new into a block.</summary>
    private int Gather(List<PendingBatches> group)
    {
        int duplicates = 0;
        _builder.Clear();
        foreach (PendingBatches pending in group)
        {
            (int stored, int known) = (0, 0);
            foreach (RecordBatch batch in pending.Batches)
            {
                int isNew = MarkNew(batch);
                Add(batch, isAllNew: isNew == batch.Count);
                stored += isNew;
                known += batch.Count - isNew;
            }

            pending.Result = new AppendResult(stored, known, null);
            duplicates += known;
        }

        return duplicates;
    }

    /// <summary>Marks the records of a batch that are not stored yet, and not in the group before it.</summary>
    /// <returns>How many these are.</returns>
    private int MarkNew(RecordBatch batch)
    {
        // First all of them in the window, and nothing else: they wait for memory together.
        for (int i = 0; i < batch.Count; i++)
        {
            batch.Mark(i, !_identities.Contains(batch.IdentityOf(i)));
        }

        int stored = 0;
        for (int i = 0; i < batch.Count; i++)
        {
            bool isNew = batch.IsNew(i) && _inGroup.Add(batch.IdentityOf(i));
            batch.Mark(i, isNew);
            stored += isNew ? 1 : 0;
        }

        return stored;
    }

    private void Add(RecordBatch batch, bool isAllNew)
    {
        if (isAllNew && batch.Packed is { } packed)
        {
            _builder.Add(batch, packed);
            return;
        }

        for (int i = 0; i < batch.Count; i++)
        {
            if (batch.IsNew(i))
            {
                _builder.Add(batch.IdentityOf(i), batch.Stored(i));
            }
        }
    }

    private long Write(long first)
    {
        int worst = _builder.MaxLength;
        if (_file is not null && _fileEnd + worst > _fileLength)
        {
            Seal();
        }

        if (_file is null)
        {
            Begin(first, Math.Max(_options.SegmentLength, Segment.PageLength + worst));
        }

        DateTimeOffset now = _time.GetUtcNow();
        ReadOnlyMemory<byte> block = _builder.Build(_extent.Segments[^1], first, now);
        _file!.Write(block.Span, _fileEnd);
        _file.Sync();
        _fileEnd += block.Length;
        foreach (UInt128 identity in _builder.Identities)
        {
            _identities.Add(identity);
        }

        if (Recent.HasRoom(_builder.PlainLength))
        {
            // To the millisecond, as who reads it back has it.
            Recent.Add(new RecentBlock(first, DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds()), _builder.Identities, _builder.TakePlain()));
        }

        lock (_segments)
        {
            Volatile.Write(ref _extent, _extent with { End = first + _builder.Records });
        }

        return block.Length;
    }

    /// <summary>Begins a segment. That it is there, and where it begins, is durable before anything in it is.</summary>
    private void Begin(long first, long length)
    {
        _files.CreateDirectory(_directory);
        // A number is used once, even when what it was for did not come about.
        Segment segment = new(_directory, ++_number, first, BinaryPrimitives.ReadInt64LittleEndian(RandomNumberGenerator.GetBytes(sizeof(long))));
        IFile file = _files.Create(segment.Path, length);
        try
        {
            file.Write(segment.Header(), 0);
            file.Sync();
            _files.SyncDirectory(_directory);
        }
        catch
        {
            file.Dispose();
            TryReclaim(() => _files.Delete(segment.Path));
            throw;
        }

        _file = file;
        _fileLength = length;
        _fileEnd = Segment.PageLength;
        lock (_segments)
        {
            Volatile.Write(ref _extent, _extent with { Segments = _extent.Segments.Add(segment) });
        }
    }

    /// <summary>Ends the segment and gives back what was reserved for it and is not needed.</summary>
    private void Seal()
    {
        using IFile? file = _file;
        _file = null;
        file!.SetLength(_fileEnd);
    }

    /// <summary>
    /// Writes no more to the segment. After a failure what is in it beyond the last durable block is not known any more, and the next segment claims its place.
    /// </summary>
    private void Abandon()
    {
        if (_file is not null)
        {
            TryReclaim(Seal);
        }
    }

    /// <summary>Gives room back on a disk that has just failed. Whether that works changes nothing but the room.</summary>
    private static void TryReclaim(Action action)
    {
        try
        {
            action();
        }
        catch (Exception exception) when (StoreProblem.IsOfDisk(exception))
        {
            // The failure that led here is the one to tell of.
        }
    }

    /// <summary>
    /// What a run that ended early left at the end of the journal becomes durable, and the torn rest is cut off. Before that nobody may see it: a record may so far be in the kernel's memory only, and
    /// a consumer that noted it as dealt with would pass over the one that takes its place after a loss of power.
    /// </summary>
    private void RepairTail()
    {
        if (_extent.Segments is [.., var last])
        {
            using IFile file = _files.Open(last.Path, forWriting: true);
            file.SetLength(_tailEnd);
            file.Sync();
            _files.SyncDirectory(_directory);
        }
    }

    private void Recover()
    {
        JournalExtent extent = JournalExtent.Of(_files, _directory);
        _number = extent.Segments is [.., var newest] ? newest.Number : 0;
        long end = 0;
        foreach (Segment segment in extent.Segments)
        {
            using SegmentReader reader = new(_files, segment, null);
            // Asked of each, so that a format that is not known is refused before anything is written.
            reader.HasHeader();
        }

        if (extent.Segments is [.., var last])
        {
            using SegmentReader reader = new(_files, last, _damage.Add);
            while (reader.TryNext(long.MaxValue, recordsFrom: 0))
            {
            }

            end = reader.Expected;
            _newestAtOpen = reader.Expected > last.First ? DateTimeOffset.FromUnixTimeMilliseconds(reader.Block.Written) : extent.Segments is [.., var before, _] ? LastWritten(before, last.First) : null;
            _tailEnd = reader.End;
        }

        _extent = extent with { End = end };
        RememberIdentities();
    }

    /// <summary>Reads the identities of the newest records; of the records nothing.</summary>
    private void RememberIdentities()
    {
        long from = Math.Max(0, _extent.End - _identities.Capacity);
        foreach (Segment segment in _extent.Segments)
        {
            long limit = _extent.LimitOf(segment);
            if (limit <= from)
            {
                continue;
            }

            using SegmentReader reader = new(_files, segment, null);
            while (reader.TryNext(limit, recordsFrom: long.MaxValue))
            {
                int skip = (int)Math.Clamp(from - reader.Block.First, 0, reader.Block.Records);
                foreach (UInt128 identity in reader.Identities[skip..])
                {
                    _identities.Add(identity);
                }
            }
        }
    }

    private long LengthOf(Segment segment)
    {
        using IFile file = _files.Open(segment.Path, forWriting: false);
        return file.Length;
    }

    private DateTimeOffset LastWritten(Segment segment, long limit)
    {
        using SegmentReader reader = new(_files, segment, null);
        long written = 0;
        while (reader.TryNext(limit, recordsFrom: long.MaxValue))
        {
            written = Math.Max(written, reader.Block.Written);
        }

        return DateTimeOffset.FromUnixTimeMilliseconds(written);
    }
}
