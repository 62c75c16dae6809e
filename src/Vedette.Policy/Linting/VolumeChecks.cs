using Vedette.Policy.Evaluation;
using Vedette.Policy.Model;
using Vedette.Policy.Requests;

namespace Vedette.Policy.Linting;

/// <summary>What costs much and tells little, and what loses events.</summary>
internal static class VolumeChecks
{
    private static readonly (string Group, string Resource, string Space)[] s_patched =
    [
        ("rbac.authorization.k8s.io", "clusterrolebindings", ""), ("rbac.authorization.k8s.io", "rolebindings", "vedette-probe"), ("rbac.authorization.k8s.io", "clusterroles", ""),
        ("", "pods", "vedette-probe"), ("apps", "deployments", "vedette-probe"), ("apps", "daemonsets", "vedette-probe"), ("", "serviceaccounts", "vedette-probe"),
        ("admissionregistration.k8s.io", "mutatingwebhookconfigurations", ""),
    ];

    /// <summary>Looks at volume and at patches.</summary>
    public static void Run(AuditPolicy policy, Report report)
    {
        Patches(policy, report);
        PolicyAnswer read = PolicyChecker.Evaluate(policy, Probe.Of(Probe.Somebody, "list", "", "pods"));
        if (read.Written(AuditStage.RequestReceived | AuditStage.ResponseComplete) == (AuditStage.RequestReceived | AuditStage.ResponseComplete))
        {
            report.AddAt(
                PolicyChecks.DoubledStages, read.Rule, "reads are written at RequestReceived and again at ResponseComplete, which has all of the first and the outcome",
                "add omitStages: [RequestReceived] here");
        }

        foreach (RequestUser user in (ReadOnlySpan<RequestUser>)[Probe.Somebody, Probe.Node])
        {
            PolicyAnswer list = PolicyChecker.Evaluate(policy, Probe.Of(user, "list", "apps", "deployments"));
            PolicyAnswer get = PolicyChecker.Evaluate(policy, Probe.Of(user, "list", "", "pods"));
            foreach (PolicyAnswer answer in (ReadOnlySpan<PolicyAnswer>)[list, get])
            {
                if (answer.Level == AuditLevel.RequestResponse)
                {
                    report.AddAt(
                        PolicyChecks.LogsAnswersOfReads, answer.Rule, "answers of get and list are logged: every read copies the objects, whole lists included, into the log",
                        "log get, list and watch at Metadata, in a rule before this one");
                }
            }
        }

        if (policy.Rules.FirstOrDefault(rule => rule.Level >= AuditLevel.Request && (rule.OmitManagedFields ?? policy.OmitManagedFields) is not { Value: true }) is { } bodies)
        {
            report.Add(
                PolicyChecks.KeepsManagedFields, bodies, "bodies are logged with metadata.managedFields, often half of an object, and no detection reads them",
                "add omitManagedFields: true to the policy (Kubernetes 1.23 and later)");
        }

        PolicyAnswer lease = PolicyChecker.Evaluate(policy, Probe.Of(Probe.Node, "update", "coordination.k8s.io", "leases", "kube-node-lease"));
        PolicyAnswer status = PolicyChecker.Evaluate(policy, Probe.Of(Probe.Node, "patch", "", "nodes/status", ""));
        if (lease.Level != AuditLevel.None)
        {
            report.AddAt(
                PolicyChecks.LogsHeartbeats, lease.Rule, $"leases that nodes renew every ten seconds are logged at {lease.Level}; in most clusters that is a third of all events",
                "level None for leases in kube-node-lease by userGroups: [\"system:nodes\"], verbs: [get, update]");
        }

        if (status.Level >= AuditLevel.Request)
        {
            report.AddAt(PolicyChecks.LogsHeartbeats, status.Rule, $"status reports of nodes are logged at {status.Level}, with bodies of tens of kilobytes", "log nodes/status at Metadata");
        }
    }

    private static void Patches(AuditPolicy policy, Report report)
    {
        foreach (IGrouping<int, (PolicyAnswer Answer, string Resource)> group in s_patched
            .Select(patched => (Answer: PolicyChecker.Evaluate(policy, Probe.Of(Probe.Somebody, "patch", patched.Group, patched.Resource, patched.Space)), patched.Resource))
            .Where(patched => patched.Answer.Level >= AuditLevel.Request && patched.Answer.OmitStages.HasFlag(AuditStage.RequestReceived)).GroupBy(patched => patched.Answer.Rule))
        {
            report.AddAt(
                PolicyChecks.PatchLosesEvent, group.Key,
                $"patches of {string.Join(", ", group.Select(patched => patched.Resource))} are logged with their body and without RequestReceived: a server-side apply in YAML succeeds and its event cannot be written, "
                + "so nothing shows it (and with a webhook its whole batch is lost)",
                "log patch in a rule of its own, at Metadata or with RequestReceived; alert on apiserver_audit_error_total");
        }
    }
}
