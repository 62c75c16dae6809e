using System.Collections.Immutable;
using System.Text.Json;
using Vedette.Pipeline.Serving;
using Vedette.Sinks;
using Vedette.Sinks.Routing;
using Vedette.Storage.Journals;
using Vedette.Storage.Stores;

namespace Vedette.Pipeline.Telling;

/// <summary>
/// Tells one receiver of findings: reads their journal from the receiver's cursor, lets the plan say what is told when, and moves the cursor past what was dealt with. It reads no further ahead than
/// the plan may hold, so a receiver that is away costs nothing but its place in the journal.
/// </summary>
internal sealed class FindingTeller : IReceiverTeller
{
    /// <summary>Prefix of the cursors' names.</summary>
    public const string CursorPrefix = "tell:";

    private readonly ReceiverSettings _receiver;
    private readonly Store _store;
    private readonly ISink _sink;
    private readonly TellingOptions _options;
    private readonly TimeProvider _time;
    private readonly SteadyClock _clock;
    private readonly CursorKeeper _cursor;
    private readonly Delivery _delivery;
    private readonly Backoff _reading;
    private RoutingTable _table;
    private CancellationTokenSource _replaced = new();

    /// <summary>Makes one; its place in the journal is known from then on.</summary>
    public FindingTeller(ReceiverSettings receiver, RoutingTable table, Store store, ISink sink, ReceiverStatus status, TellingOptions options, TimeProvider time)
    {
        _receiver = receiver;
        _table = table;
        _store = store;
        _sink = sink;
        _options = options;
        _time = time;
        Status = status;
        status.Instances = sink as IManyInstances;
        _clock = new SteadyClock(time);
        _cursor = new CursorKeeper(store.Cursors, CursorPrefix + receiver.Name, store.Findings, receiver.FromStart, options, _clock);
        _reading = new Backoff(options.Jitter);
        _delivery = new Delivery(receiver.Name, status, options, time);
        status.At(_cursor.Value, held: 0);
    }

    /// <inheritdoc />
    public ReceiverStatus Status { get; }

    /// <inheritdoc />
    public bool IsPlaced => _cursor.IsPlaced;

    /// <inheritdoc />
    public long Cursor => Interlocked.Read(ref _needed);

    private long _needed;

    /// <inheritdoc />
    public void Use(RoutingTable table)
    {
        Volatile.Write(ref _table, table);
        Interlocked.Exchange(ref _replaced, new CancellationTokenSource()).Cancel();
    }

    /// <inheritdoc />
    public async Task RunAsync(CancellationToken stop, CancellationToken abort)
    {
        Interlocked.Exchange(ref _needed, _cursor.Value);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                // The token first: a table that comes after it is seen by it.
                using CancellationTokenSource pause = CancellationTokenSource.CreateLinkedTokenSource(stop, Volatile.Read(ref _replaced).Token);
                await TellAsync(Volatile.Read(ref _table), pause.Token, abort);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
            {
                _options.Log($"the findings for {_receiver.Name} cannot be read, which is tried again: {exception.Message}");
                await Task.Delay(_reading.Next(null), _time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        _cursor.Write();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _sink.Dispose();
        _replaced.Dispose();
    }

    /// <summary>Tells by one table, until it is to stop.</summary>
    private async Task TellAsync(RoutingTable table, CancellationToken stop, CancellationToken abort)
    {
        TellingPlan plan = new(_receiver, table, _sink.MaxBatch, Status);
        using JournalReader reader = _store.Findings.Read(_cursor.Value, damage => _options.Log($"findings for {_receiver.Name}: {damage}"));
        long lost = 0;
        while (!stop.IsCancellationRequested)
        {
            bool isAtEnd = Fill(plan, reader);
            _reading.Reset();
            if (reader.Removed > lost)
            {
                Status.CountLost(reader.Removed - lost);
                _options.Log($"{reader.Removed - lost} findings were removed from the store before {_receiver.Name} was told of them");
                lost = reader.Removed;
            }

            if (plan.Next(_clock.Now) is { } notification)
            {
                if (await DeliverAsync(notification, stop, abort))
                {
                    plan.Done(notification);
                }

                Note(plan, reader);
                continue;
            }

            Note(plan, reader);
            if (_sink is IRefreshingSink { RefreshIn: { } refresh } refreshing && refresh <= TimeSpan.Zero)
            {
                await RefreshAsync(refreshing, abort);
                continue;
            }

            if (isAtEnd)
            {
                TimeSpan? wait = Shortest(Shortest(plan.Due - _clock.Now, _cursor.Due - _clock.Now), (_sink as IRefreshingSink)?.RefreshIn);
                await JournalWait.ForAsync(_store.Findings, reader.Position, wait, _time, stop);
            }
        }
    }

    /// <summary>Takes findings as long as there are some and the plan has room.</summary>
    /// <returns>Has everything been read?</returns>
    private bool Fill(TellingPlan plan, JournalReader reader)
    {
        // Spans are counted on a clock that nobody sets; silences end at a time of day.
        DateTimeOffset now = _clock.Now;
        DateTimeOffset timeOfDay = _time.GetUtcNow();

        // Now and then the cursor must move, also past what is told nobody.
        for (int i = 0; i < TellingPlan.MaxHeld; i++)
        {
            if (plan.IsFull)
            {
                return false;
            }

            if (!reader.TryRead(out JournalRecord record))
            {
                return true;
            }

            try
            {
                plan.Take(StoredFinding.Read(record.Sequence, FindingRecord.IsUpdate(record.Label), record.Bytes.ToArray()), now, timeOfDay);
            }
            catch (JsonException exception)
            {
                Status.CountRefused(exception.Message, timeOfDay);
                _options.Log($"record {record.Sequence} of the store's findings cannot be read as one, and {_receiver.Name} is not told of it: {exception.Message}");
            }
        }

        return false;
    }

    private void Note(TellingPlan plan, JournalReader reader)
    {
        _cursor.Move(plan.Cursor(reader.Position));
        Interlocked.Exchange(ref _needed, _cursor.Value);
        Status.At(reader.Position, plan.Held);
    }

    private Task<bool> DeliverAsync(ImmutableArray<StoredFinding> notification, CancellationToken stop, CancellationToken abort) => _delivery.DeliverAsync(
        notification.AsMemory(),
        some => _sink.SendAsync(ImmutableArray.Create(some.Span), abort),
        finding => $"finding {finding.Id}",
        stop);

    private async Task RefreshAsync(IRefreshingSink sink, CancellationToken abort)
    {
        try
        {
            if (await sink.RefreshAsync(abort) is { Verdict: not SinkVerdict.Delivered } answer)
            {
                Status.CountFailure(answer.Problem ?? "", _time.GetUtcNow());
            }
        }
        catch (OperationCanceledException) when (abort.IsCancellationRequested)
        {
            // Told before; the next program tells it no more, and it ends when it should.
        }
    }

    private static TimeSpan? Shortest(TimeSpan? one, TimeSpan? other) => one is null || other < one ? other ?? one : one;
}
