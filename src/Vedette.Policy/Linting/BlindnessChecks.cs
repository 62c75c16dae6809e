using Vedette.Policy.Evaluation;
using Vedette.Policy.Model;
using Vedette.Policy.Requests;

namespace Vedette.Policy.Linting;

/// <summary>What nobody will ever see under the policy.</summary>
internal static class BlindnessChecks
{
    private static readonly string[] s_changes = ["create", "update", "patch", "delete"];

    private static readonly string[] s_uses = ["get", "list", .. s_changes];

    private static readonly string[] s_deletions = ["delete", "deletecollection"];

    private static readonly (string Resource, string Space)[] s_privileges =
        [("roles", "vedette-probe"), ("rolebindings", "vedette-probe"), ("clusterroles", ""), ("clusterrolebindings", "")];

    /// <summary>Looks at what the policy does not write.</summary>
    public static void Run(AuditPolicy policy, Report report)
    {
        FailedAuthentication(policy, report);
        Exec(policy, report);
        Watches(policy, report);
        Results(policy, report);
        Hidden(
            policy, report, PolicyChecks.HidesAnonymous, "requests without credentials", "log at Metadata what system:unauthenticated asks for; leave out probes by their paths",
            s_uses.Select(verb => Probe.Of(Probe.Anonymous, verb, "", "pods")));
        Hidden(
            policy, report, PolicyChecks.HidesSecretReads, "reads and writes of Secrets", "log secrets at Metadata, for everybody",
            s_uses.Select(verb => Probe.Of(Probe.Somebody, verb, "", "secrets")));
        Hidden(
            policy, report, PolicyChecks.HidesPrivileges, "changes of roles and bindings", "log rbac.authorization.k8s.io at Request or above, for everybody",
            from scoped in s_privileges from verb in s_changes select Probe.Of(Probe.Somebody, verb, "rbac.authorization.k8s.io", scoped.Resource, scoped.Space));
        Hidden(
            policy, report, PolicyChecks.HidesEventDeletion, "deletions of Kubernetes Events, by which tracks are covered,",
            "leave out the making of events only: verbs: [create, update, patch, get, list, watch]",
            s_deletions.Select(verb => Probe.Of(Probe.Somebody, verb, "", "events")));
        Identities(policy, report);
    }

    private static void FailedAuthentication(AuditPolicy policy, Report report)
    {
        foreach (RequestAttributes request in (ReadOnlySpan<RequestAttributes>)
            [Probe.Of(null, "list", "", "pods"), Probe.Of(null, "create", "apps", "deployments"), new RequestAttributes { Verb = "get", Path = "/api" }])
        {
            PolicyAnswer answer = PolicyChecker.Evaluate(policy, request);
            if (answer.Written(RequestStages.OfRefused) == AuditStage.None)
            {
                report.AddAt(
                    PolicyChecks.HidesFailedAuthentication, answer.Rule,
                    answer.Level == AuditLevel.None
                        ? $"requests that fail to authenticate (401) are not logged: {Probe.Decider(answer)}"
                        : "requests that fail to authenticate (401) are written at stage ResponseStarted only, which is omitted here",
                    answer.Level == AuditLevel.None ? "end with a rule without conditions at Metadata: they have no user, so rules with users or userGroups never match them" : "take ResponseStarted out of omitStages; other requests have it only when they are long-running");
                return;
            }
        }
    }

    private static void Exec(AuditPolicy policy, Report report)
    {
        foreach (string resource in (ReadOnlySpan<string>)["pods/exec", "pods/attach", "pods/portforward", "nodes/proxy"])
        {
            string space = resource.StartsWith("nodes", StringComparison.Ordinal) ? "" : "vedette-probe";
            PolicyAnswer webSocket = PolicyChecker.Evaluate(policy, Probe.Of(Probe.Somebody, "get", "", resource, space));
            PolicyAnswer spdy = PolicyChecker.Evaluate(policy, Probe.Of(Probe.Somebody, "create", "", resource, space));
            bool sees = Probe.IsWritten(webSocket, isLongRunning: true);
            bool seesOld = Probe.IsWritten(spdy, isLongRunning: true);
            if (!sees || !seesOld)
            {
                (PolicyAnswer answer, string how) = (sees, seesOld) switch
                {
                    (false, true) => (webSocket, " over WebSocket (verb get, as kubectl since 1.31 asks)"),
                    (true, false) => (spdy, " over SPDY (verb create)"),
                    _ => (webSocket, ""),
                };
                report.AddAt(PolicyChecks.HidesExec, answer.Rule, $"{resource}{how} is not logged: {Probe.Decider(answer)}", $"log {resource} at Metadata for both verbs, create and get");
            }
        }
    }

    private static void Watches(AuditPolicy policy, Report report)
    {
        foreach (string resource in (ReadOnlySpan<string>)["secrets", "configmaps", "pods"])
        {
            PolicyAnswer list = PolicyChecker.Evaluate(policy, Probe.Of(Probe.Somebody, "list", "", resource));
            PolicyAnswer watch = PolicyChecker.Evaluate(policy, Probe.Of(Probe.Somebody, "watch", "", resource));
            if (Probe.IsWritten(list) && !Probe.IsWritten(watch, isLongRunning: true))
            {
                report.AddAt(
                    PolicyChecks.HidesWatches, watch.Rule, $"lists of {resource} are logged and watches are not, though a watch delivers the same objects: {Probe.Decider(watch)}", "add watch beside list");
            }
        }
    }

    private static void Results(AuditPolicy policy, Report report)
    {
        foreach (RequestAttributes request in (ReadOnlySpan<RequestAttributes>)[Probe.Of(Probe.Somebody, "get", "", "secrets"), Probe.Of(Probe.Somebody, "create", "", "pods")])
        {
            PolicyAnswer answer = PolicyChecker.Evaluate(policy, request);
            if (answer.Level != AuditLevel.None && answer.OmitStages.HasFlag(AuditStage.ResponseComplete))
            {
                report.AddAt(
                    PolicyChecks.HidesResults, answer.Rule, "stage ResponseComplete is omitted, so no event says whether a request was allowed, what it answered, or what it sent",
                    "take ResponseComplete out of omitStages; to save events omit RequestReceived");
                return;
            }
        }
    }

    private static void Hidden(AuditPolicy policy, Report report, PolicyCheck check, string what, string help, IEnumerable<RequestAttributes> requests)
    {
        foreach (RequestAttributes request in requests)
        {
            PolicyAnswer answer = PolicyChecker.Evaluate(policy, request);
            if (!Probe.IsWritten(answer))
            {
                report.AddAt(check, answer.Rule, $"{what} are not logged ({request.Verb} {request.Resource}): {Probe.Decider(answer)}", help);
                return;
            }
        }
    }

    private static void Identities(AuditPolicy policy, Report report)
    {
        foreach (PolicyRule rule in policy.Rules.Where(rule => rule.Level == AuditLevel.None && !(rule.Users.Items.IsEmpty && rule.UserGroups.Items.IsEmpty)))
        {
            if (!rule.IsForNonResources && rule.Resources.IsEmpty)
            {
                string who = string.Join(", ", rule.Users.Values.Concat(rule.UserGroups.Values));
                string verbs = rule.Verbs.Items.IsEmpty ? "nothing" : $"no {string.Join(", ", rule.Verbs.Values)}";
                report.Add(
                    PolicyChecks.HidesIdentity, rule, $"{verbs} of {who} is logged, whatever the resource, secrets included: whoever steals these credentials is invisible",
                    "name the noisy resources and verbs beside the identity");
            }
        }
    }
}
