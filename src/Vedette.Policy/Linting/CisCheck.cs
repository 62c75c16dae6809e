using Vedette.Policy.Evaluation;
using Vedette.Policy.Model;

namespace Vedette.Policy.Linting;

/// <summary>CIS Kubernetes Benchmark 3.2.2, "Ensure that the audit policy covers key security concerns" (1.9 to 1.12 and 2.0.1), decided by evaluating the policy.</summary>
internal static class CisCheck
{
    private static readonly string[] s_changes = ["create", "update", "patch", "delete"];

    private static readonly string[] s_connects = ["create", "get"];

    /// <summary>Looks at the four points of the control. 3.2.1, a minimal policy, holds for every policy that loads.</summary>
    public static void Run(AuditPolicy policy, Report report)
    {
        List<string> faults = [];
        foreach ((string group, string resource, string[] verbs) in (ReadOnlySpan<(string, string, string[])>)
            [("", "secrets", ["get", "list", "create", "update", "patch", "delete"]), ("", "configmaps", ["get", "list", "create", "update", "patch", "delete"]), ("authentication.k8s.io", "tokenreviews", ["create"])])
        {
            string[] wrong = [.. verbs.Where(verb => LevelOf(policy, verb, group, resource) != AuditLevel.Metadata).Select(verb => $"{verb} at {LevelOf(policy, verb, group, resource)}")];
            if (wrong.Length > 0)
            {
                faults.Add($"{resource} should be logged at Metadata ({string.Join(", ", wrong)})");
            }
        }

        Missing("changes of pods and deployments", [("", "pods", s_changes), ("apps", "deployments", s_changes)]);
        Missing("pods/exec, pods/portforward, pods/proxy and services/proxy", [("", "pods/exec", s_connects), ("", "pods/portforward", s_connects), ("", "pods/proxy", s_connects), ("", "services/proxy", s_connects)]);
        Missing("most other requests at least at Metadata", [("vedette.example", "probes", ["get", "list", "create", "delete"])]);
        if (faults.Count > 0)
        {
            report.Add(PolicyChecks.Cis, $"CIS 3.2.2: {string.Join("; ", faults)}", "see docs/policy-lint/VP2060.md for rules that meet it");
        }

        void Missing(string what, (string Group, string Resource, string[] Verbs)[] requests)
        {
            string[] wrong = [.. requests.SelectMany(request => request.Verbs.Where(verb => LevelOf(policy, verb, request.Group, request.Resource) == AuditLevel.None).Select(verb => $"{verb} {request.Resource}"))];
            if (wrong.Length > 0)
            {
                faults.Add($"{what} should be logged (not logged: {string.Join(", ", wrong)})");
            }
        }
    }

    private static AuditLevel LevelOf(AuditPolicy policy, string verb, string group, string resource) =>
        PolicyChecker.Evaluate(policy, Probe.Of(Probe.Somebody, verb, group, resource)).Level;
}
