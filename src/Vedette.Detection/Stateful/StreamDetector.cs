using System.Buffers;
using System.Collections.Immutable;
using Vedette.Audit.Events;
using Vedette.Detection.Engine;
using Vedette.Detection.Findings;
using Vedette.Detection.FirstSeen;
using Vedette.Detection.Packing;

namespace Vedette.Detection.Stateful;

/// <summary>
/// From the events of one cluster, as they come, to its findings. What one event shows is told at once; what needs order is told when its time has passed by <see cref="EventOrderOptions.Lateness"/>.
/// Its state can be saved with a place in the journal, and another detector goes on from there with the same findings. One thread.
/// </summary>
public sealed class StreamDetector
{
    /// <summary>How long after its event time an event may arrive and still take its place in order, unless said otherwise: kube-apiserver sends a batch at most 30 s after it began it.</summary>
    public static readonly TimeSpan DefaultLateness = TimeSpan.FromSeconds(35);

    /// <summary>So many terms are awaited before those are looked for that are not any more.</summary>
    private const int MinAwaited = 1_024;

    private readonly TimeSpan _lateness;
    private readonly StatefulDetector _stateful;
    private readonly FutureEvents _future;
    private readonly EventMatcher _matcher;
    private readonly EventOrder _order;
    private readonly RequestFindings _requests;
    private readonly List<ToldFinding> _told = [];
    private readonly List<RepeatedTerm> _awaited = [];
    private int _maxAwaited = MinAwaited;

    /// <summary>A detector that has seen nothing.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="cluster">Name of the cluster.</param>
    /// <param name="order">How matches are put in order.</param>
    /// <param name="memory">Bytes for what it remembers, which those of other clusters have too; null for some of its own.</param>
    public StreamDetector(CompiledRules rules, string cluster, EventOrderOptions? order = null, StateMemory? memory = null)
        : this(rules, cluster, order, memory, Candidates.NewMemories(rules.Index))
    {
    }

    /// <summary>A detector that shares with those of other clusters what they remember of facets, which is the same for all.</summary>
    internal StreamDetector(CompiledRules rules, string cluster, EventOrderOptions? order, StateMemory? memory, FacetMemory[] facets)
    {
        memory ??= new StateMemory();
        Cluster = cluster;
        order ??= new EventOrderOptions();
        _lateness = order.Lateness ?? DefaultLateness;
        _stateful = new StatefulDetector(rules, memory);
        _future = new FutureEvents(cluster, memory.Findings);
        _matcher = new EventMatcher(rules, cluster, memory.Terms, facets);
        _order = new EventOrder(order with { Lateness = _lateness }, memory.Order, match => Process([match]));
        _requests = new RequestFindings(memory.Findings);
    }

    /// <summary>The cluster.</summary>
    public string Cluster { get; }

    /// <summary>Evaluates the events; counts matches and blindness.</summary>
    public RuleEvaluator Evaluator => _matcher.Evaluator;

    /// <summary>What was late, and what was given up for lack of room.</summary>
    public StateStatistics Statistics
    {
        get
        {
            StateStatistics stateful = _stateful.Statistics;
            return stateful with { Late = _order.Late, Ahead = _order.Ahead, Forced = _order.Forced, EvictedFindings = stateful.EvictedFindings + _requests.Evicted };
        }
    }

    /// <summary>Place of the first record whose matches are held: it is needed again when a state saved now is taken up. Null when none is.</summary>
    public long? HeldFrom => _order.FirstHeldSequence;

    /// <summary>Takes an event.</summary>
    /// <param name="view">The event.</param>
    /// <param name="source">Where it came from.</param>
    /// <param name="arrival">When it came, by our clock.</param>
    /// <param name="sequence">Place of its record in the journal.</param>
    public void Add(in EventView view, string source, DateTimeOffset arrival, long sequence) => Add(view, EventTime.Of(view), source, arrival, sequence);

    /// <summary>As <see cref="Add(in EventView, string, DateTimeOffset, long)"/>, where the time that the event claims is known (<see cref="EventTime.Of"/>).</summary>
    public void Add(in EventView view, DateTimeOffset? claimed, string source, DateTimeOffset arrival, long sequence)
    {
        _future.Add(view, claimed, source, arrival);
        _told.AddRange(_future.Take().AsSpan());
        Match(view, claimed, source, arrival, sequence, isHeld: false);
    }

    /// <summary>Takes an event again whose matches were held when the state was saved; see <see cref="Load(ReadOnlySpan{byte})"/>.</summary>
    public void AddHeld(in EventView view, string source, DateTimeOffset arrival, long sequence) => Match(view, EventTime.Of(view), source, arrival, sequence, isHeld: true);

    /// <summary>Tells the time while nothing comes, so that windows close.</summary>
    /// <param name="now">Our clock; everything that arrived before must have been added.</param>
    public void Advance(DateTimeOffset now)
    {
        Process(_order.Advance(now));
        if (now - DateTimeOffset.MinValue > _lateness)
        {
            _stateful.Advance(now - _lateness);
        }

        // What others gave room for may have closed something, too.
        _told.AddRange(_stateful.Take().AsSpan());
        _told.AddRange(_future.Take().AsSpan());
    }

    /// <summary>What is to be told since the last call, in order.</summary>
    public ImmutableArray<ToldFinding> Take()
    {
        if (_told.Count == 0)
        {
            return [];
        }

        ImmutableArray<ToldFinding> told = [.. _told];
        _told.Clear();
        return told;
    }

    /// <summary>Writes everything remembered. Findings must have been taken (<see cref="Take"/>) and stored before.</summary>
    public void Save(IBufferWriter<byte> to)
    {
        PackedWriter writer = new(to);
        writer.Number(_order.Arrival.UtcTicks);
        writer.Number(_order.PassedUntil.UtcTicks);
        _awaited.RemoveAll(term => !term.IsAwaited);
        List<long> held = [.. _order.HeldSequences, .. _awaited.Where(term => term.AwaitedSequence >= 0).Select(term => term.AwaitedSequence)];
        writer.Number(held.Count);
        long before = 0;
        foreach (long sequence in held)
        {
            writer.Number(sequence - before);
            before = sequence;
        }

        (string, long)[] future = [.. _future.Open];
        writer.Number(future.Length);
        foreach ((string source, long until) in future)
        {
            writer.Text(source);
            writer.Number(until);
        }

        _requests.Save(writer);
        _stateful.Save(to);
    }

    /// <summary>Takes up a saved state. For a detector that has seen nothing.</summary>
    /// <param name="saved">What <see cref="Save"/> wrote.</param>
    /// <returns>Places of the records, in order, that are to be given to <see cref="AddHeld"/> before anything else.</returns>
    /// <exception cref="InvalidDataException">It is damaged, or of another version; the detector is good for nothing then, make another.</exception>
    public SortedSet<long> Load(ReadOnlySpan<byte> saved)
    {
        PackedReader reader = new(saved);
        return Load(ref reader);
    }

    /// <summary>As <see cref="Load(ReadOnlySpan{byte})"/>, of a state behind which others stand.</summary>
    internal SortedSet<long> Load(ref PackedReader reader)
    {
        _order.Restore(new DateTimeOffset(reader.Ticks(), TimeSpan.Zero), new DateTimeOffset(reader.Ticks(), TimeSpan.Zero));
        SortedSet<long> held = [];
        long sequence = 0;
        for (int left = reader.Count(); left > 0; left--)
        {
            sequence += reader.Number();
            held.Add(sequence);
        }

        for (int left = reader.Count(); left > 0; left--)
        {
            _future.Restore(reader.Text(), reader.Number());
        }

        _requests.Load(ref reader);
        return _stateful.Load(ref reader) ? held : throw new InvalidDataException("the saved state of a cluster is of another version");
    }

    private void Match(in EventView view, DateTimeOffset? claimed, string source, DateTimeOffset arrival, long sequence, bool isHeld)
    {
        if (_matcher.TryMatch(view, claimed, isLearning: false, arrival, out MatchedEvent matched))
        {
            if (matched.Earliest is { } earliest && !isHeld)
            {
                // Nobody may end the learning by an event that claims to be old.
                _stateful.BeginLog(earliest > arrival - _lateness ? earliest : arrival - _lateness);
            }

            foreach (FindingPart part in isHeld ? [] : matched.Parts.Span)
            {
                _requests.Add(part, _told);
            }

            if (matched.Match is { } match)
            {
                Process(_order.Add(match with { Sequence = sequence }, source, arrival));
            }
        }

        foreach (TermRepeat repeat in _matcher.Repeats)
        {
            Repeat(repeat, source, arrival, sequence);
        }

        _matcher.Repeats.Clear();
    }

    /// <summary>Most of what comes are repeats. One of each term takes its place in order; when the memory of terms has noted it, the others need no more than to be noted too.</summary>
    private void Repeat(in TermRepeat repeat, string source, DateTimeOffset arrival, long sequence)
    {
        RepeatedTerm term = repeat.Term;
        long at = Math.Clamp(repeat.Newest.UtcTicks, (arrival - _lateness).UtcTicks, (arrival + EventOrder.MaxAhead).UtcTicks);
        if (arrival > _order.Arrival)
        {
            // What is not put in order must tell it the time all the same.
            Process(_order.Advance(arrival));
        }

        if (term.IsAwaited)
        {
            term.Add(at, sequence);
        }
        else if (!_stateful.TryRefresh(term, at))
        {
            term.Await(at);
            NoteAwaited(term);
            Process(_order.Add(term.Match with { Time = repeat.Newest, Sequence = sequence, Repeated = term }, source, arrival));
        }
    }

    private void NoteAwaited(RepeatedTerm term)
    {
        if (_awaited.Count >= _maxAwaited)
        {
            _awaited.RemoveAll(known => !known.IsAwaited);
            _maxAwaited = Math.Max(MinAwaited, 2 * _awaited.Count);
        }

        _awaited.Add(term);
    }

    private void Process(IEnumerable<EventMatch> matches)
    {
        bool any = false;
        foreach (EventMatch match in matches)
        {
            _stateful.Process(match);
            any = true;
        }

        if (any)
        {
            _told.AddRange(_stateful.Take().AsSpan());
        }
    }
}
