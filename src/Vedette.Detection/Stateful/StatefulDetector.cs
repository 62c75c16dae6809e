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
public sealed class StatefulDetector
{
    private readonly StatefulPlan _plan;
    private readonly CorrelationState[] _correlations;
    private readonly TermMemory?[] _terms;
    private readonly ClosingWindows _closing = new();
    private readonly OpenFindings _open;
    private readonly Queue<CorrelationHit> _hits = new();
    private readonly List<ToldFinding> _told = [];
    private readonly UnpackedValues _values = new();
    private readonly FieldCombinations _groups = new();
    private readonly FieldCombinations _counted = new();
    private readonly CompositeKey _key = new();
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
        _open = new OpenFindings(_plan.Planned.Length, Budget, memory.Findings, _told);
        _correlations = [.. _plan.Correlations.Select(correlation => new CorrelationState(correlation, Budget, memory, _closing))];
        _terms = [.. _plan.Planned.Select(planned => planned.Rule.NewTerms is { } terms ? new TermMemory(terms, memory.Terms) : null)];
    }

    /// <summary>What is remembered and what was given up.</summary>
    public StateBudget Budget { get; } = new();

    /// <summary>What was given up for lack of room.</summary>
    public StateStatistics Statistics => new()
    {
        EvictedGroups = Budget.EvictedGroups,
        EvictedMatches = Budget.EvictedMatches,
        EvictedTerms = _terms.Sum(terms => terms is null ? 0 : terms.Terms.Evicted + terms.Peers.Evicted) + _correlations.Sum(state => state.Unfinished.Evicted),
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
        match.Values.Unpack(_values);
        foreach (int rule in match.Rules)
        {
            Process(new Occurrence(rule, at, match, _values));
        }

        ProcessHits();
    }

    /// <summary>Takes the next match in order for the rules of one group (<see cref="StatefulPlan.Groups"/>) alone.</summary>
    /// <param name="match">The match, which is not kept.</param>
    /// <param name="group">The group.</param>
    internal void Process(EventMatch match, int group)
    {
        long at = Math.Max(match.At.Ticks, _now);
        CloseBefore(at);
        _now = at;
        _occasion = ToldOccasion.Event;
        match.Values.Unpack(_values);
        foreach (int rule in match.Rules)
        {
            if (_plan.Groups[rule] == group)
            {
                Process(new Occurrence(rule, at, match, _values));
            }
        }

        ProcessHits();
    }

    /// <summary>Closes everything and begins at the beginning of the log with another group.</summary>
    internal void CompleteGroup()
    {
        Complete();
        _now = long.MinValue;
    }

    /// <summary>Most findings that were open together since it was set.</summary>
    internal int MostOpen
    {
        get => _open.Most;
        set => _open.Most = value;
    }

    /// <summary>Takes a repeat of a term that was told before (<see cref="EventMatch.Repeated"/>), at once and not in order: of a term that is known it changes only when it was last seen.</summary>
    /// <param name="term">The term.</param>
    /// <param name="at">When, in ticks.</param>
    /// <returns>False when it must be processed as a match.</returns>
    internal bool TryRefresh(RepeatedTerm term, long at) => !term.Members.IsDefault && _terms[term.Match.Rules[0]]!.TryRefresh(term.Members, Math.Max(at, _now));

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
        _open.Clear();
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
        state.WriteOpen(_open.InOrder);
        writer.Number(_terms.Count(terms => terms is not null));
        for (int place = 0; place < _terms.Length; place++)
        {
            if (_terms[place] is { } terms)
            {
                state.Write(place, terms);
            }
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

        StateReader state = new(_plan, _open.Account);
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
            if (!_open.TryAdd(item))
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

    private void CloseBefore(long time)
    {
        while (true)
        {
            long due = _closing.FirstEnd;
            long until = _open.FirstEnd;
            if (Math.Min(due, until) >= time)
            {
                return;
            }

            if (until < due)
            {
                _open.CloseFirst();
            }
            else if (_closing.CloseFirst() is { } closed)
            {
                _now = Math.Max(_now, due);
                _occasion = ToldOccasion.Close;
                Enqueue(closed);
                ProcessHits();
            }
        }
    }

    /// <summary>Takes what correlations gave, until nothing more comes of it.</summary>
    private void ProcessHits()
    {
        while (_hits.TryDequeue(out CorrelationHit? hit))
        {
            Process(new Occurrence(hit));
        }
    }

    private void Enqueue(ClosedWindow closed) => _hits.Enqueue(new CorrelationHit(closed, CorrelationFinding.Build(closed, _plan.All)));

    private void Process(in Occurrence occurrence)
    {
        PlannedRule planned = _plan.Planned[occurrence.Place];
        string? news = null;
        if (_terms[occurrence.Place] is { } terms)
        {
            news = terms.See(occurrence, LogStart!.Value.Ticks);
            if (news is null || _isLearning)
            {
                return;
            }
        }

        foreach (Feed feed in planned.Feeds)
        {
            Correlate(feed, occurrence);
        }

        bool isCorrelation = occurrence.Place >= _plan.Planned.Length - _correlations.Length;
        if (planned.Tells && !_isLearning && (isCorrelation || !_plan.TellsDirectly(occurrence.Place)))
        {
            Tell(planned.Rule, occurrence, news);
        }
    }

    private void Correlate(Feed feed, in Occurrence occurrence)
    {
        CorrelationState state = _correlations[feed.Correlation];
        ImmutableArray<string> values = feed.ValueFields.IsEmpty ? [] : Counted(feed.ValueFields, occurrence);
        _groups.Begin(occurrence.Values, feed.GroupFields);
        while (_groups.TryNext(out ReadOnlySpan<string> group))
        {
            if (state.Add(feed.Input, occurrence, group, values) is { } closed)
            {
                Enqueue(closed);
            }

            state.MakeRoom();
        }
    }

    private ImmutableArray<string> Counted(ImmutableArray<string?> fields, in Occurrence occurrence)
    {
        ImmutableArray<string>.Builder values = ImmutableArray.CreateBuilder<string>(1);
        _counted.Begin(occurrence.Values, fields);
        while (_counted.TryNext(out ReadOnlySpan<string> combination))
        {
            values.Add(CompositeKey.Of(combination));
        }

        return values.DrainToImmutable();
    }

    private void Tell(DetectionRule rule, in Occurrence occurrence, string? news)
    {
        if (rule.Suppression is not { } suppression)
        {
            Finding finding = Told(rule, occurrence, news);
            if (occurrence.Window is { } window)
            {
                window.Open = new OpenFinding(finding, window.QuietUntil, _open.Account);
                _open.TryAdd(window.Open);
            }

            return;
        }

        ReadOnlySpan<char> key = KeyOf(suppression.By, occurrence.Values);
        OpenFinding? first = _open.Find(occurrence.Place, key);
        if (first is not null)
        {
            first.Add(occurrence, occurrence.Window?.Open == first ? occurrence.Fresh : null);
        }
        else
        {
            // The finding of a correlation takes more of the same for the correlation's timespan at least.
            long until = Math.Max(occurrence.At + suppression.For.Ticks, occurrence.Window?.QuietUntil ?? long.MinValue);
            first = new OpenFinding(Told(rule, occurrence, news), until, _open.Account, (occurrence.Place, key.ToString()));
            _open.TryAdd(first);
            first.Note(occurrence.Request);
        }

        _open.Account.MakeRoom();
        if (occurrence.Window is { } quiet)
        {
            // Quiet no longer than there is a finding that counts what comes.
            quiet.Open = first;
            quiet.QuietUntil = Math.Min(quiet.QuietUntil, first.Until);
        }
    }

    private Finding Told(DetectionRule rule, in Occurrence occurrence, string? news)
    {
        Finding finding = occurrence.Finding
            ?? occurrence.Evidence.ToFinding(EventContent.IdOf(rule.Id, Convert.ToHexStringLower(occurrence.Evidence.Content)), rule, occurrence.IsLate, news);
        _told.Add(new ToldFinding(finding, _occasion));
        return finding;
    }

    /// <summary>What makes findings the same. A field that is missing is a value of its own: the finding must not be lost.</summary>
    private ReadOnlySpan<char> KeyOf(ImmutableArray<string> fields, UnpackedValues values)
    {
        _key.Clear();
        foreach (string field in fields)
        {
            if (fields.Length > 1)
            {
                _key.AppendAll(values.Of(field));
                continue;
            }

            foreach (string value in values.Of(field))
            {
                _key.Append(value);
            }
        }

        return _key.Text;
    }
}
