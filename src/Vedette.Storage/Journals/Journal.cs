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
    private static readonly RecordBatch s_none = new(0);

    private readonly JournalWriter _writer;
    private readonly JournalOptions _options;
    private readonly TimeProvider _time;
    private readonly IFileSystem _files;
    private readonly Channel<PendingBatch> _pending = Channel.CreateUnbounded<PendingBatch>(new UnboundedChannelOptions { SingleReader = true });
    private readonly List<PendingBatch> _group = [];
    private readonly RecordPacker _packer;
    private readonly Task _committing;
    private long _pendingBytes;
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

    /// <summary>Stores a batch.</summary>
    /// <param name="batch">The batch; untouched until this returns.</param>
    /// <param name="cancellation">Heeded before the batch is queued; from then on it cannot be called back.</param>
    /// <returns>When it is durable, or cannot be stored. An empty batch is durable at once.</returns>
    public async ValueTask<AppendResult> AppendAsync(RecordBatch batch, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (batch.Count == 0)
        {
            return new AppendResult(0, 0, null);
        }

        long waiting = Interlocked.Add(ref _pendingBytes, batch.Length) - batch.Length;
        try
        {
            if (waiting > 0 && waiting + batch.Length > _options.MaxPendingBytes)
            {
                return new AppendResult(0, 0, new StoreProblem(StoreProblemKind.Overloaded, $"{waiting} bytes wait to be stored"));
            }

            using PackedRecords? packed = _packer.Pack(batch);
            PendingBatch pending = new(batch, packed);
            return _pending.Writer.TryWrite(pending)
                ? await pending.Completion.Task
                : new AppendResult(0, 0, new StoreProblem(StoreProblemKind.Closed, "the store is being closed"));
        }
        finally
        {
            Interlocked.Add(ref _pendingBytes, -batch.Length);
        }
    }

    /// <summary>Finds out whether something could be stored, as the next append would: with room for a segment.</summary>
    /// <returns>Why not; null when it could.</returns>
    public async ValueTask<StoreProblem?> ProbeAsync()
    {
        PendingBatch pending = new(s_none) { IsProbe = true };
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
            while (_pending.Reader.TryRead(out PendingBatch? pending))
            {
                _group.Add(pending);
            }

            foreach (PendingBatch pending in _group)
            {
                pending.Completion.TrySetException(exception);
            }

            throw;
        }
    }

    private async Task CommitGroupsAsync()
    {
        long? last = null;
        PendingBatch? left = null;
        while (left is not null || await _pending.Reader.WaitToReadAsync())
        {
            int bytes = 0;
            Take(ref left, ref bytes);
            TimeSpan wait = last is { } begun ? _options.CommitWindow - _time.GetElapsedTime(begun) : TimeSpan.Zero;
            if (wait > TimeSpan.Zero && bytes < _options.MaxGroupBytes && left is null && !_pending.Reader.Completion.IsCompleted)
            {
                await Task.Delay(wait, _time);
                Take(ref left, ref bytes);
            }

            last = _time.GetTimestamp();
            JournalCommit commit = _writer.Commit(_group);
            if (commit.Records > 0)
            {
                Interlocked.Exchange(ref _grown, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
            }

            _options.OnCommit?.Invoke(commit);
            foreach (PendingBatch pending in _group)
            {
                pending.Completion.SetResult(pending.Result);
            }

            _group.Clear();
        }
    }

    /// <summary>Moves what waits into the group, as far as it may grow.</summary>
    private void Take(ref PendingBatch? left, ref int bytes)
    {
        while (left is not null || _pending.Reader.TryRead(out left))
        {
            if (bytes > 0 && (long)bytes + left.Batch.Length > _options.MaxGroupBytes)
            {
                return;
            }

            bytes += left.Batch.Length;
            _group.Add(left);
            left = null;
        }
    }
}
