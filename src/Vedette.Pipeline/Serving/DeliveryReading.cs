using Vedette.Audit.Batches;
using Vedette.Audit.Events;
using Vedette.Audit.Shapes;
using Vedette.Detection.Engine;
using Vedette.Storage.Events;

namespace Vedette.Pipeline.Serving;

/// <summary>Reads a delivery, or a half of one, into records: events redacted, what is no event to quarantine. One thread.</summary>
internal sealed class DeliveryReading
{
    private readonly AuditLogReader _reader;
    private readonly EventBatch _delivery;

    private DeliveryReading(string source, EventBatch delivery, EventRecords records)
    {
        Records = records;
        Rejects = new RejectLog((reason, _, content) =>
        {
            if (!reason.IsExpected())
            {
                records.Quarantine(reason, content);
            }
        });
        _reader = new AuditLogReader(source, Rejects);
        _delivery = delivery;
    }

    /// <summary>A reading of all of a delivery.</summary>
    public static DeliveryReading Of(string source, EventBatch delivery, EventRecords records)
    {
        DeliveryReading reading = new(source, delivery, records);
        reading._reader.Begin(delivery, isFinal: true);
        return reading;
    }

    /// <summary>A reading of its second half, over a batch of its own.</summary>
    public static DeliveryReading Of(string source, EventBatch delivery, EventRecords records, EventListHalf half)
    {
        DeliveryReading reading = new(source, delivery, records);
        reading._reader.Begin(delivery, half);
        return reading;
    }

    /// <summary>What was read.</summary>
    public EventRecords Records { get; }

    /// <summary>What of it is no event.</summary>
    public RejectLog Rejects { get; }

    /// <summary>Events so far.</summary>
    public int Events { get; private set; }

    /// <summary>The latest time that one of them claims; null where none does.</summary>
    public DateTimeOffset? LastEvent { get; private set; }

    /// <summary>True when it is one of a half that holds something else than events: not all of it was read.</summary>
    public bool HasGivenUp => _reader.HasGivenUp;

    /// <summary>Reads on.</summary>
    /// <returns>True when the records are as many as are stored at once, and there may be more.</returns>
    public bool Fill()
    {
        bool isVoid = false;
        return Fill(in isVoid);
    }

    /// <inheritdoc cref="Fill()"/>
    /// <param name="isVoid">Set by another thread when nobody wants what is read any more: there may be more then, too.</param>
    public bool Fill(ref readonly bool isVoid)
    {
        while (_reader.TryRead(out EventView view))
        {
            if (Volatile.Read(in isVoid))
            {
                return true;
            }

            Records.Add(view, _delivery.IsDerived(_delivery.Count - 1));
            _delivery.ForgetEvents();
            Note(1, EventTime.Of(view));
            if (Records.Events.Length + Records.Quarantined.Length >= Intake.MaxPartLength)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Another reads this half.</summary>
    public void StopAt(EventListHalf half) => _reader.StopAt(half);

    /// <summary>Has it come to where that half begins?</summary>
    public bool IsAt(EventListHalf half) => _reader.IsAt(half);

    /// <summary>Nobody else reads a half after all.</summary>
    public void GoOn() => _reader.GoOn();

    /// <summary>Takes what another has read of the second half for read, if it is one.</summary>
    /// <param name="half">The half.</param>
    /// <param name="other">Its reading; null when it is not complete.</param>
    /// <returns>False when it is not: what the other has read is void, and all that follows is still to be read here.</returns>
    public bool TryPass(EventListHalf half, DeliveryReading? other)
    {
        if (other is null || !_reader.TryPass(half))
        {
            GoOn();
            return false;
        }

        Note(other.Events, other.LastEvent);
        Rejects.Include(other.Rejects);
        return true;
    }

    private void Note(int events, DateTimeOffset? last)
    {
        Events += events;
        LastEvent = last <= LastEvent ? LastEvent : last ?? LastEvent;
    }
}
