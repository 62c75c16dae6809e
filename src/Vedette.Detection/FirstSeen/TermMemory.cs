using System.Collections.Immutable;
using Vedette.Detection.Findings;
using Vedette.Detection.Rules;
using Vedette.Detection.Stateful;

namespace Vedette.Detection.FirstSeen;

/// <summary>The terms a rule has seen, and who of which group of peers was seen doing what.</summary>
internal sealed class TermMemory
{
    /// <summary>Fields that name the actor: peers are compared on the rest of the term.</summary>
    private static readonly ImmutableHashSet<string> s_actorFields = ["vedette.actor", "user.username", "user.uid", "impersonatedUser.username"];

    private readonly NewTerms _rule;
    private readonly ImmutableArray<string?> _fields;
    private readonly ImmutableArray<bool> _isActor;
    private readonly FieldCombinations _combinations = new();
    private readonly CompositeKey _key = new();
    private readonly List<string> _groups = [];

    /// <summary>A memory of nothing.</summary>
    /// <param name="rule">What the rule asks for.</param>
    /// <param name="share">Bytes for it.</param>
    public TermMemory(NewTerms rule, MemoryShare share)
    {
        _rule = rule;
        _fields = [.. rule.Fields];
        _isActor = [.. rule.Fields.Select(s_actorFields.Contains)];
        Terms = new RecentSet(StateBudget.MaxTerms, share);
        Peers = new RecentSet(StateBudget.MaxPeers, share);
    }

    /// <summary>Terms; the set is always the same.</summary>
    public RecentSet Terms { get; }

    /// <summary>Actors: of the set <c>GROUP</c> those that matched the rule at all, of <c>GROUP, rest of the term</c> those that did the same.</summary>
    public RecentSet Peers { get; }

    /// <summary>Notes the terms of a match.</summary>
    /// <param name="match">The match.</param>
    /// <param name="logStart">Time of the log's first event, in ticks.</param>
    /// <returns>For people what is new about it; null when nothing is, or the rule is still learning.</returns>
    public string? See(in Occurrence match, long logStart)
    {
        Terms.Expire(match.At - _rule.Window.Ticks);
        Peers.Expire(match.At - _rule.Window.Ticks);
        ImmutableArray<string>? fresh = null;
        bool any = false;
        List<RecentMember>? noted = match.Repeated is null ? null : [];
        _combinations.Begin(match.Values, _fields);
        while (_combinations.TryNext(out ReadOnlySpan<string> term))
        {
            any = true;
            ReadOnlySpan<char> key = _key.Join(term);
            fresh ??= Terms.Seen("", key) is null ? [.. term] : null;
            RecentMember member = Terms.Add("", key, match.At);
            noted?.Add(member);
        }

        string? peers = any && !_rule.Peers.IsEmpty ? NotePeers(match, fresh, noted) : null;
        match.Repeated?.Noted([.. noted!]);
        if (fresh is null || match.At - logStart < _rule.Learning.Ticks)
        {
            return null;
        }

        long known = Math.Max(0, match.At - logStart);
        string since = known >= _rule.Window.Ticks ? Duration.Of(_rule.Window) : $"the {Duration.Of(TimeSpan.FromTicks(known))} seen so far";
        return $"first time in {since}{peers}";
    }

    /// <summary>Notes a repeat of which <see cref="See"/> was told before: as if it were told again.</summary>
    /// <param name="members">What was noted then.</param>
    /// <param name="at">When it was seen again, in ticks.</param>
    /// <returns>False when some of it has been forgotten since, or should be: then it must be told as a match.</returns>
    public bool TryRefresh(ImmutableArray<RecentMember> members, long at)
    {
        foreach (RecentMember member in members)
        {
            if (member.IsForgotten || member.At < at - _rule.Window.Ticks)
            {
                return false;
            }
        }

        foreach (RecentMember member in members)
        {
            member.Refresh(at);
        }

        return true;
    }

    private string? NotePeers(in Occurrence match, ImmutableArray<string>? fresh, List<RecentMember>? noted)
    {
        if (match.Evidence.User is not { Length: > 0 } actor)
        {
            return null;
        }

        FindGroups(match.Values);
        string? best = null;
        int fewest = int.MaxValue;
        int same = 0;
        foreach (string group in fresh is null ? [] : _groups)
        {
            int others = Others(SetOf(group, []), actor);
            if (others > 0 && others < fewest)
            {
                // The smallest group says most.
                (best, fewest) = (group, others);
                same = Others(SetOf(group, fresh!.Value.AsSpan()), actor);
            }
        }

        foreach (string group in _groups)
        {
            RecentMember member = Peers.Add(SetOf(group, []), actor, match.At);
            noted?.Add(member);
            _combinations.Begin(match.Values, _fields);
            while (HasBehaviour && _combinations.TryNext(out ReadOnlySpan<string> term))
            {
                member = Peers.Add(SetOf(group, term), actor, match.At);
                noted?.Add(member);
            }
        }

        return fresh is null || !HasBehaviour ? null
            : best is null ? "; no peers seen"
            : $"; peers: {same} of {fewest} others of {best} did it";
    }

    /// <summary>True when something of a term is not the actor himself.</summary>
    private bool HasBehaviour => _isActor.Contains(false);

    /// <summary>The groups of a match's actor, each once.</summary>
    private void FindGroups(UnpackedValues values)
    {
        _groups.Clear();
        foreach (string field in _rule.Peers)
        {
            foreach (string group in values.Of(field))
            {
                if (_groups.Count < FieldCombinations.Max && !_groups.Contains(group))
                {
                    _groups.Add(group);
                }
            }
        }
    }

    private int Others(ReadOnlySpan<char> set, string actor) => Peers.Count(set) - (Peers.Seen(set, actor) is null ? 0 : 1);

    /// <summary>Names the set of those of a group, or of those of them that did what a term says, whoever did it.</summary>
    private ReadOnlySpan<char> SetOf(string group, ReadOnlySpan<string> term)
    {
        _key.Clear();
        _key.Append("");
        _key.Append(group);
        for (int i = 0; i < term.Length; i++)
        {
            if (!_isActor[i])
            {
                _key.Append(term[i]);
            }
        }

        return _key.Text;
    }
}
