using System.Collections.Immutable;
using System.Text.Json;
using Vedette.Audit.Events;
using Vedette.Detection.Engine;
using Vedette.Detection.Findings;
using Vedette.Detection.FirstSeen;

namespace Vedette.Detection.Stateful;

/// <summary>
/// From the events of one cluster, as they come, to its findings. What one event shows is told at once; what needs order is told when its time has passed by <see cref="EventOrderOptions.Lateness"/>.
/// Its state can be saved with a place in the journal, and another detector goes on from there with the same findings. One thread.
/// </summary>
public sealed class StreamDetector
{
    /// <summary>Version of the saved state. One of another version is not read.</summary>
    public const int Version = 1;

    /// <summary>How long after its event time an event may arrive and still take its place in order, unless said otherwise: kube-apiserver sends a batch at most 30 s after it began it.</summary>
    public static readonly TimeSpan DefaultLateness = TimeSpan.FromSeconds(35);

    private readonly TimeSpan _lateness;
    private readonly StatefulDetector _stateful;
    private readonly FutureEvents _future;
    private readonly EventMatcher _matcher;
    private readonly EventOrder _order;
    private readonly RequestFindings _requests = new();
    private readonly List<ToldFinding> _told = [];
    private readonly List<RepeatedTerm> _awaited = [];

    /// <summary>A detector that has seen nothing.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="cluster">Name of the cluster.</param>
    /// <param name="order">How matches are put in order.</param>
    public StreamDetector(CompiledRules rules, string cluster, EventOrderOptions? order = null)
    {
        Cluster = cluster;
        order ??= new EventOrderOptions();
        _lateness = order.Lateness ?? DefaultLateness;
        _stateful = new StatefulDetector(rules);
        _future = new FutureEvents(cluster);
        _matcher = new EventMatcher(rules, cluster);
        _order = new EventOrder(order with { Lateness = _lateness });
    }

    /// <summary>The cluster.</summary>
    public string Cluster { get; }

    /// <summary>Evaluates the events; counts matches and blindness.</summary>
    public RuleEvaluator Evaluator => _matcher.Evaluator;

    /// <summary>What was late, and what was given up for lack of room.</summary>
    public StateStatistics Statistics => _stateful.Statistics with { Late = _order.Late, Ahead = _order.Ahead, Forced = _order.Forced };

    /// <summary>Place of the first record whose matches are held: it is needed again when a state saved now is taken up. Null when none is.</summary>
    public long? HeldFrom => _order.State.Held.Cast<long?>().FirstOrDefault();

    /// <summary>Takes an event.</summary>
    /// <param name="view">The event.</param>
    /// <param name="source">Where it came from.</param>
    /// <param name="arrival">When it came, by our clock.</param>
    /// <param name="sequence">Place of its record in the journal.</param>
    public void Add(in EventView view, string source, DateTimeOffset arrival, long sequence)
    {
        _future.Add(view, source, arrival);
        _told.AddRange(_future.Take());
        Match(view, source, arrival, sequence, isHeld: false);
    }

    /// <summary>Takes an event again whose matches were held when the state was saved; see <see cref="Load"/>.</summary>
    public void AddHeld(in EventView view, string source, DateTimeOffset arrival, long sequence) => Match(view, source, arrival, sequence, isHeld: true);

    /// <summary>Tells the time while nothing comes, so that windows close.</summary>
    /// <param name="now">Our clock; everything that arrived before must have been added.</param>
    public void Advance(DateTimeOffset now)
    {
        Process(_order.Advance(now));
        if (now - DateTimeOffset.MinValue > _lateness)
        {
            _stateful.Advance(now - _lateness);
            _told.AddRange(_stateful.Take());
        }
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
    public void Save(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteNumber("version", Version);
        (DateTimeOffset arrival, DateTimeOffset passed, IEnumerable<long> held) = _order.State;
        writer.WriteString("arrival", arrival);
        writer.WriteString("passed", passed);
        writer.WriteStartArray("held");
        _awaited.RemoveAll(term => !term.IsAwaited);
        foreach (long sequence in held.Concat(_awaited.Where(term => term.AwaitedSequence >= 0).Select(term => term.AwaitedSequence)).Distinct().Order())
        {
            writer.WriteNumberValue(sequence);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("future");
        foreach ((string source, long until) in _future.Open)
        {
            writer.WriteStartObject();
            writer.WriteString("source", source);
            writer.WriteNumber("until", until);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        _requests.Save(writer);
        writer.WritePropertyName("stateful");
        _stateful.Save(writer);
        writer.WriteEndObject();
    }

    /// <summary>Takes up a saved state. For a detector that has seen nothing.</summary>
    /// <param name="saved">What <see cref="Save"/> wrote.</param>
    /// <param name="held">Places of the records, in order, that are to be given to <see cref="AddHeld"/> before anything else.</param>
    /// <returns>False when it is of another version: the detector begins anew.</returns>
    /// <exception cref="JsonException">It is damaged; the detector is good for nothing then, make another.</exception>
    public bool Load(ReadOnlyMemory<byte> saved, out ImmutableArray<long> held)
    {
        held = [];
        using JsonDocument document = JsonDocument.Parse(saved);
        JsonElement root = document.RootElement;
        try
        {
            if (root.GetProperty("version").GetInt32() != Version || !_stateful.Load(System.Text.Encoding.UTF8.GetBytes(root.GetProperty("stateful").GetRawText())))
            {
                return false;
            }

            _order.Restore(root.GetProperty("arrival").GetDateTimeOffset(), root.GetProperty("passed").GetDateTimeOffset());
            foreach (JsonElement source in root.GetProperty("future").EnumerateArray())
            {
                _future.Restore(source.GetProperty("source").GetString()!, source.GetProperty("until").GetInt64());
            }

            _requests.Load(root);
            held = [.. root.GetProperty("held").EnumerateArray().Select(sequence => sequence.GetInt64())];
            return true;
        }
        catch (Exception exception) when (exception is InvalidOperationException or KeyNotFoundException or FormatException)
        {
            // What JsonElement throws for members that are missing or of the wrong kind.
            throw new JsonException($"The saved state is damaged: {exception.Message}", exception);
        }
    }

    private void Match(in EventView view, string source, DateTimeOffset arrival, long sequence, bool isHeld)
    {
        if (_matcher.TryMatch(view, isLearning: false, arrival, out MatchedEvent matched))
        {
            if (matched.Earliest is { } earliest && !isHeld)
            {
                // Nobody may end the learning by an event that claims to be old.
                _stateful.BeginLog(earliest > arrival - _lateness ? earliest : arrival - _lateness);
            }

            foreach (FindingPart part in isHeld ? [] : matched.Parts)
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
        long at = Math.Clamp(repeat.Time.UtcTicks, (arrival - _lateness).UtcTicks, (arrival + EventOrder.MaxAhead).UtcTicks);
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
            _awaited.Add(term);
            Process(_order.Add(term.Match with { Time = repeat.Time, Sequence = sequence, Repeated = term }, source, arrival));
        }
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
            _told.AddRange(_stateful.Take());
        }
    }
}
