using System.Threading.Channels;
using Vedette.Storage.Files;
using Vedette.Storage.Threads;

namespace Vedette.Storage.Journals;

/// <summary>
/// A durable log of records in files of one directory. Many may append at a time: their batches are written together, one write and one fdatasync for all that came within the commit window, and
/// acknowledged after it. A record whose identity is among the newest is not stored again. When the disk fails nothing is acknowledged, and the next append tries again in a new segment: what the
/// failed one held beyond its last durable block is not part of the journal.
/// </summary>
public sealed class Journal : IAsyncDisposable
{
    private readonly JournalWriter _writer;
    private readonly JournalOptions _options;
    private readonly TimeProvider _time;
    private readonly IFileSystem _files;
    private readonly Channel<PendingBatches> _pending = Channel.CreateUnbounded<PendingBatches>(new UnboundedChannelOptions { SingleReader = true });
    private readonly List<PendingBatches> _group = [];
    private readonly RecordPacker _packer;
    private readonly Task _committing;
    private long _pendingBytes;
    private int _coming;
    private TaskCompletionSource _allHaveCome = new();
    private TaskCompletionSource _grown = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Journal(IFileSystem files, JournalWriter writer, JournalOptions options, TimeProvider time)
    {
        _files = files;
        _writer = writer;
        _options = options;
        _time = time;
        _packer = new RecordPacker(options.Compression);
        _committing = OwnThread.Run("commit", CommitAsync);
    }

    /// <summary>Sequence after the last durable record: the sequence of the next one.</summary>
    public long End => _writer.Extent.End;

    /// <summary>Sequence of the oldest record that is still there; <see cref="End"/> when there is none.</summary>
    public long Start => _writer.Extent.Segments is [var first, ..] ? first.First : End;

    /// <summary>Bytes waiting to be stored.</summary>
    public long PendingBytes => Interlocked.Read(ref _pendingBytes);

    /// <summary>What was damaged when the journal was opened; none but the last segment is looked at whole then.</summary>
    public IReadOnlyList<JournalDamage> Damage => _writer.Damage;

    /// <summary>
    /// Opens a journal, or begins one. Only the newest segment is read whole, of those before it what the window of identities needs. What an earlier run left at its end is made durable before anybody sees it.
    /// </summary>
    /// <param name="files">The disk.</param>
    /// <param name="directory">The journal's directory, which nobody else writes to.</param>
    /// <param name="options">How it stores.</param>
    /// <param name="time">Clock.</param>
    /// <exception cref="IOException">The disk fails.</exception>
    /// <exception cref="UnauthorizedAccessException">The journal may not be read or written.</exception>
    /// <exception cref="InvalidDataException">It is of a format that this program does not know.</exception>
    public static Journal Open(IFileSystem files, string directory, JournalOptions options, TimeProvider time) =>
        new(files, JournalWriter.Open(files, directory, options, time), options, time);

    /// <summary>Says that something will be appended soon. What is appended meanwhile waits for it, within the commit window; when nothing is coming any more, it need not wait that long.</summary>
    /// <returns>To be disposed once it was appended, or when it will not be.</returns>
    public Coming Announce()
    {
        Interlocked.Increment(ref _coming);
        return new Coming(this);
    }

    /// <summary>Does on this thread what can be done before a batch is appended: compresses it, and gives room back that it did not need.</summary>
    /// <param name="batch">The batch; to be appended, or cleared.</param>
    public void Prepare(RecordBatch batch)
    {
        batch.Trim();
        batch.Pack(_packer);
    }

    /// <summary>Stores batches in one commit: in order, next to each other, and all of them or none.</summary>
    /// <param name="batches">The batches; untouched until this returns.</param>
    /// <param name="cancellation">Heeded before they are queued; from then on they cannot be called back.</param>
    /// <returns>When they are durable, or cannot be stored. Batches without records are durable at once.</returns>
    public async ValueTask<AppendResult> AppendAsync(RecordBatch[] batches, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        int length = PendingBatches.TotalLength(batches);
        if (length == 0)
        {
            return new AppendResult(0, 0, null);
        }

        long waiting = Interlocked.Add(ref _pendingBytes, length) - length;
        try
        {
            if (waiting > 0 && waiting + length > _options.MaxPendingBytes)
            {
                return new AppendResult(0, 0, new StoreProblem(StoreProblemKind.Overloaded, $"{waiting} bytes wait to be stored"));
            }

            foreach (RecordBatch batch in batches)
            {
                batch.Pack(_packer);
            }

            PendingBatches pending = new(batches);
            return _pending.Writer.TryWrite(pending)
                ? await pending.Completion.Task
                : new AppendResult(0, 0, new StoreProblem(StoreProblemKind.Closed, "the store is being closed"));
        }
        finally
        {
            Interlocked.Add(ref _pendingBytes, -length);
            foreach (RecordBatch batch in batches)
            {
                batch.Unpack();
            }
        }
    }

    /// <summary>Stores a batch.</summary>
    /// <inheritdoc cref="AppendAsync(RecordBatch[], CancellationToken)"/>
    /// <param name="batch">The batch; untouched until this returns.</param>
    /// <param name="cancellation">Heeded before it is queued; from then on it cannot be called back.</param>
    public ValueTask<AppendResult> AppendAsync(RecordBatch batch, CancellationToken cancellation) => AppendAsync([batch], cancellation);

    /// <summary>Finds out whether something could be stored, as the next append would: with room for a segment.</summary>
    /// <returns>Why not; null when it could.</returns>
    public async ValueTask<StoreProblem?> ProbeAsync()
    {
        PendingBatches pending = new() { IsProbe = true };
        return _pending.Writer.TryWrite(pending) ? (await pending.Completion.Task).Problem : new StoreProblem(StoreProblemKind.Closed, "the store is being closed");
    }

    /// <summary>A reader of what is durable.</summary>
    /// <param name="from">Sequence of the first record to read.</param>
    /// <param name="onDamage">Told of what is damaged; may be null.</param>
    public JournalReader Read(long from, Action<JournalDamage>? onDamage = null) => new(_files, () => _writer.Extent, from, onDamage, _writer.Recent);

    /// <summary>Lets go what is kept in memory for readers (<see cref="JournalOptions.RecentBytes"/>) of the records before a place: they were dealt with. Who reads them again reads them from the disk.</summary>
    public void Forget(long before) => _writer.Recent.Forget(before);

    /// <summary>Waits until there is a durable record at or after a place.</summary>
    public async ValueTask WaitAsync(long sequence, CancellationToken cancellation)
    {
        while (true)
        {
            Task grown = Volatile.Read(ref _grown).Task;
            if (End > sequence)
            {
                return;
            }

            await grown.WaitAsync(cancellation);
        }
    }

    /// <summary>Removes the oldest segments as retention wants it. May be called at any time, not by two threads at once.</summary>
    /// <param name="retention">What to keep.</param>
    /// <param name="neededFrom">Sequence from which on a consumer still needs records: age removes nothing of that, size does.</param>
    /// <exception cref="IOException">A file could not be removed.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be removed.</exception>
    public PruneResult Prune(JournalRetention retention, long neededFrom) => _writer.Prune(retention, neededFrom);

    /// <summary>Stores what waits, then closes.</summary>
    public async ValueTask DisposeAsync()
    {
        _pending.Writer.TryComplete();
        await _committing;
        _writer.Dispose();
        _packer.Dispose();
    }

    private async Task CommitAsync()
    {
        try
        {
            await CommitGroupsAsync();
        }
        catch (Exception exception)
        {
            // A defect, not the disk: nobody may wait for ever.
            _pending.Writer.TryComplete();
            while (_pending.Reader.TryRead(out PendingBatches? pending))
            {
                _group.Add(pending);
            }

            foreach (PendingBatches pending in _group)
            {
                pending.Completion.TrySetException(exception);
            }

            throw;
        }
    }

    private async Task CommitGroupsAsync()
    {
        long? last = null;
        PendingBatches? left = null;
        while (left is not null || await _pending.Reader.WaitToReadAsync())
        {
            int bytes = 0;
            Take(ref left, ref bytes);
            TimeSpan wait = last is { } begun ? _options.CommitWindow - _time.GetElapsedTime(begun) : TimeSpan.Zero;
            Task window = wait > TimeSpan.Zero ? Task.Delay(wait, _time) : Task.CompletedTask;
            while (!window.IsCompleted && !_pending.Reader.Completion.IsCompleted)
            {
                // Made before looking, and looked at before taking: whatever was appended before the last was no longer coming is taken here, and whatever comes in between wakes this again. What completes it
                // may go on right there: it only posts to this thread, while the pool's queue would have to be stood in.
                TaskCompletionSource allHaveCome = new();
                Interlocked.Exchange(ref _allHaveCome, allHaveCome);
                bool isAll = Volatile.Read(ref _coming) == 0;
                Take(ref left, ref bytes);
                if (left is not null || bytes >= _options.MaxGroupBytes || (isAll && bytes >= RecordPacker.MinLength))
                {
                    break;
                }

                await Task.WhenAny(window, allHaveCome.Task);
                Take(ref left, ref bytes);
            }

            last = _time.GetTimestamp();
            JournalCommit commit = _writer.Commit(_group);
            if (commit.Records > 0)
            {
                Interlocked.Exchange(ref _grown, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
            }

            _options.OnCommit?.Invoke(commit);
            foreach (PendingBatches pending in _group)
            {
                pending.Completion.SetResult(pending.Result);
            }

            _group.Clear();
        }
    }

    private void HasCome()
    {
        if (Interlocked.Decrement(ref _coming) == 0)
        {
            Volatile.Read(ref _allHaveCome).TrySetResult();
        }
    }

    /// <summary>Moves what waits into the group, as far as it may grow.</summary>
    private void Take(ref PendingBatches? left, ref int bytes)
    {
        while (left is not null || _pending.Reader.TryRead(out left))
        {
            if (bytes > 0 && (long)bytes + left.Length > _options.MaxGroupBytes)
            {
                return;
            }

            bytes += left.Length;
            _group.Add(left);
            left = null;
        }
    }

    /// <summary>Something that will be appended soon.</summary>
    public readonly struct Coming : IDisposable
    {
        private readonly Journal _journal;

        internal Coming(Journal journal) => _journal = journal;

        /// <summary>It was appended, or will not be.</summary>
        public void Dispose() => _journal.HasCome();
    }
}
