using Vedette.Detection.Stateful;

namespace Vedette.Detection.FirstSeen;

/// <summary>
/// Members of sets, with when each was last seen; bounded, the one unseen for longest is forgotten first. Who has a member in hand can say that it was seen again without looking it up
/// (<see cref="RecentMember.Refresh"/>): its place among the others is found only when it comes to its turn to be forgotten.
/// </summary>
internal sealed class RecentSet
{
    /// <summary>Bytes of a member beside its texts: its object, its node, its place in the table, a part of its set's count.</summary>
    private const int Overhead = 180;

    private readonly int _max;
    private readonly MemoryAccount _account;
    private readonly Dictionary<(string Set, string Member), LinkedListNode<RecentMember>> _members = new(SetMember.Comparer.Instance);
    private readonly Dictionary<(string Set, string Member), LinkedListNode<RecentMember>>.AlternateLookup<SetMember> _byText;

    // By the time each was put in its place.
    private readonly LinkedList<RecentMember> _bySeen = new();
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _countsByText;

    /// <summary>A set without members.</summary>
    /// <param name="max">Most members.</param>
    /// <param name="share">Bytes for them.</param>
    public RecentSet(int max, MemoryShare share)
    {
        (_max, _account) = (max, share.Open(TryForget));
        _byText = _members.GetAlternateLookup<SetMember>();
        _countsByText = _counts.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>How many were forgotten because there were too many.</summary>
    public long Evicted { get; private set; }

    /// <summary>All members, unseen for longest first.</summary>
    public IEnumerable<RecentMember> Members => _bySeen.OrderBy(member => member.At);

    /// <summary>Number of members of all sets.</summary>
    public int Count() => _members.Count;

    /// <summary>Number of members of a set.</summary>
    public int Count(ReadOnlySpan<char> set) => _countsByText.TryGetValue(set, out int count) ? count : 0;

    /// <summary>When a member was last seen, in ticks; null when it is not there.</summary>
    public long? Seen(ReadOnlySpan<char> set, ReadOnlySpan<char> member) => _byText.TryGetValue(new SetMember(set, member), out LinkedListNode<RecentMember>? node) ? node.Value.At : null;

    /// <summary>Notes that a member was seen.</summary>
    /// <returns>The member.</returns>
    public RecentMember Add(ReadOnlySpan<char> set, ReadOnlySpan<char> member, long at)
    {
        if (_byText.TryGetValue(new SetMember(set, member), out LinkedListNode<RecentMember>? node))
        {
            node.Value.Refresh(at);
            Place(node);
            return node.Value;
        }

        if (_members.Count == _max)
        {
            TryForget();
        }

        string name = _countsByText.TryGetValue(set, out string? known, out int count) ? known : set.ToString();
        node = new LinkedListNode<RecentMember>(new RecentMember(name, member.ToString(), at));
        _members.Add((name, node.Value.Member), node);
        _counts[name] = count + 1;
        Insert(node);
        _account.Add(Size(node.Value));
        _account.MakeRoom();
        return node.Value;
    }

    /// <summary>Forgets a member.</summary>
    /// <returns>True when it was there.</returns>
    public bool Remove(ReadOnlySpan<char> set, ReadOnlySpan<char> member)
    {
        if (!_byText.TryGetValue(new SetMember(set, member), out LinkedListNode<RecentMember>? node))
        {
            return false;
        }

        Remove(node);
        return true;
    }

    /// <summary>Forgets what was not seen since a time.</summary>
    public void Expire(long before)
    {
        while (_bySeen.First is { } oldest && oldest.Value.PlacedAt < before)
        {
            if (IsInPlace(oldest))
            {
                Remove(oldest);
            }
            else
            {
                Place(oldest);
            }
        }
    }

    /// <summary>Forgets the member unseen for longest.</summary>
    private bool TryForget()
    {
        if (_bySeen.First is null)
        {
            return false;
        }

        while (!IsInPlace(_bySeen.First!))
        {
            Place(_bySeen.First!);
        }

        Remove(_bySeen.First!);
        Evicted++;
        return true;
    }

    private static int Size(RecentMember member) => Overhead + StateMemory.SizeOf(member.Set) + StateMemory.SizeOf(member.Member);

    private static bool IsInPlace(LinkedListNode<RecentMember> node) => node.Value.PlacedAt == node.Value.At;

    private void Remove(LinkedListNode<RecentMember> node)
    {
        RecentMember member = node.Value;
        member.IsForgotten = true;
        _account.Add(-Size(member));
        _members.Remove((member.Set, member.Member));
        _bySeen.Remove(node);
        if (--_counts[member.Set] is var left && left == 0)
        {
            _counts.Remove(member.Set);
        }
        else
        {
            _counts[member.Set] = left;
        }
    }

    private void Place(LinkedListNode<RecentMember> node)
    {
        _bySeen.Remove(node);
        Insert(node);
    }

    private void Insert(LinkedListNode<RecentMember> node)
    {
        // Nearly always what was seen now goes behind all others.
        node.Value.PlacedAt = node.Value.At;
        LinkedListNode<RecentMember>? before = _bySeen.Last;
        while (before is not null && before.Value.PlacedAt > node.Value.PlacedAt)
        {
            before = before.Previous;
        }

        if (before is null)
        {
            _bySeen.AddFirst(node);
        }
        else
        {
            _bySeen.AddAfter(before, node);
        }
    }
}

/// <summary>A member of a set and when it was last seen.</summary>
/// <param name="set">The set.</param>
/// <param name="member">The member.</param>
/// <param name="at">When, in ticks.</param>
internal sealed class RecentMember(string set, string member, long at)
{
    /// <summary>The set.</summary>
    public string Set => set;

    /// <summary>The member.</summary>
    public string Member => member;

    /// <summary>When it was last seen, in ticks.</summary>
    public long At { get; private set; } = at;

    /// <summary>True once it was forgotten: refreshing it does nothing then.</summary>
    public bool IsForgotten { get; internal set; }

    /// <summary>The time by which it stands among the others.</summary>
    internal long PlacedAt { get; set; }

    /// <summary>Notes that it was seen.</summary>
    public void Refresh(long seen) => At = Math.Max(At, seen);
}
