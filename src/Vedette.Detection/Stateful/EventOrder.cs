namespace Vedette.Detection.Stateful;

/// <summary>How matches are put in order.</summary>
public sealed record EventOrderOptions
{
    /// <summary>
    /// How long after its event time an event may arrive and still take its place in order. Null: everything is held until <see cref="EventOrder.Complete"/>, as far as
    /// <see cref="MaxHeld"/> allows, so that the order of files and lines does not matter.
    /// </summary>
    public TimeSpan? Lateness { get; init; }

    /// <summary>Most matches held; when there are more, or when they take more bytes than there are for them (<see cref="StateMemory.Order"/>), the earliest goes on before its time.</summary>
    public int MaxHeld { get; init; } = DefaultMaxHeld;

    /// <summary>Bound on matches held unless said otherwise.</summary>
    public const int DefaultMaxHeld = 100_000;
}

/// <summary>
/// Puts matches in the order of event time behind a watermark per source. With an arrival time an event's time is clamped to [arrival − lateness, arrival + 1 min], so one from the
/// future blinds nothing. What comes after its time has passed is marked late and goes on at once. Not safe for threads.
/// </summary>
public sealed class EventOrder
{
    /// <summary>How far ahead of our clock an event time is believed.</summary>
    public static readonly TimeSpan MaxAhead = TimeSpan.FromMinutes(1);

    /// <summary>Most sources told apart; the events of further ones are in order among themselves and the others as one source.</summary>
    public const int MaxSources = 10_000;

    // Those held, by the places of their records, which all are asked for when the state is saved: no match need be looked at for that.
    private readonly PriorityQueue<long, HeldPlace> _held = new();

    // Where all are held until the end, as long as there is room for all; null otherwise.
    private PackedMatches? _packed;
    private readonly Dictionary<string, DateTimeOffset> _newest = new(StringComparer.Ordinal);

    // Each source once, with a newest time it had when it was last looked at: the first may be out of date and is then put where it belongs.
    private readonly PriorityQueue<string, DateTimeOffset> _slowest = new();
    private readonly EventOrderOptions _options;
    private readonly MemoryAccount _account;
    private readonly Action<EventMatch> _forced;
    private List<EventMatch>? _passed;
    private bool _isPassing;
    private DateTimeOffset _arrival = DateTimeOffset.MinValue;
    private DateTimeOffset _passedUntil = DateTimeOffset.MinValue;
    private long _number;

    /// <summary>An order that holds nothing.</summary>
    /// <param name="options">How matches are put in order.</param>
    /// <param name="share">Bytes for the matches held; null when only their number counts.</param>
    /// <param name="forced">Gets a match that must go on at once since others, who have the share too, need room.</param>
    public EventOrder(EventOrderOptions options, MemoryShare? share = null, Action<EventMatch>? forced = null)
    {
        _options = options;
        _packed = options.Lateness is null ? new PackedMatches() : null;
        _account = (share ?? new MemoryShare(long.MaxValue)).Open(TryForce);
        _forced = forced ?? (_ => throw new InvalidOperationException("others have the share, and nobody takes what must go on for them"));
    }

    /// <summary>Our clock as far as it was told.</summary>
    public DateTimeOffset Arrival => _arrival;

    /// <summary>Matches held.</summary>
    public int Held => _held.Count + (_packed?.Count ?? 0);

    /// <summary>Matches that came too late for their place.</summary>
    public long Late { get; private set; }

    /// <summary>Matches whose event time was ahead of our clock by more than <see cref="MaxAhead"/>.</summary>
    public long Ahead { get; private set; }

    /// <summary>Matches that went on before their time because too many were held.</summary>
    public long Forced { get; private set; }

    /// <summary>Takes a match.</summary>
    /// <param name="match">The match, whose place in order is noted in it.</param>
    /// <param name="source">Where it came from.</param>
    /// <param name="arrival">When it came, by our clock; null where that says nothing.</param>
    /// <returns>The matches that are in order now.</returns>
    public IReadOnlyList<EventMatch> Add(EventMatch match, string source, DateTimeOffset? arrival)
    {
        DateTimeOffset at = match.Time ?? arrival ?? DateTimeOffset.MinValue;
        if (arrival is { } came)
        {
            _arrival = came > _arrival ? came : _arrival;
            if (at > came + MaxAhead)
            {
                Ahead++;
                at = came + MaxAhead;
            }

            if (_options.Lateness is { } lateness && came - at > lateness)
            {
                at = came - lateness;
            }
        }

        if (_options.Lateness is not null)
        {
            NoteNewest(source, at);
        }

        bool isLate = at < _passedUntil;
        Late += isLate ? 1 : 0;
        match.Place(at, isLate, _number++);
        _account.Add(match.Size);
        if (_packed is null)
        {
            Hold(match);
        }
        else
        {
            _packed.Add(match);
            if (_packed.Count <= _options.MaxHeld && !_account.IsFull)
            {
                return [];
            }

            // From now on the earliest goes on whenever another comes.
            Unpack();
        }

        return Pass() ?? (IReadOnlyList<EventMatch>)[];
    }

    /// <summary>Tells the time while nothing comes; what arrived before it must have been added.</summary>
    /// <param name="now">Our clock.</param>
    /// <returns>The matches that are in order now.</returns>
    public IReadOnlyList<EventMatch> Advance(DateTimeOffset now)
    {
        _arrival = now > _arrival ? now : _arrival;
        return Pass() ?? (IReadOnlyList<EventMatch>)[];
    }

    /// <summary>Up to when matches went on; with <see cref="Arrival"/> and <see cref="HeldSequences"/> that is all it knows where arrival is known.</summary>
    internal DateTimeOffset PassedUntil => _passedUntil;

    /// <summary>The places of the records whose matches are held (<see cref="EventMatch.Sequence"/>), in no order; one may be there several times. None where nobody said how late events may be: such are those of a log.</summary>
    internal IEnumerable<long> HeldSequences => _held.UnorderedItems.Select(item => item.Element);

    /// <summary>The first of <see cref="HeldSequences"/>; null when there is none.</summary>
    internal long? FirstHeldSequence
    {
        get
        {
            long? first = null;
            foreach ((long sequence, _) in _held.UnorderedItems)
            {
                first = sequence >= first ? first : sequence;
            }

            return first;
        }
    }

    /// <summary>Goes on where another left off; the matches that it held are to be added again.</summary>
    internal void Restore(DateTimeOffset arrival, DateTimeOffset passed) => (_arrival, _passedUntil) = (arrival, passed);

    /// <summary>All that was ever added, where none of it had to go on before the end and all is known to be held; else null.</summary>
    internal PackedMatches? Whole => _passedUntil == DateTimeOffset.MinValue && Late == 0 ? _packed : null;

    /// <summary>Forgets all that is held: it was evaluated.</summary>
    internal void Clear()
    {
        _packed?.Clear();
        _held.Clear();
        _account.Add(-_account.Bytes);
    }

    /// <summary>Everything still held, in order: the input has ended.</summary>
    public IEnumerable<EventMatch> Complete()
    {
        if (_packed is { } packed)
        {
            foreach (EventMatch match in packed.TakeInOrder())
            {
                yield return Released(match);
            }
        }

        while (_held.Count > 0)
        {
            yield return Next();
        }
    }

    private void Hold(EventMatch match)
    {
        match = match.Alone();
        _held.Enqueue(match.Sequence, new HeldPlace(match.At.UtcTicks, match));
    }

    private void Unpack()
    {
        foreach (EventMatch match in _packed?.TakeAlone() ?? [])
        {
            Hold(match);
        }

        _packed = null;
    }

    private void NoteNewest(string source, DateTimeOffset at)
    {
        string key = _newest.Count < MaxSources || _newest.ContainsKey(source) ? source : "";
        bool isKnown = _newest.TryGetValue(key, out DateTimeOffset newest);
        _newest[key] = isKnown && newest > at ? newest : at;
        if (!isKnown)
        {
            _slowest.Enqueue(key, at);
        }
    }

    private List<EventMatch>? Pass()
    {
        _passed = null;
        DateTimeOffset? watermark = Watermark();
        while (_held.TryPeek(out _, out HeldPlace place) && (place.Match.At < watermark || _held.Count > _options.MaxHeld))
        {
            Forced += place.Match.At < watermark ? 0 : 1;
            (_passed ??= []).Add(Next());
        }

        _isPassing = true;
        _account.MakeRoom();
        _isPassing = false;
        return _passed;
    }

    private bool TryForce()
    {
        Unpack();
        if (_held.Count == 0)
        {
            return false;
        }

        Forced++;
        EventMatch match = Next();
        if (_isPassing)
        {
            (_passed ??= []).Add(match);
        }
        else
        {
            _forced(match);
        }

        return true;
    }

    private EventMatch Next()
    {
        _held.TryDequeue(out _, out HeldPlace place);
        return Released(place.Match);
    }

    private EventMatch Released(EventMatch match)
    {
        _account.Add(-match.Size);
        _passedUntil = match.At > _passedUntil ? match.At : _passedUntil;
        return match;
    }

    /// <summary>
    /// Before this nothing is waited for. Where arrival is known that is arrival less lateness, to which all that comes later is clamped: neither a silent source nor one whose clock is ahead
    /// moves it. Else the slowest source counts.
    /// </summary>
    private DateTimeOffset? Watermark()
    {
        if (_options.Lateness is not { } lateness)
        {
            return null;
        }

        DateTimeOffset newest = _arrival > DateTimeOffset.MinValue ? _arrival : SlowestSource();
        return newest - DateTimeOffset.MinValue > lateness ? newest - lateness : DateTimeOffset.MinValue;
    }

    private DateTimeOffset SlowestSource()
    {
        while (true)
        {
            _slowest.TryPeek(out string? source, out DateTimeOffset noted);
            DateTimeOffset newest = _newest[source!];
            if (newest == noted)
            {
                return newest;
            }

            _slowest.DequeueEnqueue(source!, newest);
        }
    }

    /// <summary>By time; those whose time was clamped to the same by their rank. The time stands beside the match, so that few matches are looked at to order many.</summary>
    private readonly record struct HeldPlace(long At, EventMatch Match) : IComparable<HeldPlace>
    {
        public int CompareTo(HeldPlace other) => At != other.At ? At.CompareTo(other.At) : Match.Rank.CompareTo(other.Match.Rank);
    }
}
