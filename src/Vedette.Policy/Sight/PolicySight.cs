using System.Collections.Immutable;
using Vedette.Audit.Needs;
using Vedette.Policy.Evaluation;
using Vedette.Policy.Managed;
using Vedette.Policy.Model;
using Vedette.Policy.Requests;
using Vedette.Policy.Resources;

namespace Vedette.Policy.Sight;

/// <summary>
/// Which detection rules can fire under a policy. Every way in which a rule can fire is held against every kind of request, and against every requester that policy or rule tells from others
/// (<see cref="Requesters"/>). Needs are conservative, so "never" and "always" hold; "sometimes" has a request as its witness. Not for several threads.
/// </summary>
public sealed class PolicySight
{
    private const string Groups = "user.groups";

    private static readonly ImmutableArray<RequestEnding> s_endings = [RequestEnding.Answered, RequestEnding.Refused, RequestEnding.Panicked];

    private readonly CompiledPolicy _compiled;
    private readonly KindIndex _kinds;
    private readonly Dictionary<RequestKind, Requesters> _requesters;

    private readonly ImmutableArray<string> _lostFields;
    private readonly RequestEnding _endings;

    private PolicySight(AuditPolicy policy, ImmutableArray<RequestKind> kinds, ManagedLog? log)
    {
        _lostFields = log?.LostFields ?? [];
        _endings = log?.KnownEndings ?? ~RequestEnding.None;
        _compiled = CompiledPolicy.Compile(policy);
        _kinds = new KindIndex(kinds);
        _requesters = kinds.ToDictionary(kind => kind, kind => new Requesters(kind, policy));
    }

    /// <summary>What the policy leaves of each rule.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="rules">The rules' needs.</param>
    /// <param name="log">The provider's log whose policy it is (<see cref="ManagedLog.Of"/>); null for one that carries every event and field.</param>
    public static ImmutableArray<RuleSight> Of(AuditPolicy policy, ImmutableArray<RuleNeeds> rules, ManagedLog? log = null)
    {
        IEnumerable<RequestKind> kinds = KindIndex.All(policy, rules.SelectMany(rule => rule.AllWays).Select(way => way.Requests));
        PolicySight sight = new(policy, [.. kinds.Where(kind => !kind.IsPath || log is not { IsKnownOfPaths: false })], log);
        Dictionary<RuleNeeds, RuleSight> known = new(ReferenceEqualityComparer.Instance);
        return [.. rules.Select(rule => sight.Of(rule, known))];
    }

    private RuleSight Of(RuleNeeds rule, Dictionary<RuleNeeds, RuleSight> known)
    {
        if (!known.TryGetValue(rule, out RuleSight? sight))
        {
            known[rule] = sight = rule.Rules.IsEmpty ? OfWays(rule) : Together(rule, [.. rule.Rules.Select(part => Of(part, known))]);
        }

        return sight;
    }

    private static RuleSight Together(RuleNeeds rule, ImmutableArray<RuleSight> parts)
    {
        CanFire least = parts.Min(part => part.CanFire);
        CanFire sight = rule.NeedsAll || parts.All(part => part.CanFire == least) ? least : CanFire.Sometimes;
        return new RuleSight(rule, sight, parts.MinBy(part => part.CanFire)!.Missed, parts.Select(part => part.Blurred).FirstOrDefault(blurred => blurred is not null)) { Rules = parts };
    }

    private RuleSight OfWays(RuleNeeds rule)
    {
        bool isSeen = false;
        MissedCase? missed = null;
        MissedCase? blurred = null;
        foreach (EventNeed way in rule.Ways)
        {
            ImmutableArray<RequestUser?>? everybody = null;
            string? lost = way.Fields.FirstOrDefault(IsLost);
            HashSet<(KindTraits Traits, string Exclusions, string Deciders)> known = [];
            foreach (RequestKind kind in _kinds.In(way.Requests))
            {
                Requesters requesters = _requesters[kind];
                EventNeed here = way.At(kind, out string exclusions);
                if (!known.Add((kind.Traits, exclusions, requesters.Deciders)))
                {
                    continue;
                }

                ImmutableArray<RequestUser?> users = !requesters.NamesNobody ? [.. requesters.Users(way.Requests)] : everybody ??= [.. requesters.Users(way.Requests)];
                foreach (RequestAttributes request in requesters.Of(way.Requests, users).Where(request => !IsExcluded(here, request)))
                {
                    PolicyAnswer answer = _compiled.Evaluate(request);
                    foreach (MissedCase found in Cases(here, request, answer, lost))
                    {
                        isSeen |= found.Lack is Lack.None or Lack.SomeLevel;
                        missed ??= found.Lack == Lack.None ? null : found;
                        blurred ??= found.Lack != Lack.None ? null
                            : (int)answer.Level < (int)LevelToExclude(here, request) ? found with { Lack = Lack.Level, Level = LevelToExclude(here, request) } : Confused(here, request);
                    }

                    // Where the policy treats all alike, the first who is somebody stands for all who are, unless it matters whom the rule leaves out.
                    if (requesters.IsUniform && request.User is not null && (blurred is not null || here.Exclusions.All(exclusion => exclusion.Level is null)))
                    {
                        break;
                    }
                }
            }
        }

        CanFire sight = missed is null ? isSeen ? CanFire.Always : CanFire.Unknown : isSeen ? CanFire.Sometimes : CanFire.Never;
        return new RuleSight(rule, sight, missed, blurred);
    }

    /// <summary>What becomes of a request, for each way in which it can end.</summary>
    private IEnumerable<MissedCase> Cases(EventNeed need, RequestAttributes request, PolicyAnswer answer, string? lost)
    {
        foreach ((RequestEnding ending, AuditStage stages) in Shown(need, request).Where(shown => _endings.HasFlag(shown.Ending)))
        {
            Lack lack = LackOf(need, answer, stages);
            bool isField = lost is not null && lack != Lack.Request;
            yield return new MissedCase(request, answer, isField ? Lack.Field : lack, need, ending, need.SureLevel) { Field = isField ? lost : null };
        }
    }

    private bool IsLost(string field) => _lostFields.Any(lost => field.StartsWith(lost, StringComparison.Ordinal) && (field.Length == lost.Length || field[lost.Length] is '.' or '['));

    /// <summary>A request like this one that is recorded, and that the rule leaves out by a group that the log does not carry.</summary>
    private MissedCase? Confused(EventNeed need, RequestAttributes request)
    {
        if (request.User is not { } user || !IsLost(Groups))
        {
            return null;
        }

        IEnumerable<TextSet> unwanted = need.Requests.OtherGroups.Concat(need.Exclusions.Where(exclusion => exclusion.Level is null).SelectMany(exclusion => exclusion.Requests.Groups));
        return (from groups in unwanted
                from name in groups.Known
                let member = request with { User = user with { Groups = user.Groups.Add(name) } }
                where IsExcluded(need, member) || !need.Requests.Has(user.Name, member.User!.Groups)
                let answer = _compiled.Evaluate(member)
                where answer.Level != AuditLevel.None
                select new MissedCase(member, answer, Lack.Field, need, RequestEnding.Answered, need.SureLevel) { Field = Groups }).FirstOrDefault();
    }

    /// <summary>The ways in which a request can end that show what is needed, and the stages that show it.</summary>
    internal static IEnumerable<(RequestEnding Ending, AuditStage Stages)> Shown(EventNeed need, RequestAttributes request) =>
        from ending in s_endings
        where need.Endings.HasFlag(ending) && (ending == RequestEnding.Refused) == request.User is null
        let stages = StagesOf(need, request, ending)
        where stages != AuditStage.None
        select (ending, stages);

    private static Lack LackOf(EventNeed need, PolicyAnswer answer, AuditStage stages) =>
        answer.Level == AuditLevel.None ? Lack.Request
        : answer.Written(stages) == AuditStage.None ? Lack.Stage
        : (int)answer.Level < (int)need.Level || !need.Levels.Contains(answer.Level.ToString()) ? Lack.Level
        : need.NeedsManagedFields && answer is { OmitManagedFields: true, Level: > AuditLevel.Metadata } ? Lack.ManagedFields
        : (int)answer.Level < (int)need.SureLevel ? Lack.SomeLevel
        : Lack.None;

    private static AuditStage StagesOf(EventNeed need, RequestAttributes request, RequestEnding ending)
    {
        AuditStage gone = ending switch
        {
            RequestEnding.Refused => RequestStages.OfRefused,
            RequestEnding.Panicked => AuditStage.RequestReceived | AuditStage.Panic,
            _ => RequestStages.Of(request),
        };
        // The name of what is created comes from the body.
        gone &= request.Name.Length == 0 && request.Verb == "create" && !need.Requests.Names.Contains("") ? ~AuditStage.RequestReceived : ~AuditStage.None;
        return AuditStages.Sorted(gone).Where(need.Stages.Contains).Aggregate(AuditStage.None, (stages, name) => stages | AuditStages.Named(name));
    }

    internal static bool IsExcluded(EventNeed need, RequestAttributes request) => need.Exclusions.Any(exclusion => exclusion.Level is null && IsIn(exclusion.Requests, request));

    /// <summary>The level at which the rule can tell what to leave out of such requests.</summary>
    internal static NeededLevel LevelToExclude(EventNeed need, RequestAttributes request) =>
        need.Exclusions.Where(exclusion => exclusion.Level is not null && IsIn(exclusion.Requests, request)).Select(exclusion => exclusion.Level!.Value).DefaultIfEmpty(NeededLevel.Metadata).Max();

    private static bool IsIn(RequestShape shape, RequestAttributes request) =>
        (request.IsResourceRequest
            ? shape.Has(request.Verb, request.ApiGroup, request.Resource, request.Subresource) && shape.Paths.IsAny && shape.Namespaces.Contains(request.Namespace) && shape.Names.Contains(request.Name)
            : shape.HasPaths && shape.Verbs.Contains(request.Verb) && shape.Paths.Contains(request.Path))
        && shape.Has(request.User?.Name ?? "", request.User?.Groups ?? []);
}
