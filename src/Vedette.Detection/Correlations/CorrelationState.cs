using System.Buffers.Binary;
using System.Collections.Immutable;
using Vedette.Detection.FirstSeen;
using Vedette.Detection.Stateful;

namespace Vedette.Detection.Correlations;

/// <summary>The windows of one correlation, a group each. A group that has been quiet for as long as its matches are kept is forgotten.</summary>
internal sealed class CorrelationState
{
    private readonly CompiledCorrelation _correlation;
    private readonly StateBudget _budget;
    private readonly IWindowClock _clock;
    private readonly MemoryAccount _account;
    private readonly Dictionary<string, LinkedListNode<GroupWindow>> _groups = new(StringComparer.Ordinal);
    private readonly Dictionary<string, LinkedListNode<GroupWindow>>.AlternateLookup<ReadOnlySpan<char>> _byKey;
    private readonly LinkedList<GroupWindow> _byUse = new();
    private readonly CompositeKey _key = new();
    private readonly CompositeKey _requests = new();

    /// <summary>Windows of which none is open.</summary>
    /// <param name="correlation">The correlation.</param>
    /// <param name="budget">Counts what is remembered and given up.</param>
    /// <param name="memory">Bytes for it.</param>
    /// <param name="clock">Calls back when windows close.</param>
    public CorrelationState(CompiledCorrelation correlation, StateBudget budget, StateMemory memory, IWindowClock clock)
    {
        (_correlation, _budget, _clock) = (correlation, budget, clock);
        _byKey = _groups.GetAlternateLookup<ReadOnlySpan<char>>();
        _account = memory.Windows.Open(TryForget);
        Unfinished = new RecentSet(StateBudget.MaxUnfinishedRequests, memory.Terms);
    }

    /// <summary>The correlation.</summary>
    public CompiledCorrelation Correlation => _correlation;

    /// <summary>The groups, longest unused first.</summary>
    public IReadOnlyCollection<GroupWindow> Groups => _byUse;

    /// <summary>Requests that were counted and may have further stages, so that a session that ends hours later is not counted again.</summary>
    public RecentSet Unfinished { get; }

    /// <summary>Takes a match for one group.</summary>
    /// <param name="input">Which of the rules matched.</param>
    /// <param name="occurrence">The match.</param>
    /// <param name="group">Values of the group.</param>
    /// <param name="values">Values to count or compute with.</param>
    /// <returns>What it completed; null when nothing.</returns>
    public ClosedWindow? Add(int input, in Occurrence occurrence, ReadOnlySpan<string> group, ImmutableArray<string> values)
    {
        GroupWindow window = Use(group, occurrence.At);
        long before = window.Size;
        ClosedWindow? closed = AddTo(window, input, occurrence, values);
        _account.Add(window.Size - before);
        return closed;
    }

    /// <summary>Forgets what there is no room for, here or in others. Once what <see cref="Add"/> and <see cref="Close"/> gave has been told: windows that are forgotten hold nothing any more.</summary>
    public void MakeRoom() => _account.MakeRoom();

    private ClosedWindow? AddTo(GroupWindow window, int input, in Occurrence occurrence, ImmutableArray<string> values)
    {
        _budget.Entries -= window.Expire(_correlation.Decision == Decision.AtClose ? long.MinValue : occurrence.At - _correlation.Retention);
        if (_correlation.BeginsWithFirst)
        {
            // Equal times are in order, so what happens now may still come after the first step.
            _budget.Entries -= window.BeginWithFirst(occurrence.At);
        }

        if (occurrence.Request is { } request)
        {
            bool isCounted = IsCounted(input, window.Key, request, occurrence);
            if (window.Find(input, request) is { } known)
            {
                return window.Merge(known, occurrence, values) ? Decide(window, occurrence, null) : null;
            }

            if (isCounted)
            {
                return null;
            }
        }

        WindowEntry entry = new(input, occurrence, values);
        MakeRoom(window);
        window.Add(entry);
        _budget.Entries++;
        return Decide(window, occurrence, entry);
    }

    /// <summary>Decides a window that has closed.</summary>
    /// <param name="window">The group.</param>
    /// <returns>What it gave; null when nothing.</returns>
    public ClosedWindow? Close(GroupWindow window)
    {
        long due = window.Due;
        window.Due = long.MaxValue;
        if (_correlation.Decision == Decision.AtClose)
        {
            ClosedWindow? closed = window.Entries.Count > 0 && WindowCondition.Holds(_correlation, window) ? new ClosedWindow(_correlation, window, due - _correlation.Span, due, [.. window.Entries]) : null;
            long before = window.Size;
            _budget.Entries -= window.Expire(long.MaxValue);
            _account.Add(window.Size - before);
            return closed;
        }

        long start = window.Starts!.Dequeue();
        ScheduleNext(window);
        if (start <= window.QuietUntil || !WindowCondition.Holds(_correlation, window, start))
        {
            return null;
        }

        ImmutableArray<WindowEntry> wanted = [.. window.Entries.Where(entry => entry.At >= start && entry.At <= due && _correlation.Wants(entry.Input))];
        if (wanted.IsEmpty)
        {
            // Forgotten for lack of room.
            return null;
        }

        window.QuietUntil = due;
        return new ClosedWindow(_correlation, window, start, due, wanted);
    }

    /// <summary>Forgets all groups.</summary>
    public void Clear()
    {
        _budget.Entries -= _byUse.Sum(window => window.Entries.Count);
        _account.Add(-_account.Bytes);
        _groups.Clear();
        _byUse.Clear();
    }

    /// <summary>Puts a group back that was saved.</summary>
    public void Restore(GroupWindow window)
    {
        if (!_groups.TryAdd(window.Key, _byUse.AddLast(window)))
        {
            throw new InvalidDataException("a group that is there twice");
        }

        _budget.Entries += window.Entries.Count;
        _account.Add(window.Size);
        if (window.Due != long.MaxValue)
        {
            _clock.CloseAt(this, window);
        }
    }

    /// <summary>Was an earlier stage of the request counted, however long ago?</summary>
    private bool IsCounted(int input, string key, UInt128 identity, in Occurrence stage)
    {
        if (!stage.MayContinue && Unfinished.Count() == 0)
        {
            return false;
        }

        _requests.Clear();
        _requests.AppendNumber(input);
        _requests.AppendPlain(key);
        ReadOnlySpan<char> requests = _requests.Text;
        Span<byte> bytes = stackalloc byte[16];
        Span<char> request = stackalloc char[32];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, identity);
        Convert.TryToHexStringLower(bytes, request, out _);
        bool isCounted = Unfinished.Seen(requests, request) is not null;
        if (stage.MayContinue)
        {
            Unfinished.Add(requests, request, stage.At);
        }
        else if (isCounted)
        {
            Unfinished.Remove(requests, request);
        }

        return isCounted;
    }

    private ClosedWindow? Decide(GroupWindow window, in Occurrence occurrence, WindowEntry? added)
    {
        long at = occurrence.At;
        switch (_correlation.Decision)
        {
            case Decision.AtClose:
                if (window.Due == long.MaxValue)
                {
                    window.Due = at + _correlation.Span;
                    _clock.CloseAt(this, window);
                }

                return null;
            case Decision.AtCloseOfEach:
                if (added is not null && _correlation.Wants(added.Input) && window.LastStart < at)
                {
                    if (window.Starts?.Count == StateBudget.MaxEntriesPerGroup)
                    {
                        // The match that began the oldest window has been forgotten by now.
                        _budget.EvictedMatches++;
                        return null;
                    }

                    window.Start(at);
                    ScheduleNext(window);
                }

                return null;
            default:
                if (at <= window.QuietUntil)
                {
                    if (added is not null)
                    {
                        window.Open?.Add(occurrence);
                    }

                    return null;
                }

                if (!WindowCondition.Holds(_correlation, window))
                {
                    return null;
                }

                long quiet = window.QuietUntil;
                window.QuietUntil = at + _correlation.Span;
                return new ClosedWindow(_correlation, window, window.Entries.Peek().At, at, [.. window.Entries]) { CountedUntil = quiet };
        }
    }

    private void ScheduleNext(GroupWindow window)
    {
        if (window.Due == long.MaxValue && window.Starts is { } starts && starts.TryPeek(out long start))
        {
            window.Due = start + _correlation.Span;
            _clock.CloseAt(this, window);
        }
    }

    private GroupWindow Use(ReadOnlySpan<string> group, long at)
    {
        ReadOnlySpan<char> key = _key.Join(group);
        if (_byKey.TryGetValue(key, out LinkedListNode<GroupWindow>? node))
        {
            _byUse.Remove(node);
            _byUse.AddLast(node);
        }
        else
        {
            while (_byUse.First is { Value: var oldest } && oldest.LastUsed + (2 * _correlation.Span) < at && oldest.Due == long.MaxValue)
            {
                Forget(oldest);
            }

            if (_groups.Count == StateBudget.MaxGroups)
            {
                Forget(_byUse.First!.Value);
                _budget.EvictedGroups++;
            }

            // The only text of a group is its key.
            node = _byUse.AddLast(new GroupWindow(group.Length == 1 ? group[0] : key.ToString(), [.. group], _correlation.InputCount));
            _groups.Add(node.Value.Key, node);
            _account.Add(node.Value.Size);
        }

        node.Value.LastUsed = at;
        return node.Value;
    }

    private void MakeRoom(GroupWindow window)
    {
        if (window.Entries.Count == StateBudget.MaxEntriesPerGroup)
        {
            window.RemoveOldest();
            _budget.Entries--;
            _budget.EvictedMatches++;
        }
    }

    /// <summary>Forgets the group unused for longest; of the only one its oldest match.</summary>
    private bool TryForget()
    {
        if (_byUse.First?.Value is not { } oldest)
        {
            return false;
        }

        if (_byUse.Count == 1 && oldest.Entries.Count > 1)
        {
            _account.Add(-oldest.Size);
            oldest.RemoveOldest();
            _account.Add(oldest.Size);
            _budget.Entries--;
            _budget.EvictedMatches++;
        }
        else
        {
            Forget(oldest);
            _budget.EvictedGroups++;
        }

        return true;
    }

    private void Forget(GroupWindow window)
    {
        _budget.Entries -= window.Entries.Count;
        _account.Add(-window.Size);
        // Who waits for its end may still know it.
        window.Clear();
        _byUse.Remove(_groups[window.Key]);
        _groups.Remove(window.Key);
    }
}

/// <summary>A window whose condition held.</summary>
/// <param name="Correlation">The correlation.</param>
/// <param name="Window">The group.</param>
/// <param name="From">Its beginning, in ticks.</param>
/// <param name="To">Its end, in ticks.</param>
/// <param name="Entries">The matches that made it, oldest first.</param>
internal sealed record ClosedWindow(CompiledCorrelation Correlation, GroupWindow Window, long From, long To, ImmutableArray<WindowEntry> Entries)
{
    /// <summary>End of the group's quiet time before this window: matches up to then were counted by the finding before. For correlations decided at once.</summary>
    public long CountedUntil { get; init; } = long.MinValue;
}

/// <summary>Calls back when windows close.</summary>
internal interface IWindowClock
{
    /// <summary>The window's <see cref="GroupWindow.Due"/> has been set.</summary>
    void CloseAt(CorrelationState state, GroupWindow window);
}
