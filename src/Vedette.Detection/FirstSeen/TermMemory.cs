using System.Collections.Immutable;
using Vedette.Detection.Findings;
using Vedette.Detection.Rules;
using Vedette.Detection.Stateful;

namespace Vedette.Detection.FirstSeen;

/// <summary>The terms a rule has seen, and who of which group of peers was seen doing what.</summary>
/// <param name="rule">What the rule asks for.</param>
/// <param name="share">Bytes for it.</param>
internal sealed class TermMemory(NewTerms rule, MemoryShare share)
{
    /// <summary>Fields that name the actor: peers are compared on the rest of the term.</summary>
    private static readonly ImmutableHashSet<string> s_actorFields = ["vedette.actor", "user.username", "user.uid", "impersonatedUser.username"];

    /// <summary>Terms; the set is always the same.</summary>
    public RecentSet Terms { get; } = new(StateBudget.MaxTerms, share);

    /// <summary>Actors: of the set <c>GROUP</c> those that matched the rule at all, of <c>GROUP, rest of the term</c> those that did the same.</summary>
    public RecentSet Peers { get; } = new(StateBudget.MaxPeers, share);

    /// <summary>Notes the terms of a match.</summary>
    /// <param name="match">The match.</param>
    /// <param name="logStart">Time of the log's first event, in ticks.</param>
    /// <returns>For people what is new about it; null when nothing is, or the rule is still learning.</returns>
    public string? See(Occurrence match, long logStart)
    {
        Terms.Expire(match.At - rule.Window.Ticks);
        Peers.Expire(match.At - rule.Window.Ticks);
        ImmutableArray<ImmutableArray<string>> terms = match.Combinations([.. rule.Fields]);
        ImmutableArray<string>? fresh = null;
        List<RecentMember>? noted = match.Repeated is null ? null : [];
        foreach (ImmutableArray<string> term in terms)
        {
            string key = Occurrence.Key(term);
            fresh ??= Terms.Seen("", key) is null ? term : null;
            RecentMember member = Terms.Add("", key, match.At);
            noted?.Add(member);
        }

        string? peers = NotePeers(match, terms, fresh, noted);
        match.Repeated?.Noted([.. noted!]);
        if (fresh is null || match.At - logStart < rule.Learning.Ticks)
        {
            return null;
        }

        long known = Math.Max(0, match.At - logStart);
        string since = known >= rule.Window.Ticks ? Duration.Of(rule.Window) : $"the {Duration.Of(TimeSpan.FromTicks(known))} seen so far";
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
            if (member.IsForgotten || member.At < at - rule.Window.Ticks)
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

    private string? NotePeers(Occurrence match, ImmutableArray<ImmutableArray<string>> terms, ImmutableArray<string>? fresh, List<RecentMember>? noted)
    {
        if (rule.Peers.IsEmpty || terms.IsEmpty || match.Evidence.User is not { Length: > 0 } actor)
        {
            return null;
        }

        string[] groups = [.. rule.Peers.SelectMany(field => match.ValuesOf(field)).Distinct(StringComparer.Ordinal).Take(Occurrence.MaxCombinations)];
        string? best = null;
        int fewest = int.MaxValue;
        int same = 0;
        foreach (string group in groups)
        {
            int others = Peers.Count(SetOf(group, [])) - (Peers.Seen(SetOf(group, []), actor) is null ? 0 : 1);
            if (fresh is { } term && others > 0 && others < fewest)
            {
                // The smallest group says most.
                (best, fewest) = (group, others);
                string doing = SetOf(group, Behaviour(term));
                same = Peers.Count(doing) - (Peers.Seen(doing, actor) is null ? 0 : 1);
            }
        }

        foreach (string group in groups)
        {
            RecentMember member = Peers.Add(SetOf(group, []), actor, match.At);
            noted?.Add(member);
            foreach (ImmutableArray<string> term in terms)
            {
                if (Behaviour(term) is { IsEmpty: false } behaviour)
                {
                    member = Peers.Add(SetOf(group, behaviour), actor, match.At);
                    noted?.Add(member);
                }
            }
        }

        return fresh is null || Behaviour(fresh.Value).IsEmpty ? null
            : best is null ? "; no peers seen"
            : $"; peers: {same} of {fewest} others of {best} did it";
    }

    /// <summary>What of a term is not the actor himself.</summary>
    private ImmutableArray<string> Behaviour(ImmutableArray<string> term) => [.. term.Where((_, place) => !s_actorFields.Contains(rule.Fields[place]))];

    private static string SetOf(string group, ImmutableArray<string> behaviour) => Occurrence.Key(["", group, .. behaviour]);
}
