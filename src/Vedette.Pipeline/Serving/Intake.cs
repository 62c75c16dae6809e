using System.Collections.Concurrent;
using Vedette.Audit.Batches;
using Vedette.Audit.Events;
using Vedette.Audit.Shapes;
using Vedette.Detection.Engine;
using Vedette.Storage.Events;
using Vedette.Storage.Files;
using Vedette.Storage.Journals;
using Vedette.Storage.Stores;

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

    private readonly ConcurrentBag<EventRecords> _idle = [];

    // As many as there are processors are read, redacted and compressed at once, in the order in which they have come: more would take as long in all, each of them longer, and those who wait for them with it.
    private readonly SemaphoreSlim _turns = new(Environment.ProcessorCount);

    /// <summary>Takes a whole delivery. What is no event goes to quarantine; what is known to be for somebody else is counted only.</summary>
    /// <param name="cluster">The cluster that the sender's credentials are bound to.</param>
    /// <param name="source">Name of the source.</param>
    /// <param name="delivery">Its bytes; untouched until this returns.</param>
    /// <param name="cancellation">Heeded before anything is stored.</param>
    /// <returns>What became of it. Only when all of it is durable may the sender be told so; a part may be on disk all the same, and is stored once when it comes again.</returns>
    /// <exception cref="ArgumentException">A name is longer than <see cref="EventLabel.MaxNameLength"/>.</exception>
    public ValueTask<IntakeResult> TakeAsync(string cluster, string source, EventBatch delivery, CancellationToken cancellation) => WithRecordsAsync(cluster, source, delivery.InputLength, async (records, rejects) =>
    {
        AuditLogReader reader = new(source, rejects);
        reader.Begin(delivery, isFinal: true);
        DateTimeOffset arrival = time.GetUtcNow();
        IntakeResult taken = default;
        bool hasMore = true;
        while (hasMore && taken.IsDurable)
        {
            ValueTask<AppendResult> storing;
            await _turns.WaitAsync(cancellation);
            try
            {
                records.Begin(cluster, source, arrival);
                hasMore = Fill(reader, delivery, records, ref taken);
                storing = store.AppendAsync(records, cancellation);
            }
            finally
            {
                _turns.Release();
            }

            AppendResult stored = await storing;
            taken = taken with { Duplicates = taken.Duplicates + stored.Duplicates, Problem = stored.Problem };
        }

        return taken;
    });

    /// <summary>Takes something that is known to be no event: to quarantine.</summary>
    /// <param name="cluster">The cluster that the sender's credentials are bound to.</param>
    /// <param name="source">Name of the source.</param>
    /// <param name="reason">Why it is none.</param>
    /// <param name="content">Its bytes, or their beginning.</param>
    /// <param name="cancellation">Heeded before anything is stored.</param>
    public ValueTask<IntakeResult> RejectAsync(string cluster, string source, RejectReason reason, ReadOnlyMemory<byte> content, CancellationToken cancellation) => WithRecordsAsync(cluster, source, content.Length, async (records, rejects) =>
    {
        records.Begin(cluster, source, time.GetUtcNow());
        rejects.Add(reason, new EventOrigin(source, 0), content.Span);
        return new IntakeResult { Problem = (await store.AppendAsync(records, cancellation)).Problem };
    });

    /// <inheritdoc />
    public void Dispose()
    {
        while (_idle.TryTake(out EventRecords? records))
        {
            records.Dispose();
        }

        _turns.Dispose();
    }

    private async ValueTask<IntakeResult> WithRecordsAsync(string cluster, string source, int bytes, Func<EventRecords, RejectLog, ValueTask<IntakeResult>> take)
    {
        EventRecords records = _idle.TryTake(out EventRecords? idle) ? idle : store.CreateRecords();
        records.Expect(Math.Min(bytes, MaxPartLength));
        try
        {
            RejectLog rejects = new((reason, _, content) =>
            {
                if (!reason.IsExpected())
                {
                    records.Quarantine(reason, content);
                }
            });
            IntakeResult taken = await take(records, rejects);
            long others = rejects.Counts.Where(count => count.Reason.IsExpected()).Sum(count => count.Count);
            taken = taken with { Rejects = rejects.Total - others, Others = others };
            observer?.OnDelivery(cluster, source, bytes, taken, rejects);
            return taken;
        }
        finally
        {
            if (_idle.Count < MaxIdle)
            {
                records.Release();
                _idle.Add(records);
            }
            else
            {
                records.Dispose();
            }
        }
    }

    /// <summary>Fills the records of one part.</summary>
    /// <returns>True when the delivery has more.</returns>
    private static bool Fill(AuditLogReader reader, EventBatch delivery, EventRecords records, ref IntakeResult taken)
    {
        while (reader.TryRead(out EventView view))
        {
            records.Add(view, delivery.IsDerived(delivery.Count - 1));
            DateTimeOffset? claimed = EventTime.Of(view);
            delivery.ForgetEvents();
            taken = taken with { Events = taken.Events + 1, LastEvent = claimed <= taken.LastEvent ? taken.LastEvent : claimed ?? taken.LastEvent };
            if (records.Events.Length + records.Quarantined.Length >= MaxPartLength)
            {
                return true;
            }
        }

        return false;
    }
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
