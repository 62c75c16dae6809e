using System.Collections.Immutable;
using Vedette.Audit.Needs;
using Vedette.Policy.Evaluation;
using Vedette.Policy.Model;
using Vedette.Policy.Resources;
using Vedette.Policy.Simulation;

namespace Vedette.Policy.Deriving;

/// <summary>
/// The policy that detections need: of every kind of request the least level at which no rule loses anything, gathered into few rules. Then every rule that can be left out, and every level that can
/// be lowered, without a loss is; what is left is proved rule by rule. Bodies of Secrets and tokens are never recorded, whatever a rule asks for. Patches whose bodies are recorded keep stage
/// RequestReceived, since a patch can keep its own later event out of the log. Not for several threads.
/// </summary>
public sealed class PolicyDerivation
{
    private readonly ImmutableArray<KindNeeds> _kinds;
    private readonly ImmutableArray<KindNeeds> _beyond;

    private PolicyDerivation(ImmutableArray<KindNeeds> kinds)
    {
        _kinds = [.. kinds.Where(kind => !kind.IsBeyond)];
        _beyond = [.. kinds.Where(kind => kind.IsBeyond)];
    }

    /// <summary>The rules, in order.</summary>
    public ImmutableArray<DerivedRule> Rules { get; private set; } = [];

    /// <summary>What detections lose because it is never recorded, the worst first.</summary>
    public ImmutableArray<DerivedLoss> Losses { get; private set; } = [];

    /// <summary>What the budget has cut, in that order: the cheapest loss first.</summary>
    public ImmutableArray<DerivedCut> Cuts { get; private set; } = [];

    /// <summary>Derives the rules.</summary>
    /// <param name="rules">The detections.</param>
    /// <param name="catchAll">Level of what no detection needs: None or Metadata.</param>
    /// <param name="groups">The groups that a policy can name; null for any.</param>
    public static PolicyDerivation Of(ImmutableArray<RuleNeeds> rules, AuditLevel catchAll, NameableGroups? groups = null) => Of(KindsOf(rules, groups), catchAll);

    /// <summary>Derives rules that leave no more of a log than a budget allows, where that can be: what is recorded is cut where that saves most for the least loss.</summary>
    /// <param name="rules">The detections.</param>
    /// <param name="catchAll">Level of what no detection needs: None or Metadata.</param>
    /// <param name="volumes">What the log's requests come to.</param>
    /// <param name="maxBytes">Most bytes that may be left of the log.</param>
    /// <param name="groups">The groups that a policy can name; null for any.</param>
    public static PolicyDerivation Within(ImmutableArray<RuleNeeds> rules, AuditLevel catchAll, RequestVolumes volumes, long maxBytes, NameableGroups? groups = null)
    {
        ImmutableArray<KindNeeds> kinds = KindsOf(rules, groups);
        BudgetCuts cuts = new(kinds, volumes);
        PolicyDerivation derivation = Of(kinds, catchAll);
        while (cuts.Cut(derivation, maxBytes))
        {
            derivation = Of(cuts.Kinds, catchAll);
        }

        derivation.Cuts = cuts.Made;
        return derivation;
    }

    private static ImmutableArray<KindNeeds> KindsOf(ImmutableArray<RuleNeeds> rules, NameableGroups? groups) =>
        KindNeeds.Of([.. rules.SelectMany(Single).Distinct<RuleNeeds>(ReferenceEqualityComparer.Instance)], groups ?? NameableGroups.Any);

    private static PolicyDerivation Of(ImmutableArray<KindNeeds> kinds, AuditLevel catchAll)
    {
        PolicyDerivation derivation = new(kinds);
        List<DerivedRule> candidates = [.. derivation.Candidates(catchAll)];
        derivation.Minimise(candidates);
        derivation.Rules = candidates.Count == 0 ? [Rule("No detection needs anything.", default, [], [], IsForPaths.No) with { IsAskedFor = true }] : [.. candidates.Select((_, index) => derivation.Proved(candidates, index))];
        derivation.Losses = [.. derivation.LossesOf().OrderByDescending(loss => loss.Rule.Severity).ThenBy(loss => loss.Rule.Title, StringComparer.Ordinal)];
        return derivation;
    }

    private enum IsForPaths
    {
        No,
        Yes,
    }

    private static IEnumerable<RuleNeeds> Single(RuleNeeds rule) => rule.Rules.IsEmpty ? [rule] : rule.Rules.SelectMany(Single);

    /// <summary>What must be written; a patch whose body is recorded leaves its trace.</summary>
    private static Keep Written(KindNeeds kind) => kind.Keep is var keep && kind.Kind.Verb == "patch" && keep.Level >= AuditLevel.Request ? keep with { Received = true } : keep;

    private IEnumerable<DerivedRule> Candidates(AuditLevel catchAll)
    {
        Dictionary<string, Keep> everywhere = _kinds.Where(kind => kind.IsCustom).GroupBy(kind => kind.Kind.Verb, StringComparer.Ordinal)
            .ToDictionary(same => same.Key, same => same.Select(Written).Aggregate((all, one) => all.And(one)), StringComparer.Ordinal);
        KindNeeds[] named = [.. _kinds.Where(kind => !kind.IsCustom && !kind.Kind.IsPath)];

        // What rules for any resource would record, and must not.
        bool takesAll = catchAll == AuditLevel.Metadata || everywhere.Values.Any(keep => keep.Level > AuditLevel.None);
        foreach (DerivedRule rule in named.Where(kind => kind.Cap < (everywhere[kind.Kind.Verb].Level > AuditLevel.None || !takesAll ? everywhere[kind.Kind.Verb].Level : AuditLevel.Metadata))
            .GroupBy(kind => kind.Cap).OrderBy(same => same.Key).SelectMany(same => ByTarget(same.Key == AuditLevel.None ? "Left out to keep within the budget." : "Never the contents of Secrets or tokens.", same.Key, same)))
        {
            yield return rule;
        }

        foreach (AuditLevel level in (AuditLevel[])[AuditLevel.RequestResponse, AuditLevel.Request, AuditLevel.Metadata])
        {
            foreach (bool isPatch in (bool[])[true, false])
            {
                KindNeeds[] own = [.. named.Where(kind => Written(kind) is var keep && keep.Level == level && kind.Kind.Verb == "patch" == isPatch && !everywhere[kind.Kind.Verb].Covers(keep)
                    && (level > AuditLevel.Metadata || keep.Received || keep.ManagedFields || catchAll == AuditLevel.None))];
                foreach (DerivedRule rule in own.GroupBy(kind => Written(kind)).SelectMany(same => ByTarget(Why(level, isPatch), level, same)))
                {
                    yield return rule;
                }
            }
        }

        // A rule for any resource takes other paths too.
        foreach (IGrouping<Keep, KindNeeds> same in _kinds.Where(kind => kind.Kind.IsPath).GroupBy(Written)
            .Where(same => same.Key.Level > AuditLevel.Metadata || same.Key is { Level: AuditLevel.Metadata } and ({ Received: true } or { ManagedFields: true })).OrderByDescending(same => same.Key.Level))
        {
            yield return Rule("Of paths that are of no resource.", same.Key, [.. same.Select(kind => kind.Kind.Verb).Order(StringComparer.Ordinal)], [], IsForPaths.Yes);
        }

        foreach (AuditLevel level in (AuditLevel[])[AuditLevel.RequestResponse, AuditLevel.Request])
        {
            foreach (IGrouping<Keep, KeyValuePair<string, Keep>> same in everywhere.Where(pair => pair.Value.Level == level).GroupBy(pair => pair.Value))
            {
                yield return Rule("Of any resource.", same.Key, [.. same.Select(pair => pair.Key).Order(StringComparer.Ordinal)], [], IsForPaths.No);
            }
        }

        foreach (DerivedRule rule in Rest(everywhere, catchAll))
        {
            yield return rule;
        }
    }

    private IEnumerable<DerivedRule> Rest(Dictionary<string, Keep> everywhere, AuditLevel catchAll)
    {
        KindNeeds[] paths = [.. _kinds.Where(kind => kind.Kind.IsPath)];
        string[] verbs = [.. everywhere.Where(pair => pair.Value.Level == AuditLevel.Metadata).Select(pair => pair.Key).Order(StringComparer.Ordinal)];
        string[] methods = [.. paths.Where(kind => kind.Keep.Level == AuditLevel.Metadata).Select(kind => kind.Kind.Verb).Order(StringComparer.Ordinal)];
        bool isAll = everywhere.Values.All(keep => keep.Level > AuditLevel.None) && paths.All(kind => kind.Keep.Level > AuditLevel.None);
        if (isAll || catchAll == AuditLevel.Metadata)
        {
            yield return Rule("Everything else, without bodies.", new Keep(AuditLevel.Metadata, everywhere.Values.Any(keep => keep.Received && keep.Level == AuditLevel.Metadata), false), [], [], IsForPaths.No)
                with
            { IsAskedFor = catchAll == AuditLevel.Metadata };
            yield break;
        }

        foreach (IGrouping<Keep, string> same in verbs.GroupBy(verb => everywhere[verb]))
        {
            yield return Rule("Of any resource, without bodies.", same.Key, [.. same], [], IsForPaths.No);
        }

        if (methods.Length > 0)
        {
            yield return Rule("Of paths that are of no resource.", new Keep(AuditLevel.Metadata, false, false), [.. methods], [], IsForPaths.Yes);
        }
    }

    /// <summary>One rule for all resources of which the same verbs are meant.</summary>
    private static IEnumerable<DerivedRule> ByTarget(string why, AuditLevel level, IEnumerable<KindNeeds> kinds)
    {
        Keep keep = kinds.Select(Written).Aggregate((all, one) => all.And(one)) with { Level = level };
        return kinds.GroupBy(kind => (kind.Kind.ApiGroup, kind.Target)).GroupBy(target => string.Join(' ', target.Select(kind => kind.Kind.Verb).Order(StringComparer.Ordinal)), StringComparer.Ordinal)
            .OrderBy(same => same.Key, StringComparer.Ordinal).Select(same => Rule(why, keep, [.. same.Key.Split(' ')], same.SelectMany(target => target), IsForPaths.No));
    }

    /// <summary>A resource whose group no rule names may be of any (<c>"*"</c>, Kubernetes 1.36).</summary>
    private static DerivedRule Rule(string why, Keep keep, ImmutableArray<string> verbs, IEnumerable<KindNeeds> kinds, IsForPaths paths) => new(
        why, keep.Level, verbs,
        kinds.GroupBy(kind => kind.Kind.ApiGroup == RequestKind.CustomGroup ? "*" : kind.Kind.ApiGroup, StringComparer.Ordinal)
            .ToImmutableSortedDictionary(group => group.Key, group => group.Select(kind => kind.Target).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToImmutableArray(), StringComparer.Ordinal),
        paths == IsForPaths.Yes, keep.Received, keep.ManagedFields);

    private static string Why(AuditLevel level, bool isPatch) => level == AuditLevel.Metadata ? "Without bodies."
        : isPatch ? "A patch can keep its own event out of the log: RequestReceived stays as its trace."
        : level == AuditLevel.Request ? "What was sent." : "What was sent and answered.";

    /// <summary>Leaves out rules and lowers levels as long as nothing is lost by it. From the last to the first: what is special stands before what is general and may be covered by it.</summary>
    private void Minimise(List<DerivedRule> rules)
    {
        bool isChanged = true;
        while (isChanged)
        {
            isChanged = false;
            for (int i = rules.Count - 1; i >= 0; i--)
            {
                if (rules[i].IsAskedFor)
                {
                    continue;
                }

                if (Broken([.. rules[..i], .. rules[(i + 1)..]]).IsNone)
                {
                    rules.RemoveAt(i);
                    isChanged = true;
                }
                else if (Lower(rules, i) is { } lower && Broken(lower).IsNone)
                {
                    rules[i] = lower[i];
                    isChanged = true;
                }
            }
        }
    }

    private DerivedRule Proved(List<DerivedRule> rules, int index) => rules[index] with
    {
        Without = Broken([.. rules[..index], .. rules[(index + 1)..]]),
        Lowered = Lower(rules, index) is { } lower ? Broken(lower) : DerivedProof.None,
    };

    private static List<DerivedRule>? Lower(List<DerivedRule> rules, int index) => rules[index].Level == AuditLevel.None ? null
        : [.. rules[..index], rules[index] with { Level = rules[index].Level - 1 }, .. rules[(index + 1)..]];

    /// <summary>What such rules would lose, or write that must not be.</summary>
    private DerivedProof Broken(List<DerivedRule> rules)
    {
        HashSet<RuleNeeds> lost = new(ReferenceEqualityComparer.Instance);
        string? request = null;
        string? guard = null;
        foreach (KindNeeds kind in _kinds)
        {
            Keep kept = KeptOf(rules, kind.Kind);
            Keep written = Written(kind);
            if (kept.Level > kind.Cap)
            {
                guard ??= $"{kind.Kind} would be recorded at {kept.Level}: {kind.CapReason}";
            }

            if (kind.Kind.Verb == "patch" && kept is { Level: >= AuditLevel.Request, Received: false })
            {
                guard ??= $"{kind.Kind} would leave no trace at RequestReceived";
            }

            if (kept.Covers(written) || written.Level == AuditLevel.None)
            {
                continue;
            }

            foreach ((RuleNeeds rule, Keep wanted) in kind.Wanted)
            {
                if (kind.Capped(wanted) is { Level: > AuditLevel.None } need && !kept.Covers(need))
                {
                    lost.Add(rule);
                    request ??= $"{kind.Kind}";
                }
            }
        }

        return new DerivedProof([.. lost], request ?? guard, lost.Count > 0 ? null : guard);
    }

    /// <summary>What the rules keep of requests of a kind.</summary>
    internal Keep KeptOf(RequestKind kind) => KeptOf(Rules, kind);

    private static Keep KeptOf(IEnumerable<DerivedRule> rules, RequestKind kind)
    {
        foreach (DerivedRule rule in rules)
        {
            if (Matches(rule, kind))
            {
                return rule.Level == AuditLevel.None ? default : new Keep(rule.Level, rule.KeepsReceived, rule.KeepsManagedFields || rule.Level == AuditLevel.Metadata);
            }
        }

        return default;
    }

    private static bool Matches(DerivedRule rule, RequestKind kind) => (rule.Verbs.IsEmpty || rule.Verbs.Contains(kind.Verb, StringComparer.Ordinal))
        && (rule.IsForPaths ? kind.IsPath : rule.Targets.IsEmpty || !kind.IsPath && (IsNamed(rule, kind.ApiGroup, kind) || IsNamed(rule, "*", kind)));

    private static bool IsNamed(DerivedRule rule, string group, RequestKind kind) =>
        rule.Targets.TryGetValue(group, out ImmutableArray<string> targets) && targets.Any(target => PolicyChecker.ResourceMatches(target, kind.Resource, kind.Subresource));

    private IEnumerable<DerivedLoss> LossesOf() =>
        from lost in (from kind in _kinds
                      from wish in kind.Wanted
                      where wish.Value.Level > kind.Cap
                      select (Rule: wish.Key, Request: kind.Kind, wish.Value.Level, Kept: kind.Cap, Why: kind.CapReason!))
            .Concat(from kind in _beyond
                    let kept = KeptOf(kind.Kind).Level
                    from wish in kind.Wanted
                    where wish.Value.Level > kept
                    select (Rule: wish.Key, Request: kind.Kind, wish.Value.Level, Kept: kept, Why: NameableGroups.WhyLost))
        group lost by (lost.Rule, lost.Level, lost.Kept, lost.Why) into same
        select new DerivedLoss(same.Key.Rule, [.. same.Select(lost => lost.Request.ToString())], same.Key.Level, same.Key.Kept, same.Key.Why);
}
