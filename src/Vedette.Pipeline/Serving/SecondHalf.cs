using Vedette.Audit.Batches;
using Vedette.Audit.Shapes;
using Vedette.Storage.Events;
using Vedette.Storage.Stores;

namespace Vedette.Pipeline.Serving;

/// <summary>The second half of a delivery, which a spare thread reads, redacts and compresses while who took the delivery does so with the first.</summary>
/// <param name="store">Where it will be kept.</param>
/// <param name="source">Name of the source.</param>
/// <param name="delivery">The delivery.</param>
/// <param name="half">Where the half is.</param>
/// <param name="records">Takes its events; begun.</param>
internal sealed class SecondHalf(Store store, string source, EventBatch delivery, EventListHalf half, EventRecords records)
{
    private const int Waits = 0;
    private const int HasBegun = 1;
    private const int IsWithdrawn = 2;

    // Who waits for it goes on right here, on the spare thread: waking another would take longer than what is left to do.
    private readonly TaskCompletionSource _end = new();
    private DeliveryReading? _reading;
    private bool _isWhole;
    private bool _isVoid;
    private int _state;

    /// <summary>Where it is.</summary>
    public EventListHalf Half => half;

    /// <summary>Its events.</summary>
    public EventRecords Records => records;

    /// <summary>Reads it, unless it was withdrawn. Called by a spare thread.</summary>
    public void Read()
    {
        if (Interlocked.CompareExchange(ref _state, HasBegun, Waits) != Waits)
        {
            return;
        }

        try
        {
            // Its own view of the bytes, which are not touched by anybody meanwhile.
            using EventBatch over = new(delivery);
            _reading = DeliveryReading.Of(source, over, records, half);
            if (!_reading.Fill(in _isVoid) && !_reading.HasGivenUp)
            {
                store.Prepare(records);
                _isWhole = true;
            }
        }
        catch (Exception)
        {
            // Perhaps only because this is no half. Who has read the first reads this too, and meets with the defect if there is one.
            _isWhole = false;
        }

        _end.SetResult();
    }

    /// <summary>Takes it back; false when it has begun.</summary>
    public bool TryWithdraw() => Interlocked.CompareExchange(ref _state, IsWithdrawn, Waits) == Waits;

    /// <summary>Stops it, unless it is done, and waits until nothing of it goes on any more.</summary>
    public async ValueTask EndAsync()
    {
        if (!TryWithdraw() && Volatile.Read(ref _state) == HasBegun)
        {
            Volatile.Write(ref _isVoid, true);
            await _end.Task;
        }
    }

    /// <summary>Goes on with the delivery, of which the first half was read.</summary>
    /// <param name="first">The reading of the first half.</param>
    /// <returns>True when this half was read here; false when it is still to be read.</returns>
    public async ValueTask<bool> JoinAsync(DeliveryReading first)
    {
        if (TryWithdraw())
        {
            first.GoOn();
            return false;
        }

        if (first.IsAt(half))
        {
            store.Prepare(first.Records);
        }
        else
        {
            Volatile.Write(ref _isVoid, true);
        }

        await _end.Task;
        if (first.TryPass(half, _isWhole ? _reading : null))
        {
            return true;
        }

        records.Release();
        return false;
    }
}
