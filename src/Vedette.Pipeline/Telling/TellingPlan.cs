using System.Collections.Immutable;
using Vedette.Sinks;
using Vedette.Sinks.Routing;

namespace Vedette.Pipeline.Telling;

/// <summary>
/// What a receiver is to be told next, and when: findings go in in the order of the journal and come out as notifications. It keeps what waits for its group, so that the cursor stays before it.
/// Times are ours, not those of events, by a clock that nobody sets (<see cref="Serving.SteadyClock"/>).
/// </summary>
/// <param name="receiver">The receiver.</param>
/// <param name="table">The routes.</param>
/// <param name="maxBatch">Most findings of a notification.</param>
/// <param name="status">Counts.</param>
internal sealed class TellingPlan(ReceiverSettings receiver, RoutingTable table, int maxBatch, ReceiverStatus status)
{
    /// <summary>Most findings kept waiting; then groups are told early.</summary>
    public const int MaxHeld = 10_000;

    /// <summary>Most bytes of findings kept waiting; then groups are told early.</summary>
    public const long MaxHeldBytes = 32 * 1024 * 1024;

    /// <summary>Most bytes of findings in a notification. A single finding may have more.</summary>
    public const int MaxBatchBytes = 1024 * 1024;

    private readonly Queue<StoredFinding> _ready = new();
    private readonly Dictionary<GroupId, Group> _groups = [];
    private readonly Dictionary<Route, Window> _windows = new(ReferenceEqualityComparer.Instance);
    private readonly SortedSet<long> _held = [];
    private long _heldBytes;

    /// <summary>Findings taken and not dealt with.</summary>
    public int Held => _held.Count;

    /// <summary>Should no more be taken for now?</summary>
    public bool IsFull => _held.Count >= MaxHeld || _heldBytes >= MaxHeldBytes || _ready.Count >= maxBatch;

    /// <summary>Sequence of the first finding not dealt with.</summary>
    /// <param name="position">Sequence of the next finding to take.</param>
    public long Cursor(long position) => _held.Count == 0 ? position : Math.Min(_held.Min, position);

    /// <summary>Takes a finding.</summary>
    /// <param name="finding">The finding.</param>
    /// <param name="now">Now, by the steady clock.</param>
    /// <param name="timeOfDay">Now, by the time of day, at which silences end.</param>
    public void Take(StoredFinding finding, DateTimeOffset now, DateTimeOffset timeOfDay)
    {
        // Read again after routes were replaced: its fate may be another, but it is counted once.
        bool isNew = status.IsNew(finding.Sequence);
        RoutingDecision decision = table.Decide(finding, timeOfDay);
        if (decision.To.FirstOrDefault(to => to.Receiver == receiver.Name) is not { Route: var route })
        {
            Count(status.CountNotRouted);
        }
        else if (decision.Silence is not null)
        {
            Count(status.CountSilenced);
        }
        else if (finding.IsUpdate && (!receiver.Updates || ReplacesWaiting(finding, route)))
        {
            // Not wanted, or part of what is still to be told.
        }
        else if (IsOver(finding, route, now))
        {
            Count(status.CountRateLimited);
        }
        else
        {
            Hold(finding, route, now);
        }

        void Count(Action count)
        {
            if (isNew)
            {
                count();
            }
        }
    }

    /// <summary>The next notification that is due; null when none is. <see cref="Done"/> says that it was dealt with.</summary>
    public ImmutableArray<StoredFinding>? Next(DateTimeOffset now)
    {
        if (_ready.Count > 0)
        {
            return Batch(_ready);
        }

        foreach ((Route route, Window window) in _windows)
        {
            if (now >= window.Ends)
            {
                _windows.Remove(route);
                Summarise(window);
                if (_ready.Count > 0)
                {
                    return Batch(_ready);
                }
            }
        }

        foreach ((GroupId id, Group group) in _groups)
        {
            if (group.Waiting.Count == 0)
            {
                // Told so long ago that it begins anew.
                if (now >= group.Due)
                {
                    _groups.Remove(id);
                }
            }
            else if (now >= group.Due || _held.Count >= MaxHeld || _heldBytes >= MaxHeldBytes)
            {
                ImmutableArray<StoredFinding> batch = Batch(group.Waiting);
                group.Due = group.Waiting.Count == 0 ? now + group.Interval : now;
                return batch;
            }
        }

        return null;
    }

    /// <summary>When <see cref="Next"/> has something even if nothing is taken until then; null when that is never.</summary>
    public DateTimeOffset? Due
    {
        get
        {
            DateTimeOffset? due = null;
            foreach (Window window in _windows.Values)
            {
                Earlier(window.Over.Count > 0, window.Ends);
            }

            foreach (Group group in _groups.Values)
            {
                Earlier(group.Waiting.Count > 0, group.Due);
            }

            return due;

            void Earlier(bool counts, DateTimeOffset time) => due = counts && (due is null || time < due) ? time : due;
        }
    }

    /// <summary>A notification was dealt with.</summary>
    public void Done(ImmutableArray<StoredFinding> notification)
    {
        foreach (StoredFinding finding in notification)
        {
            _held.Remove(finding.Sequence);
            _heldBytes -= finding.Json.Length;
        }
    }

    private bool ReplacesWaiting(StoredFinding update, Route route)
    {
        if (route.Grouping is not { } grouping || !_groups.TryGetValue(IdOf(update, route, grouping), out Group? group))
        {
            return false;
        }

        // A finding keeps its place, with the count it has risen to.
        for (LinkedListNode<StoredFinding>? node = group.Waiting.First; node is not null; node = node.Next)
        {
            if (node.Value.Id == update.Id)
            {
                _heldBytes += update.Json.Length - node.Value.Json.Length;
                node.Value = update with { Sequence = node.Value.Sequence, IsUpdate = node.Value.IsUpdate };
                return true;
            }
        }

        return false;
    }

    private bool IsOver(StoredFinding finding, Route route, DateTimeOffset now)
    {
        if (route.RateLimit is not { } limit)
        {
            return false;
        }

        if (_windows.TryGetValue(route, out Window? window) && now >= window.Ends)
        {
            Summarise(window);
            window = null;
        }

        if (window is null)
        {
            _windows[route] = window = new Window(now + limit.Per);
        }

        if (window.Told < limit.Count)
        {
            window.Told++;
            return false;
        }

        if (!window.Over.TryGetValue(finding.Cluster, out RateSummary? summary))
        {
            window.Over.Add(finding.Cluster, summary = new RateSummary(route, limit, receiver.Name, finding));
            _held.Add(finding.Sequence);
        }

        summary.Add(finding);
        return true;
    }

    private void Summarise(Window window)
    {
        foreach (RateSummary summary in window.Over.Values.OrderBy(summary => summary.First))
        {
            StoredFinding told = summary.ToFinding();
            _heldBytes += told.Json.Length;
            _ready.Enqueue(told);
        }
    }

    private void Hold(StoredFinding finding, Route route, DateTimeOffset now)
    {
        _held.Add(finding.Sequence);
        _heldBytes += finding.Json.Length;
        if (route.Grouping is not { } grouping)
        {
            _ready.Enqueue(finding);
            return;
        }

        GroupId id = IdOf(finding, route, grouping);
        if (!_groups.TryGetValue(id, out Group? group) || (group.Waiting.Count == 0 && now >= group.Due))
        {
            if (_groups.Count >= MaxHeld)
            {
                // Names that a client makes up would let it grow without end: those that only remember when they were last told go.
                foreach ((GroupId other, Group empty) in _groups)
                {
                    if (empty.Waiting.Count == 0)
                    {
                        _groups.Remove(other);
                    }
                }
            }

            _groups[id] = group = new Group(grouping.Interval) { Due = now + grouping.Wait };
        }

        group.Waiting.AddLast(finding);
    }

    private ImmutableArray<StoredFinding> Batch(Queue<StoredFinding> from)
    {
        ImmutableArray<StoredFinding>.Builder batch = ImmutableArray.CreateBuilder<StoredFinding>();
        long bytes = 0;
        while (batch.Count < maxBatch && from.TryPeek(out StoredFinding? next) && (batch.Count == 0 || bytes + next.Json.Length <= MaxBatchBytes))
        {
            bytes += next.Json.Length;
            batch.Add(from.Dequeue());
        }

        return batch.ToImmutable();
    }

    private ImmutableArray<StoredFinding> Batch(LinkedList<StoredFinding> from)
    {
        ImmutableArray<StoredFinding>.Builder batch = ImmutableArray.CreateBuilder<StoredFinding>();
        long bytes = 0;
        while (batch.Count < maxBatch && from.First is { Value: var next } && (batch.Count == 0 || bytes + next.Json.Length <= MaxBatchBytes))
        {
            bytes += next.Json.Length;
            batch.Add(next);
            from.RemoveFirst();
        }

        return batch.ToImmutable();
    }

    private static GroupId IdOf(StoredFinding finding, Route route, Grouping grouping) => new(route, string.Join('\0', grouping.ValuesOf(finding).Select(value => $"{value.Length}:{value}")));

    /// <summary>A group of a route: what its findings have in common.</summary>
    private readonly record struct GroupId(Route Route, string Values);

    private sealed class Group(TimeSpan interval)
    {
        public LinkedList<StoredFinding> Waiting { get; } = [];

        public TimeSpan Interval => interval;

        /// <summary>When it is told; with nothing waiting, when it may be forgotten.</summary>
        public DateTimeOffset Due { get; set; }
    }

    private sealed class Window(DateTimeOffset ends)
    {
        public DateTimeOffset Ends => ends;

        public int Told { get; set; }

        /// <summary>What was over the limit, by cluster.</summary>
        public Dictionary<string, RateSummary> Over { get; } = new(StringComparer.Ordinal);
    }
}
