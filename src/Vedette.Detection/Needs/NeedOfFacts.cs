using System.Collections.Immutable;
using System.Globalization;
using Vedette.Audit.Events;
using Vedette.Audit.Json;
using Vedette.Audit.Needs;
using Vedette.Detection.Fields;
using Vedette.Detection.Logic;

namespace Vedette.Detection.Needs;

/// <summary>
/// One alternative of a condition as needs. Fields that follow from others (docs/fields.md) are read back to what a policy sees: an operation is a verb or a subresource, an actor is the user or
/// somebody whom any user impersonates.
/// </summary>
internal static class NeedOfFacts
{
    private static readonly ImmutableArray<string> s_actorPaths = ["vedette.actor", "vedette.actor.kind", "vedette.actor.namespace", "vedette.actor.groups"];

    // What an event has from the beginning on; all other fields but bodies come with the response (pkg/endpoints/filters/audit.go, pkg/audit/request.go).
    private static readonly ImmutableArray<AuditField> s_early =
    [
        AuditField.Kind, AuditField.ApiVersion, AuditField.Level, AuditField.AuditId, AuditField.Stage, AuditField.RequestUri, AuditField.Verb, AuditField.User, AuditField.UserName, AuditField.UserUid,
        AuditField.UserGroups, AuditField.UserExtra, AuditField.SourceIps, AuditField.UserAgent, AuditField.ObjectRef, AuditField.ObjectResource, AuditField.ObjectNamespace, AuditField.ObjectName,
        AuditField.ObjectApiGroup, AuditField.ObjectApiVersion, AuditField.ObjectSubresource, AuditField.RequestReceivedTimestamp, AuditField.StageTimestamp,
    ];

    private static readonly ImmutableArray<DerivedField> s_earlyDerived =
    [
        DerivedField.Operation, DerivedField.Resource, DerivedField.Actor, DerivedField.ActorGroups, DerivedField.ActorKind, DerivedField.ActorNamespace, DerivedField.Impersonated, DerivedField.SourceIp,
        DerivedField.SourceNetwork, DerivedField.SourceIsPublic, DerivedField.UserAgentProduct, DerivedField.DryRun, DerivedField.Path, DerivedField.ExecCommand,
    ];

    // What a policy sees exactly as the event shows it.
    private static readonly ImmutableArray<string> s_seenByPolicies =
    [
        "verb", "objectRef.resource", "objectRef.subresource", "objectRef.apiGroup", "objectRef.namespace", "objectRef.name", "vedette.resource", "user.username", "user.groups", "requestURI", "vedette.path",
    ];

    private static readonly TextSet s_later = TextSet.Of("ResponseStarted", "ResponseComplete", "Panic");
    private static readonly TextSet s_withBody = TextSet.Of("ResponseComplete", "Panic");

    /// <summary>The needs of an alternative.</summary>
    /// <param name="facts">The alternative.</param>
    /// <param name="logic">The prover it comes from.</param>
    /// <param name="exclusions">What the rule leaves out besides.</param>
    /// <param name="isExact">Was nothing left open so far?</param>
    public static IEnumerable<EventNeed> Of(Facts facts, EventLogic logic, ImmutableArray<Exclusion> exclusions, bool isExact)
    {
        ImmutableArray<string> fields = [.. facts.Needed];
        bool isLate = fields.Any(IsLate);
        EventNeed start = new()
        {
            Requests = RequestsOf(facts, logic),
            Exclusions = [.. exclusions, .. facts.Paths.Where(path => !fields.Contains(path, StringComparer.Ordinal)).SelectMany(Unseen)],
            Endings = EndingsOf(facts),
            Stages = FactSets.Of(facts, "stage").And(isLate ? s_later : TextSet.Any),
            Levels = FactSets.Of(facts, "level"),
            NeedsManagedFields = facts.HasKeywords || facts.Paths.Any(path => NeedOfBody.LooksAtManagedFields(facts, path)),
            SureLevel = facts.HasKeywords ? NeededLevel.RequestResponse : NeededLevel.Metadata,
            Fields = fields,
            IsExact = isExact && !facts.HasKeywords && !facts.HasReferences,
        };
        IEnumerable<EventNeed> needs = SplitByOperation(start, facts).SelectMany(need => SplitByActor(need, facts, logic)).Select(need => WithDryRuns(need, facts));
        return fields.Aggregate(needs, (all, field) => all.SelectMany(need => SplitByBody(need, field)));
    }

    /// <summary>What an excluded combination leaves out: all of the requests if a policy sees all that the combination asks for; else what must be recorded to tell.</summary>
    public static IEnumerable<Exclusion> ExclusionsOf(Facts facts, EventLogic logic)
    {
        RequestShape requests = RequestsOf(facts, logic);
        string[] paths = [.. facts.Paths];
        if (!facts.HasKeywords && paths.All(path => s_seenByPolicies.Contains(path, StringComparer.Ordinal)))
        {
            return [new Exclusion(requests, null)];
        }

        return paths.SelectMany(Unseen).Concat(MustBeDryRun(facts) ? [new Exclusion(NeedOfBody.DryRuns, NeededLevel.Request)] : [])
            .Select(exclusion => exclusion with { Requests = exclusion.Requests.And(requests) });
    }

    /// <summary>What is not told apart where the body that a path leads into is not recorded.</summary>
    private static IEnumerable<Exclusion> Unseen(string path) => NeedOfBody.Of(path).Select(body => new Exclusion(body.Requests, body.Sure));

    private static RequestShape RequestsOf(Facts facts, EventLogic logic)
    {
        bool namesObject = facts.IsNeeded("objectRef") || facts.IsNeeded("vedette.resource");
        bool namesNone = facts.MustBeAbsent("objectRef") || facts.MustBeAbsent("objectRef.resource") || facts.MustBeAbsent("vedette.resource");
        TextSet paths = FactSets.Of(facts, "vedette.path").And(FactSets.Of(facts, "requestURI"));
        return new RequestShape
        {
            HasResources = !namesNone && MayBeApi(facts),
            HasPaths = !namesObject,
            Verbs = FactSets.Of(facts, "verb"),
            ApiGroups = FactSets.Of(facts, "objectRef.apiGroup"),
            Resources = FactSets.Of(facts, "objectRef.resource"),
            Subresources = FactSets.Of(facts, "objectRef.subresource"),
            Targets = FactSets.Of(facts, "vedette.resource"),
            Namespaces = FactSets.Of(facts, "objectRef.namespace"),
            Names = FactSets.Of(facts, "objectRef.name"),
            Users = facts.MustBeAbsent("user") ? TextSet.Of("") : FactSets.Of(facts, "user.username"),
            Groups = FactSets.Wanted(facts, logic, "user.groups"),
            OtherGroups = FactSets.Unwanted(facts, logic, "user.groups"),
            Paths = paths,
        };
    }

    /// <summary>Can a path with these beginnings lead to a resource?</summary>
    private static bool MayBeApi(Facts facts) => ((IEnumerable<string>)["requestURI", "vedette.path"]).SelectMany(facts.BeginningsOf).All(group => group.Any(beginning =>
        beginning.Text.StartsWith("/api/", StringComparison.Ordinal) || beginning.Text.StartsWith("/apis/", StringComparison.Ordinal)
        || (!beginning.IsWhole && ("/api/".StartsWith(beginning.Text, StringComparison.Ordinal) || "/apis/".StartsWith(beginning.Text, StringComparison.Ordinal)))));

    /// <summary>An operation is the subresource where that connects to something, else the verb; a patch that made its object counts as a create.</summary>
    private static IEnumerable<EventNeed> SplitByOperation(EventNeed need, Facts facts)
    {
        TextSet operations = FactSets.Of(facts, "vedette.operation");
        if (operations.IsAny)
        {
            return [need];
        }

        TextSet connects = TextSet.Of(EventSchema.ConnectSubresources);
        TextSet others = TextSet.Except(EventSchema.ConnectSubresources);
        TextSet verbs = TextSet.Except("exec", "attach", "portforward");
        RequestShape all = need.Requests;
        List<EventNeed> needs =
        [
            need with { Requests = all with { HasPaths = false, Subresources = all.Subresources.And(connects).And(operations) } },
            need with { Requests = all with { Subresources = all.Subresources.And(others), Verbs = all.Verbs.And(operations).And(verbs) } },
        ];
        if (operations.Contains("create") && !operations.Contains("patch"))
        {
            needs.Add(need with { Requests = all with { Subresources = all.Subresources.And(others), Verbs = all.Verbs.And(TextSet.Of("patch")) }, Stages = need.Stages.And(s_later) });
        }

        return needs.Where(CanBe);
    }

    /// <summary>An actor is the user, or whom the user impersonates; then anybody may be the user.</summary>
    private static IEnumerable<EventNeed> SplitByActor(EventNeed need, Facts facts, EventLogic logic)
    {
        bool asksForActor = facts.Paths.Any(s_actorPaths.Contains);
        bool mustImpersonate = facts.IsNeeded("impersonatedUser") || !Allows(facts, "vedette.impersonated", JsonKind.False, "false");
        bool mayImpersonate = Allows(facts, "vedette.impersonated", JsonKind.True, "true") && !facts.MustBeAbsent("impersonatedUser") && !facts.MustBeAbsent("impersonatedUser.username");
        RequestShape requests = need.Requests;
        if (!mustImpersonate)
        {
            yield return !asksForActor ? need : need with
            {
                Requests = requests with
                {
                    Users = requests.Users.And(FactSets.Of(facts, "vedette.actor")).And(FactSets.Of(facts, "vedette.actor.kind", KindOf)).And(FactSets.Of(facts, "vedette.actor.namespace", NamespaceOf)),
                    Groups = [.. requests.Groups, .. FactSets.Wanted(facts, logic, "vedette.actor.groups")],
                    OtherGroups = [.. requests.OtherGroups, .. FactSets.Unwanted(facts, logic, "vedette.actor.groups")],
                },
            };
        }

        if (mustImpersonate || (asksForActor && mayImpersonate))
        {
            yield return need with
            {
                Stages = need.Stages.And(s_later),
                Endings = need.Endings & ~RequestEnding.Refused,
                Fields = [.. need.Fields.Union(["impersonatedUser"], StringComparer.Ordinal)],
            };
        }
    }

    private static EventNeed WithDryRuns(EventNeed need, Facts facts) =>
        MustBeDryRun(facts) || !Allows(facts, "vedette.dryRun", JsonKind.True, "true")
            ? need with { Exclusions = [.. need.Exclusions, new Exclusion(NeedOfBody.DryRuns, NeededLevel.Request)] }
            : need;

    private static bool MustBeDryRun(Facts facts) => !Allows(facts, "vedette.dryRun", JsonKind.False, "false");

    private static IEnumerable<EventNeed> SplitByBody(EventNeed need, string field)
    {
        ImmutableArray<(RequestShape Requests, NeededLevel Level, NeededLevel Sure)> bodies = NeedOfBody.Of(field);
        TextSet stages = field.StartsWith("responseObject", StringComparison.Ordinal) ? s_later : s_withBody;
        return bodies.IsEmpty ? [need] : bodies.Select(body => need with
        {
            Requests = need.Requests.And(body.Requests),
            Stages = need.Stages.And(stages),
            Level = Max(need.Level, body.Level),
            SureLevel = Max(need.SureLevel, body.Sure),
        }).Where(CanBe);
    }

    private static RequestEnding EndingsOf(Facts facts)
    {
        RequestEnding endings = RequestEnding.None;
        bool canHaveUser = !facts.MustBeAbsent("user") && !facts.MustBeAbsent("user.username");
        bool isAnnotated = facts.IsNeeded("annotations");
        for (int code = 100; code < 600; code++)
        {
            if (CanEndWith(facts, code))
            {
                endings |= code is 400 or 401 && !isAnnotated ? RequestEnding.Refused : RequestEnding.None;
                endings |= code != 401 && canHaveUser ? RequestEnding.Answered : RequestEnding.None;
                endings |= code == 500 && canHaveUser ? RequestEnding.Panicked : RequestEnding.None;
            }
        }

        return endings;
    }

    private static bool CanEndWith(Facts facts, int code) =>
        Allows(facts, "responseStatus.code", JsonKind.Number, code.ToString(CultureInfo.InvariantCulture))
        && (code == 101 || code / 100 == 2 ? Allows(facts, "vedette.success", JsonKind.True, "true") : Allows(facts, "vedette.success", JsonKind.False, "false"));

    private static bool IsLate(string path)
    {
        FieldPath field = FieldPath.Parse(path);
        return field.Derived is { } derived ? !s_earlyDerived.Contains(derived) : field.Field is { } start && !s_early.Contains(start);
    }

    private static bool Allows(Facts facts, string path, JsonKind kind, string text) => facts.Allows(path, new PossibleValue(text, kind));

    private static bool CanBe(EventNeed need) => !(need.Requests.Verbs is { IsFinite: true } verbs && !verbs.Known.Any())
        && !(need.Requests.Resources is { IsFinite: true } resources && !resources.Known.Any())
        && !(need.Requests.Subresources is { IsFinite: true } subresources && !subresources.Known.Any() && !subresources.Contains(""));

    private static NeededLevel Max(NeededLevel one, NeededLevel other) => one > other ? one : other;

    private static string KindOf(string user) => user switch
    {
        "" => "",
        "system:anonymous" => "anonymous",
        _ when user.StartsWith("system:serviceaccount:", StringComparison.Ordinal) => "serviceaccount",
        _ when user.StartsWith("system:node:", StringComparison.Ordinal) => "node",
        _ when user.StartsWith("system:", StringComparison.Ordinal) => "system",
        _ => "user",
    };

    private static string NamespaceOf(string user) => user.StartsWith("system:serviceaccount:", StringComparison.Ordinal) && user.Split(':') is [_, _, var space, _, ..] ? space : "";
}
