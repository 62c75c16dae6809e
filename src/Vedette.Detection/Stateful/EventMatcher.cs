using System.Runtime.InteropServices;
using Vedette.Audit.Events;
using Vedette.Detection.Engine;
using Vedette.Detection.Findings;
using Vedette.Detection.FirstSeen;
using Vedette.Detection.Packing;

namespace Vedette.Detection.Stateful;

/// <summary>
/// From an event to what the rules make of it by itself. One per thread; <see cref="LogDetector"/> takes the results of all threads in the order of the log. An event that no rule on plain fields matches
/// costs no allocation, nor does a match that only repeats what a rule with new terms has seen.
/// </summary>
public sealed class EventMatcher
{
    /// <summary>Bytes of matches that terms are repeats of, kept together: as many as nearly every log has. Nothing of it goes before all does, so further ones are kept alone, and go with their terms.</summary>
    internal const long MaxKeptBytes = 8L * 1024 * 1024;

    private readonly CompiledRules _rules;
    private readonly string? _cluster;
    private readonly KnownTerms _terms;
    private readonly List<int> _repeating = [];
    private readonly List<(int Rule, TermPlace Place)> _met = [];
    private readonly List<FindingPart> _parts = [];

    // Where matches of a log go that terms are repeats of; in a stream each has its own, which goes with it.
    private readonly PackedPieces _pieces = new();

    /// <summary>A matcher that has seen nothing.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="cluster">Name of the cluster, for the findings.</param>
    /// <param name="terms">Bytes for the terms that it has met; null when only their number counts.</param>
    public EventMatcher(CompiledRules rules, string? cluster, MemoryShare? terms = null)
        : this(rules, cluster, terms, facets: null)
    {
    }

    /// <summary>A matcher for one of several threads.</summary>
    /// <param name="facets">The rules, and what the threads tell each other of them.</param>
    /// <param name="cluster">Name of the cluster, for the findings.</param>
    public EventMatcher(SharedFacets facets, string? cluster)
        : this(facets.Rules, cluster, terms: null, facets.NewMemories())
    {
    }

    /// <summary>A matcher that may share with others on its thread what they remember of facets.</summary>
    internal EventMatcher(CompiledRules rules, string? cluster, MemoryShare? terms, FacetMemory[]? facets)
    {
        (_rules, _cluster, _terms) = (rules, cluster, new KnownTerms(terms));
        Evaluator = new RuleEvaluator(rules, facets);
    }

    /// <summary>Evaluates the events; counts matches and blindness.</summary>
    public RuleEvaluator Evaluator { get; }

    /// <summary>Time of the earliest event so far; null when none has a time, or no rule asks when the log began.</summary>
    public DateTimeOffset? Earliest { get; private set; }

    /// <summary>Bytes of the matches that are kept together.</summary>
    internal long KeptBytes => _pieces.Length;

    /// <summary>Forgets the earliest time: other events come.</summary>
    public void Begin() => Earliest = null;

    /// <summary>Forgets which terms it has met: some of the events that it has seen are not there in the end, and nothing may be taken for a repeat of them.</summary>
    public void ForgetTerms() => _terms.Forget();

    /// <summary>Matches that only say that a term was seen again, those of a term together as far as they lie close. Who takes them clears the list.</summary>
    public List<TermRepeat> Repeats { get; } = [];

    /// <summary>Evaluates an event.</summary>
    /// <param name="view">The event.</param>
    /// <param name="isLearning">True when it only teaches what is not new: then no finding is made of it.</param>
    /// <param name="arrival">When it came, by our clock: a time ahead of it is not believed; null where that says nothing.</param>
    /// <param name="matched">What it gave.</param>
    /// <param name="room">Room for what it gave, which must be dealt with before the room is used again; null when it is kept.</param>
    /// <returns>False when it gave nothing but <see cref="Repeats"/>.</returns>
    public bool TryMatch(in EventView view, bool isLearning, DateTimeOffset? arrival, out MatchedEvent matched, MatchRoom? room = null) =>
        TryMatch(view, _rules.Stateful.HasNewTerms ? EventTime.Of(view) : null, isLearning, arrival, out matched, room);

    /// <summary>As <see cref="TryMatch(in EventView, bool, DateTimeOffset?, out MatchedEvent, MatchRoom?)"/>, where the time that the event claims is known.</summary>
    internal bool TryMatch(in EventView view, DateTimeOffset? claimed, bool isLearning, DateTimeOffset? arrival, out MatchedEvent matched, MatchRoom? room = null)
    {
        claimed = _rules.Stateful.HasNewTerms ? claimed : null;
        if (claimed is { } time)
        {
            time = arrival is { } came && time > came + EventOrder.MaxAhead ? came : time;
            Earliest = Earliest < time ? Earliest : time;
        }

        matched = default;
        IReadOnlyList<int> matches = Evaluator.Evaluate(view);
        if (matches.Count == 0)
        {
            return false;
        }

        _parts.Clear();
        _repeating.Clear();
        _met.Clear();
        for (int i = 0; i < matches.Count; i++)
        {
            int rule = matches[i];
            if (_rules.Stateful.TellsDirectly(rule) && !isLearning)
            {
                _parts.Add(FindingPart.Of(_rules.Rules[rule], _cluster, view, room));
            }
            else if (claimed is { } at && _rules.Rules[rule].NewTerms is { } news)
            {
                FindRepeat(rule, news.Window, at, view);
            }
        }

        EventMatch? match = Evaluator.TakeWithout(view, _cluster, _repeating, room);
        EventMatch? kept = null;
        foreach ((int rule, TermPlace place) in _met)
        {
            kept ??= _pieces.Length < MaxKeptBytes ? match!.In(_pieces) : match!.Alone();
            _terms.Note(place, new RepeatedTerm(kept.Rules.Length == 1 ? kept : kept with { Rules = _rules.Stateful.Alone[rule] }, _rules.Rules[rule].NewTerms!.Window));
        }

        ReadOnlyMemory<FindingPart> parts = _parts.Count == 0 ? default : room is null ? _parts.ToArray() : room.Place(_parts);
        matched = new MatchedEvent(parts, match, Earliest);
        return match is not null || !parts.IsEmpty;
    }

    private void FindRepeat(int rule, TimeSpan window, DateTimeOffset at, in EventView view)
    {
        ReadOnlySpan<byte> key = Evaluator.TermKeyOf(rule, view);
        if (key.IsEmpty)
        {
            return;
        }

        if (_terms.IsRepeat(key, at.Ticks, window.Ticks, out TermPlace place) && _terms.RepeatedAt(place, out int noted) is { } repeated)
        {
            _repeating.Add(rule);
            if (!TryJoin(noted, repeated, at, window))
            {
                _terms.NoteRepeats(place, Repeats.Count);
                Repeats.Add(new TermRepeat(repeated, at, at));
            }
        }
        else
        {
            _met.Add((rule, place));
        }
    }

    private bool TryJoin(int place, RepeatedTerm repeated, DateTimeOffset at, TimeSpan window)
    {
        Span<TermRepeat> repeats = CollectionsMarshal.AsSpan(Repeats);
        return place < repeats.Length && repeats[place].Term == repeated && TermRepeat.TryJoin(ref repeats[place], at, window);
    }
}

/// <summary>An event that rules matched, taken out of its batch.</summary>
/// <param name="Parts">What rules tell of it directly; where there is a room, in that.</param>
/// <param name="Match">What stateful rules need of it; null when none matched.</param>
/// <param name="Earliest">Time of the earliest event so far that its matcher has seen.</param>
public readonly record struct MatchedEvent(ReadOnlyMemory<FindingPart> Parts, EventMatch? Match, DateTimeOffset? Earliest);
