namespace Vedette.Detection.FirstSeen;

/// <summary>Members of sets, with when each was last seen; bounded, the one unseen for longest is forgotten first.</summary>
internal sealed class RecentSet(int max)
{
    private readonly Dictionary<(string Set, string Member), LinkedListNode<RecentMember>> _members = [];
    private readonly LinkedList<RecentMember> _bySeen = new();
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);

    /// <summary>How many were forgotten because there were too many.</summary>
    public long Evicted { get; private set; }

    /// <summary>All members, unseen for longest first.</summary>
    public IEnumerable<RecentMember> Members => _bySeen;

    /// <summary>Number of members of a set.</summary>
    public int Count(string set) => _counts.GetValueOrDefault(set);

    /// <summary>When a member was last seen, in ticks; null when it is not there.</summary>
    public long? Seen(string set, string member) => _members.TryGetValue((set, member), out LinkedListNode<RecentMember>? node) ? node.Value.At : null;

    /// <summary>Notes that a member was seen.</summary>
    public void Add(string set, string member, long at)
    {
        if (_members.TryGetValue((set, member), out LinkedListNode<RecentMember>? node))
        {
            _bySeen.Remove(node);
            node.Value = node.Value with { At = Math.Max(at, node.Value.At) };
            _bySeen.AddLast(node);
            return;
        }

        if (_members.Count == max)
        {
            RecentMember oldest = _bySeen.First!.Value;
            Remove(oldest.Set, oldest.Member);
            Evicted++;
        }

        _members.Add((set, member), _bySeen.AddLast(new RecentMember(set, member, at)));
        _counts[set] = Count(set) + 1;
    }

    /// <summary>Forgets a member.</summary>
    /// <returns>True when it was there.</returns>
    public bool Remove(string set, string member)
    {
        if (!_members.Remove((set, member), out LinkedListNode<RecentMember>? node))
        {
            return false;
        }

        _bySeen.Remove(node);
        if (--_counts[set] is var left && left == 0)
        {
            _counts.Remove(set);
        }
        else
        {
            _counts[set] = left;
        }

        return true;
    }

    /// <summary>Forgets what was not seen since a time.</summary>
    public void Expire(long before)
    {
        while (_bySeen.First is { Value: var oldest } && oldest.At < before)
        {
            Remove(oldest.Set, oldest.Member);
        }
    }
}

/// <summary>A member of a set and when it was last seen, in ticks.</summary>
internal readonly record struct RecentMember(string Set, string Member, long At);
