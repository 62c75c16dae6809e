using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Vedette.Detection.Engine;

namespace Vedette.Detection.Stateful;

/// <summary>
/// Evaluates all the matches of a log, divided among threads: those of each group of rules and correlations (<see cref="StatefulPlan.Groups"/>) in order of time on one thread, with what that remembers. All groups have the
/// bounds on memory in common. They are kept as far as the most that each group ever had is within them together: then nobody would have given up anything, and the findings are those of one
/// <see cref="StatefulDetector"/>; else nothing is told, and one must do it. Each thread has its part of the memory, so that all together never take more; where that is not enough all stop at once.
/// </summary>
internal sealed class DividedMatches
{
    private readonly CompiledRules _rules;
    private readonly PackedMatches _matches;
    private readonly DateTimeOffset? _logStart;
    private readonly long _memory;
    private readonly List<(int Group, List<int> Places)> _groups = [];
    private readonly Lock _lock = new();
    private long _windows;
    private long _terms;
    private long _findings;
    private int _open;
    private volatile bool _isTooMuch;

    /// <summary>Divides matches.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="matches">The matches.</param>
    /// <param name="logStart">Time of the log's first event, where known.</param>
    /// <param name="memory">Most bytes that all groups remember together.</param>
    public DividedMatches(CompiledRules rules, PackedMatches matches, DateTimeOffset? logStart, long memory)
    {
        (_rules, _matches, _memory) = (rules, matches, memory);
        int[] order = matches.Order();
        _logStart = logStart ?? (order is [var first, ..] ? matches.At(first) : null);
        ImmutableArray<int> groups = rules.Stateful.Groups;
        List<int>?[] places = new List<int>?[groups.Length];
        foreach (int place in order)
        {
            foreach (int rule in matches.RulesAt(place))
            {
                List<int> own = places[groups[rule]] ??= Begin(groups[rule]);
                if (own is not [.., var last] || last != place)
                {
                    own.Add(place);
                }
            }
        }

        // The largest first, so that no thread is left alone with one in the end.
        _groups.Sort((x, y) => y.Places.Count != x.Places.Count ? y.Places.Count.CompareTo(x.Places.Count) : x.Group.CompareTo(y.Group));
    }

    /// <summary>Evaluates all.</summary>
    /// <param name="threads">On how many threads.</param>
    /// <param name="told">What each group tells, in the order of the log.</param>
    /// <param name="statistics">What was given up.</param>
    /// <returns>False when one detector must do it.</returns>
    public bool TryEvaluate(int threads, out ImmutableArray<ToldFinding>[] told, out StateStatistics statistics)
    {
        ImmutableArray<ToldFinding>[] all = new ImmutableArray<ToldFinding>[_groups.Count];
        StateStatistics sum = new();
        int next = -1;
        int team = Math.Clamp(threads, 1, Math.Max(1, _groups.Count));
        ThreadTeam.Run(team, () =>
        {
            StateMemory memory = new(_memory / team);
            StatefulDetector detector = new(_rules, memory);
            if (_logStart is { } start)
            {
                detector.BeginLog(start);
            }

            EventMatch match = EventMatch.Borrowed();
            while (!_isTooMuch && Interlocked.Increment(ref next) is var number && number < all.Length)
            {
                all[number] = Evaluate(_groups[number].Group, CollectionsMarshal.AsSpan(_groups[number].Places), detector, memory, match);
            }

            lock (_lock)
            {
                sum += detector.Statistics;
            }
        });
        (told, statistics) = (all, sum);
        StateMemory limits = new(_memory);
        return !_isTooMuch && _windows <= limits.Windows.Limit && _terms <= limits.Terms.Limit && _findings <= limits.Findings.Limit && _open <= StateBudget.MaxOpenFindings;
    }

    private ImmutableArray<ToldFinding> Evaluate(int group, ReadOnlySpan<int> places, StatefulDetector detector, StateMemory memory, EventMatch match)
    {
        (long windows, long terms, long findings) = (Begin(memory.Windows), Begin(memory.Terms), Begin(memory.Findings));
        detector.MostOpen = 0;
        foreach (int place in places)
        {
            if (_isTooMuch)
            {
                return [];
            }

            _matches.Read(place, match);
            detector.Process(match, group);
            StopIfOver(memory);
        }

        detector.CompleteGroup();
        StopIfOver(memory);
        lock (_lock)
        {
            _windows += memory.Windows.Most - windows;
            _terms += memory.Terms.Most - terms;
            _findings += memory.Findings.Most - findings;
            _open += detector.MostOpen;
        }

        return detector.Take();
    }

    private List<int> Begin(int group)
    {
        List<int> places = [];
        _groups.Add((group, places));
        return places;
    }

    private void StopIfOver(StateMemory memory)
    {
        if (memory.Windows.Most > memory.Windows.Limit || memory.Terms.Most > memory.Terms.Limit || memory.Findings.Most > memory.Findings.Limit)
        {
            _isTooMuch = true;
        }
    }

    private static long Begin(MemoryShare share) => share.Most = share.Used;
}
