using System.Buffers;
using System.Collections.Immutable;
using Vedette.Detection.Correlations;
using Vedette.Detection.Engine;
using Vedette.Detection.Findings;
using Vedette.Detection.FirstSeen;
using Vedette.Detection.Packing;
using Vedette.Detection.Rules;

namespace Vedette.Detection.Stateful;

/// <summary>
/// Runs correlations, new terms and suppression on matches that come in order (<see cref="EventOrder"/>). The same matches give the same findings. An event that is late is taken as happening
/// at the time reached. One thread at a time.
/// </summary>
public sealed class StatefulDetector : IWindowClock
{
    /// <summary>So many windows wait for their end before those are looked for that were forgotten meanwhile.</summary>
    private const int MinClosing = 1_024;

    private readonly StatefulPlan _plan;
    private readonly CorrelationState[] _correlations;
    private readonly Dictionary<int, TermMemory> _terms = [];
    private readonly PriorityQueue<(CorrelationState State, GroupWindow Window), (long Due, int Place, string Key)> _closing = new(CloseOrder.Instance);
    private readonly PriorityQueue<OpenFinding, (long Until, string Id)> _open = new(OpenOrder.Instance);
    private readonly Dictionary<(int Place, string Key), OpenFinding> _suppressing = [];
    private readonly Queue<Occurrence> _pending = new();
    private readonly List<ToldFinding> _told = [];
    private readonly MemoryAccount _findings;
    private int _maxClosing = MinClosing;
    private long _now = long.MinValue;
    private bool _isLearning;
    private ToldOccasion _occasion;

    /// <summary>A detector for these rules, that has seen nothing.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="memory">Bytes for what it remembers, which others may have too; null for some of its own.</param>
    public StatefulDetector(CompiledRules rules, StateMemory? memory = null)
    {
        memory ??= new StateMemory();
        _plan = rules.Stateful;
        _findings = memory.Findings.Open(TryCloseFinding);
        _correlations = [.. _plan.Correlations.Select(correlation => new CorrelationState(correlation, Budget, memory, this))];
        for (int place = 0; place < _plan.Planned.Length; place++)
        {
            if (_plan.Planned[place].Rule.NewTerms is { } terms)
            {
                _terms.Add(place, new TermMemory(terms, memory.Terms));
            }
        }
    }

    /// <summary>What is remembered and what was given up.</summary>
    public StateBudget Budget { get; } = new();

    /// <summary>What was given up for lack of room.</summary>
    public StateStatistics Statistics => new()
    {
        EvictedGroups = Budget.EvictedGroups,
        EvictedMatches = Budget.EvictedMatches,
        EvictedTerms = _terms.Values.Sum(terms => terms.Terms.Evicted + terms.Peers.Evicted) + _correlations.Sum(state => state.Unfinished.Evicted),
        EvictedFindings = Budget.EvictedFindings,
    };

    /// <summary>Time of the log's first event, from which learning periods are counted; that of the first match while nobody said.</summary>
    public DateTimeOffset? LogStart { get; private set; }

    /// <summary>Tells when the log began; the earliest word counts.</summary>
    public void BeginLog(DateTimeOffset first) => LogStart = LogStart is { } known && known < first ? known : first;

    /// <summary>Takes the next match in order.</summary>
    public void Process(EventMatch match)
    {
        long at = Math.Max(match.At.Ticks, _now);
        CloseBefore(at);
        _now = at;
        _occasion = ToldOccasion.Event;
        LogStart ??= match.At;
        ImmutableArray<FieldTexts> values = match.Values.Unpack();
        foreach (int rule in match.Rules)
        {
            _pending.Enqueue(new Occurrence(rule, at, values, match.IsLate) { Request = match.Request, MayContinue = match.MayContinue, Evidence = match.Evidence, Repeated = match.Repeated });
        }

        Drain();
    }

    /// <summary>Takes a repeat of a term that was told before (<see cref="EventMatch.Repeated"/>), at once and not in order: of a term that is known it changes only when it was last seen.</summary>
    /// <param name="term">The term.</param>
    /// <param name="at">When, in ticks.</param>
    /// <returns>False when it must be processed as a match.</returns>
    internal bool TryRefresh(RepeatedTerm term, long at) => !term.Members.IsDefault && _terms[term.Match.Rules[0]].TryRefresh(term.Members, Math.Max(at, _now));

    /// <summary>Takes a match to learn from: nothing is told.</summary>
    public void Learn(EventMatch match)
    {
        _isLearning = true;
        Process(match);
    }

    /// <summary>Ends learning: terms stay known, everything else is forgotten.</summary>
    public void EndLearning()
    {
        _isLearning = false;
        foreach (CorrelationState state in _correlations)
        {
            state.Clear();
        }

        _closing.Clear();
        foreach ((OpenFinding open, _) in _open.UnorderedItems)
        {
            open.Close();
        }

        _open.Clear();
        _suppressing.Clear();
        _told.Clear();
        _now = long.MinValue;
    }

    /// <summary>Closes what would have closed before a time; for a clock that goes on while no events come.</summary>
    public void Advance(DateTimeOffset time)
    {
        CloseBefore(time.Ticks);
        _now = Math.Max(_now, time.Ticks);
    }

    /// <summary>Closes everything that is open: the input has ended.</summary>
    public void Complete() => CloseBefore(long.MaxValue);

    /// <summary>The findings told since the last call, in order.</summary>
    public ImmutableArray<ToldFinding> Take()
    {
        ImmutableArray<ToldFinding> told = [.. _told];
        _told.Clear();
        return told;
    }

    /// <summary>Writes everything remembered, so that <see cref="Load(ReadOnlySpan{byte})"/> goes on as if nothing had happened. Findings must have been taken (<see cref="Take"/>) before.</summary>
    public void Save(IBufferWriter<byte> to)
    {
        PackedWriter writer = new(to);
        StateWriter state = new(to, _plan);
        writer.Number(StateWriter.Version);
        writer.Number(_now);
        writer.Number(LogStart?.UtcTicks ?? -1);
        state.WriteOpen([.. _open.UnorderedItems.OrderBy(item => item.Priority, OpenOrder.Instance).Select(item => item.Element)]);
        writer.Number(_terms.Count);
        foreach ((int place, TermMemory terms) in _terms)
        {
            state.Write(place, terms);
        }

        writer.Number(_correlations.Length);
        foreach (CorrelationState correlation in _correlations)
        {
            state.Write(correlation);
        }
    }

    /// <summary>Takes up a saved state. For a detector that has seen nothing; its rules may have changed since, what belonged to rules that are gone is left out.</summary>
    /// <param name="saved">What <see cref="Save"/> wrote.</param>
    /// <returns>False when it is of another version: the detector begins anew.</returns>
    /// <exception cref="InvalidDataException">It is damaged; the detector is good for nothing then, make another.</exception>
    public bool Load(ReadOnlySpan<byte> saved)
    {
        PackedReader reader = new(saved);
        return Load(ref reader) && (reader.Left.IsEmpty ? true : throw new InvalidDataException("something stands behind the saved state"));
    }

    /// <summary>As <see cref="Load(ReadOnlySpan{byte})"/>, of a state behind which others stand.</summary>
    internal bool Load(ref PackedReader reader)
    {
        if (reader.Number() != StateWriter.Version)
        {
            return false;
        }

        StateReader state = new(_plan, _findings);
        _now = reader.Number() is var now && now <= DateTime.MaxValue.Ticks ? now : throw new InvalidDataException("a time out of range");
        LogStart = reader.Number() switch
        {
            -1 => null,
            var start and >= 0 when start <= DateTime.MaxValue.Ticks => new DateTimeOffset(start, TimeSpan.Zero),
            _ => throw new InvalidDataException("a time out of range"),
        };
        List<OpenFinding?> open = state.ReadOpen(ref reader);
        foreach (OpenFinding item in open.OfType<OpenFinding>())
        {
            Open(item);
            if (item.Suppresses is { } key && !_suppressing.TryAdd(key, item))
            {
                throw new InvalidDataException("two findings that take the same");
            }
        }

        for (int left = reader.Count(); left > 0; left--)
        {
            state.ReadTerms(ref reader, _terms);
        }

        for (int left = reader.Count(); left > 0; left--)
        {
            state.ReadWindows(ref reader, _correlations, open);
        }

        return true;
    }

    /// <inheritdoc />
    void IWindowClock.CloseAt(CorrelationState state, GroupWindow window)
    {
        if (_closing.Count >= _maxClosing)
        {
            // Forgotten groups leave their place behind.
            ((CorrelationState, GroupWindow) Element, (long Due, int, string) Priority)[] live = [.. _closing.UnorderedItems.Where(item => item.Element.Window.Due == item.Priority.Due)];
            _closing.Clear();
            _closing.EnqueueRange(live);
            _maxClosing = Math.Max(MinClosing, 2 * live.Length);
        }

        _closing.Enqueue((state, window), (window.Due, state.Correlation.Place, window.Key));
    }

    private void CloseBefore(long time)
    {
        while (true)
        {
            long due = _closing.TryPeek(out _, out (long Due, int, string) closing) ? closing.Due : long.MaxValue;
            long until = _open.TryPeek(out _, out (long Until, string) opened) ? opened.Until : long.MaxValue;
            if (Math.Min(due, until) >= time)
            {
                return;
            }

            if (until < due)
            {
                CloseFinding(_open.Dequeue());
                continue;
            }

            (CorrelationState state, GroupWindow window) = _closing.Dequeue();
            if (window.Due != due)
            {
                continue;
            }

            _now = Math.Max(_now, due);
            _occasion = ToldOccasion.Close;
            Completed(state.Close(window));
            Drain();
        }
    }

    private void Drain()
    {
        while (_pending.TryDequeue(out Occurrence? occurrence))
        {
            PlannedRule planned = _plan.Planned[occurrence.Place];
            string? news = null;
            if (_terms.TryGetValue(occurrence.Place, out TermMemory? terms))
            {
                news = terms.See(occurrence, LogStart!.Value.Ticks);
                if (news is null || _isLearning)
                {
                    continue;
                }
            }

            foreach (Feed feed in planned.Feeds)
            {
                ImmutableArray<string> values = [.. occurrence.Combinations(feed.ValueFields).Where(combination => combination.Length > 0).Select(Occurrence.Key)];
                foreach (ImmutableArray<string> group in occurrence.Combinations(feed.GroupFields))
                {
                    CorrelationState state = _correlations[feed.Correlation];
                    Completed(state.Add(feed.Input, occurrence, group, values));
                    state.MakeRoom();
                }
            }

            bool isCorrelation = occurrence.Place >= _plan.Planned.Length - _correlations.Length;
            if (planned.Tells && (isCorrelation || !_plan.TellsDirectly(occurrence.Place)))
            {
                Tell(planned.Rule, occurrence, news);
            }
        }
    }

    private void Completed(ClosedWindow? closed)
    {
        if (closed is null)
        {
            return;
        }

        Finding finding = CorrelationFinding.Build(closed, _plan.All);
        ImmutableArray<FieldTexts> group = [.. finding.Group.Select(member => new FieldTexts(member.Field, [member.Value]))];
        // A window that begins at the end of time ends there, too.
        long at = Math.Min(closed.To, DateTime.MaxValue.Ticks);
        _pending.Enqueue(new Occurrence(closed.Correlation.Place, at, group, finding.IsLate)
        {
            Finding = finding,
            Window = closed.Correlation.Decision == Decision.AtOnce ? closed.Window : null,
            Fresh = CorrelationFinding.Requests(closed.Entries.Where(entry => entry.At > closed.CountedUntil)),
        });
    }

    private void Tell(DetectionRule rule, Occurrence occurrence, string? news)
    {
        if (_isLearning)
        {
            return;
        }

        Finding finding = occurrence.Finding
            ?? occurrence.Evidence.ToFinding(EventContent.IdOf(rule.Id, Convert.ToHexStringLower(occurrence.Evidence.Content)), rule) with { IsLate = occurrence.IsLate };
        if (news is not null)
        {
            finding = finding with { Message = $"{finding.Message}; {news}" };
        }

        if (rule.Suppression is not { } suppression)
        {
            _told.Add(new ToldFinding(finding, _occasion));
            if (occurrence.Window is { } window)
            {
                window.Open = Open(new OpenFinding(finding, window.QuietUntil, _findings));
            }

            return;
        }

        // A field that is missing is a value of its own: the finding must not be lost.
        string key = Occurrence.Key(
            [.. suppression.By.Select(field => occurrence.ValuesOf(field) is { IsEmpty: false } values ? string.Concat(values.Select(value => $"{value.Length}:{value}")) : "")]);
        if (_suppressing.TryGetValue((occurrence.Place, key), out OpenFinding? first))
        {
            first.Add(occurrence, occurrence.Window?.Open == first ? occurrence.Fresh : null);
            _findings.MakeRoom();
        }
        else
        {
            _told.Add(new ToldFinding(finding, _occasion));
            // The finding of a correlation takes more of the same for the correlation's timespan at least.
            long until = Math.Max(occurrence.At + suppression.For.Ticks, occurrence.Window?.QuietUntil ?? long.MinValue);
            first = Open(new OpenFinding(finding, until, _findings) { Suppresses = (occurrence.Place, key) });
            first.Note(occurrence.Request);
            _suppressing.Add((occurrence.Place, key), first);
            _findings.MakeRoom();
        }

        if (occurrence.Window is { } quiet)
        {
            // Quiet no longer than there is a finding that counts what comes.
            quiet.Open = first;
            quiet.QuietUntil = Math.Min(quiet.QuietUntil, first.Until);
        }
    }

    private OpenFinding Open(OpenFinding open)
    {
        if (_open.Count == StateBudget.MaxOpenFindings)
        {
            TryCloseFinding();
        }

        _findings.MakeRoom();
        _open.Enqueue(open, (open.Until, open.Finding.Id));
        return open;
    }

    /// <summary>Closes the finding that closes first before its time.</summary>
    private bool TryCloseFinding()
    {
        if (!_open.TryDequeue(out OpenFinding? first, out _))
        {
            return false;
        }

        CloseFinding(first);
        Budget.EvictedFindings++;
        return true;
    }

    private void CloseFinding(OpenFinding open)
    {
        open.Close();
        if (open.Suppresses is { } key)
        {
            _suppressing.Remove(key);
        }

        if (open.HasChanged)
        {
            _told.Add(new ToldFinding(open.Finding, ToldOccasion.Update));
        }
    }

    private sealed class CloseOrder : IComparer<(long Due, int Place, string Key)>
    {
        public static readonly CloseOrder Instance = new();

        public int Compare((long Due, int Place, string Key) x, (long Due, int Place, string Key) y) =>
            x.Due != y.Due ? x.Due.CompareTo(y.Due) : x.Place != y.Place ? x.Place.CompareTo(y.Place) : string.CompareOrdinal(x.Key, y.Key);
    }

    private sealed class OpenOrder : IComparer<(long Until, string Id)>
    {
        public static readonly OpenOrder Instance = new();

        public int Compare((long Until, string Id) x, (long Until, string Id) y) => x.Until != y.Until ? x.Until.CompareTo(y.Until) : string.CompareOrdinal(x.Id, y.Id);
    }
}
