using System.Collections.Immutable;
using Vedette.Audit.Events;
using Vedette.Detection.Engine;
using Vedette.Detection.Findings;
using Vedette.Detection.FirstSeen;

namespace Vedette.Detection.Stateful;

/// <summary>
/// From the events of a whole log to its findings. Matches that need state are held, as far as <see cref="EventOrderOptions.MaxHeld"/> allows, and evaluated in order of event time at the end,
/// so the order of files and lines does not matter. An event that matches nothing costs no allocation here. One thread.
/// </summary>
public sealed class LogDetector
{
    private readonly CompiledRules _rules;
    private readonly string? _cluster;
    private readonly EventOrderOptions _options;
    private readonly StateMemory _memory;
    private readonly StatefulDetector _stateful;
    private readonly FutureEvents _future;
    private readonly EventMatcher _matcher;
    private readonly TermRepeats _repeats = new();
    private readonly List<EventMatch> _repeated = [];
    private readonly MatchRoom _room = new();
    private EventOrder _order;
    private EventMatcher? _teacher;
    private StateStatistics _divided = new();
    private bool _isPlain = true;

    /// <summary>A detector that has seen nothing.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="cluster">Name of the cluster, for the findings.</param>
    /// <param name="order">How matches are put in order; null for what suits a scan.</param>
    public LogDetector(CompiledRules rules, string? cluster = null, EventOrderOptions? order = null)
        : this(rules, cluster, order, new StateMemory())
    {
    }

    /// <summary>A detector with these bounds on what it remembers.</summary>
    internal LogDetector(CompiledRules rules, string? cluster, EventOrderOptions? order, StateMemory memory)
    {
        _memory = memory;
        _rules = rules;
        _cluster = cluster;
        _options = order ?? new EventOrderOptions();
        _order = new EventOrder(_options, _memory.Order);
        _stateful = new StatefulDetector(rules, _memory);
        _future = new FutureEvents(cluster, _memory.Findings);
        _matcher = new EventMatcher(rules, cluster);
        Findings = new FindingCollector(cluster);
    }

    /// <summary>Evaluates the events; counts matches and blindness.</summary>
    public RuleEvaluator Evaluator => _matcher.Evaluator;

    /// <summary>The findings so far.</summary>
    public FindingCollector Findings { get; }

    /// <summary>Matches held until the end.</summary>
    public int Held => _order.Held;

    /// <summary>What was late, and what was given up for lack of room.</summary>
    public StateStatistics Statistics => (_stateful.Statistics + _divided) with { Late = _order.Late, Ahead = _order.Ahead, Forced = _order.Forced };

    /// <summary>True when what was held was evaluated on several threads.</summary>
    internal bool HasDivided { get; private set; }

    /// <summary>Takes an event of a log, whose arrival says nothing: its time is taken as it claims.</summary>
    public void Add(in EventView view) => Add(view, "", arrival: null);

    /// <summary>Takes an event.</summary>
    /// <param name="view">The event.</param>
    /// <param name="source">Where it came from.</param>
    /// <param name="arrival">When it came, by our clock; null where that says nothing. An event whose time is ahead of it is a finding of its own (<see cref="FutureEvents"/>).</param>
    public void Add(in EventView view, string source, DateTimeOffset? arrival)
    {
        if (arrival is { } came)
        {
            _isPlain = false;
            _future.Add(view, source, came);
            Tell(_future.Take());
        }

        _room.Clear();
        if (_matcher.TryMatch(view, isLearning: false, arrival, out MatchedEvent matched, _room))
        {
            Add(matched, source, arrival);
        }

        foreach (TermRepeat repeat in _matcher.Repeats)
        {
            Add(repeat, source, arrival);
        }

        _matcher.Repeats.Clear();
    }

    /// <summary>Takes what an event gave that was matched elsewhere. A match that is in a room (<see cref="MatchRoom"/>) is copied where it is kept.</summary>
    public void Add(in MatchedEvent matched) => Add(matched, "", arrival: null);

    private void Add(in MatchedEvent matched, string source, DateTimeOffset? arrival)
    {
        NoteTime(matched.Earliest);
        foreach (ref readonly FindingPart part in matched.Parts.Span)
        {
            Findings.Add(part);
        }

        if (matched.Match is { } match)
        {
            Process(match, source, arrival);
        }
    }

    /// <summary>Takes what was matched elsewhere and only says that a term was seen again.</summary>
    public void Add(in TermRepeat repeat) => Add(repeat, "", arrival: null);

    private void Add(in TermRepeat repeat, string source, DateTimeOffset? arrival)
    {
        if (arrival is not null)
        {
            // Goes on with the others as they come, so that nothing is due later.
            Process(repeat.Term.Match with { Time = repeat.Newest }, source, arrival);
            return;
        }

        _repeats.Add(repeat, _repeated);
        foreach (EventMatch match in _repeated)
        {
            Process(match, source, arrival);
        }

        _repeated.Clear();
    }

    private void Process(EventMatch match, string source, DateTimeOffset? arrival)
    {
        foreach (EventMatch next in _order.Add(match, source, arrival))
        {
            _stateful.Process(next);
        }

        Tell(_stateful.Take());
    }

    /// <summary>Takes an event that only teaches what is not new. Before all others; <see cref="EndLearning"/> ends it.</summary>
    public void Learn(in EventView view)
    {
        _teacher ??= new EventMatcher(_rules, _cluster);
        _room.Clear();
        if (_teacher.TryMatch(view, isLearning: true, arrival: null, out MatchedEvent matched, _room))
        {
            Learn(matched);
        }

        foreach (TermRepeat repeat in _teacher.Repeats)
        {
            Learn(repeat);
        }

        _teacher.Repeats.Clear();
    }

    /// <summary>Takes what an event gave that was matched elsewhere, to learn from.</summary>
    public void Learn(in MatchedEvent matched)
    {
        NoteTime(matched.Earliest);
        if (matched.Match is { } match)
        {
            Learn(match);
        }
    }

    /// <summary>Takes what was matched elsewhere and only says that a term was seen again, to learn from.</summary>
    public void Learn(in TermRepeat repeat)
    {
        _repeats.Add(repeat, _repeated);
        _repeated.ForEach(Learn);
        _repeated.Clear();
    }

    private void Learn(EventMatch match)
    {
        foreach (EventMatch next in _order.Add(match, "", arrival: null))
        {
            _stateful.Learn(next);
        }
    }

    /// <summary>Notes when an event happened; the time of the earliest is that of the log's beginning.</summary>
    public void NoteTime(DateTimeOffset? time)
    {
        if (time is { } known)
        {
            _stateful.BeginLog(known);
        }
    }

    /// <summary>What comes now is looked at.</summary>
    public void EndLearning()
    {
        NoteTime(_teacher?.Earliest);
        _repeats.Complete().ForEach(Learn);
        foreach (EventMatch next in _order.Complete())
        {
            _stateful.Learn(next);
        }

        _stateful.EndLearning();
        _isPlain = false;
        _order = new EventOrder(_options, _memory.Order);
    }

    /// <summary>Ends the log.</summary>
    /// <param name="threads">Threads that evaluate the matches that were held; findings are the same with any number.</param>
    /// <returns>The findings in order of time.</returns>
    public ImmutableArray<Finding> Complete(int threads = 1)
    {
        NoteTime(_matcher.Earliest);
        foreach (EventMatch match in _repeats.Complete())
        {
            Process(match, "", arrival: null);
        }

        if (threads == 1 || !TryDivide(threads))
        {
            EvaluateHeld();
            _stateful.Complete();
        }

        _future.Complete();
        Tell(_stateful.Take());
        Tell(_future.Take());
        return Findings.ToFindings(threads);
    }

    private void EvaluateHeld()
    {
        if (_order.Whole is { } matches)
        {
            // Nobody keeps a match, so that one object will do.
            EventMatch match = EventMatch.Borrowed();
            foreach (int place in matches.Order())
            {
                matches.Read(place, match);
                _stateful.Process(match);
            }

            _order.Clear();
            return;
        }

        foreach (EventMatch next in _order.Complete())
        {
            _stateful.Process(next);
        }
    }

    /// <summary>Evaluates what was held on several threads, where nothing has been evaluated yet and all has room.</summary>
    private bool TryDivide(int threads)
    {
        if (!_isPlain || _order.Whole is not { } matches
            || !new DividedMatches(_rules, matches, _stateful.LogStart, _memory.Limit).TryEvaluate(threads, out ImmutableArray<ToldFinding>[] told, out StateStatistics statistics)
            || Findings.Count + told.Sum(group => (long)group.Length) > Findings.MaxFindings)
        {
            return false;
        }

        _order.Clear();
        _divided = statistics;
        HasDivided = true;
        Array.ForEach(told, Tell);
        return true;
    }

    private void Tell(ImmutableArray<ToldFinding> findings)
    {
        foreach (ToldFinding told in findings)
        {
            Findings.Add(told.Finding);
        }
    }
}
