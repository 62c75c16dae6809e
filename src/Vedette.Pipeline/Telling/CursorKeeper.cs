using Vedette.Pipeline.Serving;
using Vedette.Storage.Journals;
using Vedette.Storage.Stores;

namespace Vedette.Pipeline.Telling;

/// <summary>A receiver's place in a journal, on disk. Trouble with the disk costs that something is told twice, and is told in the log; it stops no telling.</summary>
internal sealed class CursorKeeper
{
    private readonly Cursors _cursors;
    private readonly string _consumer;
    private readonly TellingOptions _options;
    private readonly SteadyClock _clock;
    private long _kept = -1;
    private DateTimeOffset _written = DateTimeOffset.MinValue;
    private bool _isFailing;
    private volatile bool _isPlaced = true;

    /// <summary>Finds the place; one that was never told anything gets one at the journal's end, or its beginning.</summary>
    public CursorKeeper(Cursors cursors, string consumer, Journal journal, bool fromStart, TellingOptions options, SteadyClock clock)
    {
        _cursors = cursors;
        _consumer = consumer;
        _options = options;
        _clock = clock;
        Value = Find(journal, fromStart);

        // Written down at once: what comes from now on is its own, also if the program ends before anything was told.
        Write();
    }

    /// <summary>The first record not dealt with.</summary>
    public long Value { get; private set; }

    /// <summary>Is it known on disk from where on it is told? False for one that is new while its place could not be written down: after a crash it would begin later.</summary>
    public bool IsPlaced => _isPlaced;

    /// <summary>When what is not written down yet should be, by the steady clock; null when all is.</summary>
    public DateTimeOffset? Due => Value == _kept ? null : _written + _options.CursorInterval;

    /// <summary>Moves on; written down in time.</summary>
    public void Move(long next)
    {
        Value = next;
        if (Due <= _clock.Now)
        {
            Write();
        }
    }

    /// <summary>Writes it down now.</summary>
    public void Write()
    {
        if (Value == _kept)
        {
            return;
        }

        _written = _clock.Now;
        try
        {
            _cursors.Set(_consumer, Value);
            _kept = Value;
            _isPlaced = true;
            _isFailing = false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            if (!_isFailing)
            {
                _options.Log($"how far {_consumer} has come cannot be written down, so it may be told some of it again after a restart: {exception.Message}");
            }

            _isFailing = true;
        }
    }

    private long Find(Journal journal, bool fromStart)
    {
        try
        {
            if (_cursors.Get(_consumer) is not { } place)
            {
                _isPlaced = fromStart;
                return fromStart ? journal.Start : journal.End;
            }

            if (place <= journal.End)
            {
                _kept = place;
                return place;
            }

            _options.Log($"{_consumer} had come to {place}, beyond the end of the store at {journal.End}: the store is another than before; it goes on from the store's end");
            return journal.End;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            _options.Log($"how far {_consumer} had come cannot be read, so it is told everything that is stored: {exception.Message}");
            return journal.Start;
        }
    }
}
