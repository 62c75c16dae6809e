namespace Vedette.Detection.Stateful;

/// <summary>The findings that more of the same still goes into. Bounded; when there are too many, the one that closes first is closed before its time.</summary>
internal sealed class OpenFindings
{
    private readonly PriorityQueue<OpenFinding, (long Until, string Id)> _byEnd = new(EndOrder.Instance);
    private readonly Dictionary<string, OpenFinding>?[] _suppressing;
    private readonly StateBudget _budget;
    private readonly List<ToldFinding> _told;

    /// <summary>None.</summary>
    /// <param name="rules">Number of rules and correlations.</param>
    /// <param name="budget">Counts what is closed before its time.</param>
    /// <param name="share">Bytes for them.</param>
    /// <param name="told">Gets those that have changed when they close.</param>
    public OpenFindings(int rules, StateBudget budget, MemoryShare share, List<ToldFinding> told)
    {
        _suppressing = new Dictionary<string, OpenFinding>?[rules];
        (_budget, _told) = (budget, told);
        Account = share.Open(TryCloseFirst);
    }

    /// <summary>Counts their bytes.</summary>
    public MemoryAccount Account { get; }

    /// <summary>Most that were open together since it was set.</summary>
    public int Most { get; set; }

    /// <summary>Up to and including this time the one that closes first takes more; <see cref="long.MaxValue"/> when there is none.</summary>
    public long FirstEnd => _byEnd.TryPeek(out _, out (long Until, string) first) ? first.Until : long.MaxValue;

    /// <summary>All, in the order in which they close.</summary>
    public IReadOnlyCollection<OpenFinding> InOrder => [.. _byEnd.UnorderedItems.OrderBy(item => item.Priority, EndOrder.Instance).Select(item => item.Element)];

    /// <summary>The finding of a rule with suppression that takes what has this key.</summary>
    /// <param name="place">The rule, by its place in the plan.</param>
    /// <param name="key">The values that make findings the same.</param>
    public OpenFinding? Find(int place, ReadOnlySpan<char> key) =>
        _suppressing[place] is { } byKey && byKey.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(key, out OpenFinding? open) ? open : null;

    /// <summary>Takes in one.</summary>
    /// <returns>False when another one takes the same.</returns>
    public bool TryAdd(OpenFinding open)
    {
        if (_byEnd.Count == StateBudget.MaxOpenFindings)
        {
            TryCloseFirst();
        }

        Account.MakeRoom();
        _byEnd.Enqueue(open, (open.Until, open.Id));
        Most = Math.Max(Most, _byEnd.Count);
        return open.Suppresses is not var (place, key) || (_suppressing[place] ??= new Dictionary<string, OpenFinding>(StringComparer.Ordinal)).TryAdd(key, open);
    }

    /// <summary>Closes the one that closes first.</summary>
    public void CloseFirst() => Close(_byEnd.Dequeue());

    /// <summary>Closes all; nothing is told.</summary>
    public void Clear()
    {
        foreach ((OpenFinding open, _) in _byEnd.UnorderedItems)
        {
            open.Close();
        }

        _byEnd.Clear();
        Array.Clear(_suppressing);
    }

    private bool TryCloseFirst()
    {
        if (!_byEnd.TryDequeue(out OpenFinding? first, out _))
        {
            return false;
        }

        Close(first);
        _budget.EvictedFindings++;
        return true;
    }

    private void Close(OpenFinding open)
    {
        open.Close();
        if (open.Suppresses is var (place, key))
        {
            _suppressing[place]!.Remove(key);
        }

        if (open.HasChanged)
        {
            _told.Add(new ToldFinding(open.Finding, ToldOccasion.Update));
        }
    }

    private sealed class EndOrder : IComparer<(long Until, string Id)>
    {
        public static readonly EndOrder Instance = new();

        public int Compare((long Until, string Id) x, (long Until, string Id) y) => x.Until != y.Until ? x.Until.CompareTo(y.Until) : string.CompareOrdinal(x.Id, y.Id);
    }
}
