using System.Collections.Concurrent;
using Vedette.Audit.Batches;
using Vedette.Audit.Shapes;
using Vedette.Storage.Events;
using Vedette.Storage.Files;
using Vedette.Storage.Journals;
using Vedette.Storage.Stores;
using Vedette.Storage.Threads;

namespace Vedette.Pipeline.Serving;

/// <summary>Takes deliveries in: finds their events, redacts them, and makes them durable before it answers. Many at a time.</summary>
/// <param name="store">Where they are kept.</param>
/// <param name="time">Clock.</param>
/// <param name="observer">Told of every delivery; may be null.</param>
public sealed class Intake(Store store, TimeProvider time, IIntakeObserver? observer = null) : IDisposable
{
    /// <summary>Most that is kept ready for the next deliveries; it has no buffers meanwhile.</summary>
    public const int MaxIdle = 64;

    /// <summary>Bytes of records after which a part of a delivery is stored by itself: an envelope may hold far more than its own length.</summary>
    public const int MaxPartLength = 32 * 1024 * 1024;

    /// <summary>Shorter deliveries are read by one thread: they are soon done, and two halves of them would take a seventh more on disk.</summary>
    public const int MinDividedLength = 1024 * 1024;

    /// <summary>Longer ones are, too: what is stored at once stays bounded.</summary>
    public const int MaxDividedLength = 16 * 1024 * 1024;

    private readonly ConcurrentBag<EventRecords> _idle = [];

    // As many as there are processors are read, redacted and compressed at once, in the order in which they have come: more would take as long in all, each of them longer, and those who wait for them with it.
    private readonly SemaphoreSlim _turns = new(Environment.ProcessorCount);

    // While no more deliveries than this are dealt with, waiting for the disk included, each may have a second turn. With more, every processor has enough to do, and dividing would only cost.
    private readonly int _maxDivided = Environment.ProcessorCount / 2;
    private readonly SpareThreads _spare = new(Environment.ProcessorCount / 2, "second half");
    private int _taking;
    private int _divided;

    /// <summary>Deliveries so far whose second half was given to a spare thread.</summary>
    internal int Divided => Volatile.Read(ref _divided);

    /// <summary>Takes a whole delivery. What is no event goes to quarantine; what is known to be for somebody else is counted only.</summary>
    /// <param name="cluster">The cluster that the sender's credentials are bound to.</param>
    /// <param name="source">Name of the source.</param>
    /// <param name="delivery">Its bytes; untouched until this returns.</param>
    /// <param name="cancellation">Heeded before each part of it is stored.</param>
    /// <returns>What became of it. Only when all of it is durable may the sender be told so; a part may be on disk all the same, and is stored once when it comes again.</returns>
    /// <exception cref="ArgumentException">A name is longer than <see cref="EventLabel.MaxNameLength"/>.</exception>
    public async ValueTask<IntakeResult> TakeAsync(string cluster, string source, EventBatch delivery, CancellationToken cancellation)
    {
        DateTimeOffset arrival = time.GetUtcNow();
        EventRecords records = Lend(delivery.InputLength);
        EventRecords? others = null;
        Interlocked.Increment(ref _taking);
        try
        {
            DeliveryReading reading = DeliveryReading.Of(source, delivery, records);
            AppendResult all = default;
            bool hasMore;
            do
            {
                Storing part;
                using (store.Events.Announce())
                {
                    records.Begin(cluster, source, arrival);
                    await _turns.WaitAsync(cancellation);
                    int turns = 1;
                    try
                    {
                        if (others is null && MayDivide(delivery, out EventListHalf half))
                        {
                            turns = 2;
                            others = Lend(delivery.InputLength / 2);
                            others.Begin(cluster, source, arrival);
                            part = await ReadHalvesAsync(reading, new SecondHalf(store, source, delivery, half, others), cancellation);
                        }
                        else
                        {
                            part = Read(reading, cancellation);
                        }
                    }
                    finally
                    {
                        _turns.Release(turns);
                    }
                }

                hasMore = part.HasMore;
                AppendResult stored = await part.Result;
                all = new AppendResult(all.Stored + stored.Stored, all.Duplicates + stored.Duplicates, stored.Problem);
            }
            while (hasMore && all.IsDurable);

            return Told(cluster, source, delivery.InputLength, all, reading.Events, reading.LastEvent, reading.Rejects);
        }
        finally
        {
            Interlocked.Decrement(ref _taking);
            Return(records);
            Return(others);
        }
    }

    /// <summary>Takes something that is known to be no event: to quarantine.</summary>
    /// <param name="cluster">The cluster that the sender's credentials are bound to.</param>
    /// <param name="source">Name of the source.</param>
    /// <param name="reason">Why it is none.</param>
    /// <param name="content">Its bytes, or their beginning.</param>
    /// <param name="cancellation">Heeded before anything is stored.</param>
    public async ValueTask<IntakeResult> RejectAsync(string cluster, string source, RejectReason reason, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        EventRecords records = Lend(content.Length);
        try
        {
            records.Begin(cluster, source, time.GetUtcNow());
            RejectLog rejects = new((_, _, bytes) => records.Quarantine(reason, bytes));
            rejects.Add(reason, new EventOrigin(source, 0), content.Span);
            return Told(cluster, source, content.Length, await store.AppendAsync(records, cancellation), events: 0, lastEvent: null, rejects);
        }
        finally
        {
            Return(records);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        while (_idle.TryTake(out EventRecords? records))
        {
            records.Dispose();
        }

        // Not the turns, which hold nothing: who has one still gives it back.
        _spare.Dispose();
    }

    /// <summary>Reads a part of a delivery in one turn.</summary>
    private Storing Read(DeliveryReading reading, CancellationToken cancellation)
    {
        bool hasMore = reading.Fill();
        return new Storing(hasMore, store.AppendAsync(reading.Records, cancellation));
    }

    /// <summary>Reads a delivery in two turns: its second half on a spare thread.</summary>
    private async ValueTask<Storing> ReadHalvesAsync(DeliveryReading first, SecondHalf second, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _divided);
        try
        {
            first.StopAt(second.Half);
            _spare.Begin(second.Read);
            first.Fill();
            EventRecords[] parts = await second.JoinAsync(first) ? [first.Records, second.Records] : [first.Records];

            // What is behind the second half, or that half itself.
            bool hasMore = first.Fill();
            return new Storing(hasMore, store.AppendAsync(parts, cancellation));
        }
        finally
        {
            await second.EndAsync();
        }
    }

    /// <summary>Is it worth while to read a delivery with two threads, and is there a turn for the second?</summary>
    /// <returns>True when the turn was taken.</returns>
    private bool MayDivide(EventBatch delivery, out EventListHalf half)
    {
        half = default;
        return delivery.InputLength is >= MinDividedLength and <= MaxDividedLength && Volatile.Read(ref _taking) <= _maxDivided && EventListHalf.TryGuess(delivery.Input, out half) && _turns.Wait(0);
    }

    private IntakeResult Told(string cluster, string source, int bytes, AppendResult stored, int events, DateTimeOffset? lastEvent, RejectLog rejects)
    {
        long others = rejects.Counts.Where(count => count.Reason.IsExpected()).Sum(count => count.Count);
        IntakeResult taken = new()
        {
            Events = events,
            Duplicates = stored.Duplicates,
            Rejects = rejects.Total - others,
            Others = others,
            LastEvent = lastEvent,
            Problem = stored.Problem,
        };
        observer?.OnDelivery(cluster, source, bytes, taken, rejects);
        return taken;
    }

    private EventRecords Lend(int bytes)
    {
        EventRecords records = _idle.TryTake(out EventRecords? idle) ? idle : store.CreateRecords();
        records.Expect(Math.Min(bytes, MaxPartLength));
        return records;
    }

    private void Return(EventRecords? records)
    {
        if (records is not null && _idle.Count < MaxIdle)
        {
            records.Release();
            _idle.Add(records);
        }
        else
        {
            records?.Dispose();
        }
    }

    /// <summary>A part of a delivery that is being stored.</summary>
    private readonly record struct Storing(bool HasMore, ValueTask<AppendResult> Result);
}

/// <summary>What became of a delivery.</summary>
public readonly record struct IntakeResult
{
    /// <summary>Events in it.</summary>
    public int Events { get; init; }

    /// <summary>Those of them that were there already.</summary>
    public int Duplicates { get; init; }

    /// <summary>Pieces of it that were no event.</summary>
    public long Rejects { get; init; }

    /// <summary>Pieces of it that are known to be for somebody else (<see cref="RejectReasons.IsExpected"/>).</summary>
    public long Others { get; init; }

    /// <summary>The latest time that an event claims; null where none does.</summary>
    public DateTimeOffset? LastEvent { get; init; }

    /// <summary>Why it could not be stored; null when all of it is on disk, what is quarantined too.</summary>
    public StoreProblem? Problem { get; init; }

    /// <summary>Is all of it on disk?</summary>
    public bool IsDurable => Problem is null;
}

/// <summary>Is told of deliveries, on any thread.</summary>
public interface IIntakeObserver
{
    /// <summary>A delivery was dealt with.</summary>
    void OnDelivery(string cluster, string source, int bytes, in IntakeResult result, RejectLog rejects);
}
