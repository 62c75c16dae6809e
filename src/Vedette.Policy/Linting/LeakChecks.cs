using Vedette.Policy.Evaluation;
using Vedette.Policy.Model;
using Vedette.Policy.Requests;

namespace Vedette.Policy.Linting;

/// <summary>Bodies that hold credentials, at levels that keep them. What a rule names it is held to even where an earlier rule takes its requests: orders change.</summary>
internal static class LeakChecks
{
    private static readonly Leak[] s_leaks =
    [
        new(PolicyChecks.LogsSecrets, "", "secrets", ["create", "update", "patch"], AuditLevel.Request, "values of Secrets"),
        new(PolicyChecks.LogsSecrets, "", "secrets", ["get", "list", "delete", "deletecollection"], AuditLevel.RequestResponse, "values of Secrets"),
        new(PolicyChecks.LogsConfigMaps, "", "configmaps", ["create", "update", "patch"], AuditLevel.Request, "contents of ConfigMaps, in which people keep credentials"),
        new(PolicyChecks.LogsConfigMaps, "", "configmaps", ["get", "list", "delete", "deletecollection"], AuditLevel.RequestResponse, "contents of ConfigMaps, in which people keep credentials"),
        new(PolicyChecks.LogsTokens, "authentication.k8s.io", "tokenreviews", ["create"], AuditLevel.Request, "the tokens that are being reviewed"),
        new(PolicyChecks.LogsTokens, "", "serviceaccounts/token", ["create"], AuditLevel.RequestResponse, "the tokens that are issued"),
        new(PolicyChecks.LogsCertificateRequests, "certificates.k8s.io", "certificatesigningrequests", ["create"], AuditLevel.Request, "certificate requests: names and groups asked for, no private keys"),
        new(PolicyChecks.LogsWorkloads, "", "pods", ["create", "update", "patch"], AuditLevel.Request, "environment variables and last-applied annotations, in which people keep credentials"),
        new(PolicyChecks.LogsWorkloads, "apps", "deployments", ["create", "update", "patch"], AuditLevel.Request, "environment variables and last-applied annotations, in which people keep credentials"),
    ];

    /// <summary>Looks at what the policy would write.</summary>
    public static void Run(AuditPolicy policy, Report report)
    {
        foreach (PolicyRule rule in policy.Rules.Where(rule => rule.Level >= AuditLevel.Request))
        {
            foreach (IGrouping<PolicyCheck, Leak> leaks in s_leaks.GroupBy(leak => leak.Check))
            {
                Look(policy, rule, [.. leaks], report);
            }
        }

        PolicyAnswer exec = PolicyChecker.Evaluate(policy, Probe.Of(Probe.Somebody, "create", "", "pods/exec"));
        if (exec.Level != AuditLevel.None)
        {
            report.AddAt(
                PolicyChecks.LogsCommands, exec.Rule, "commands run in containers are in requestURI, whatever the level, with the passwords somebody types there",
                "that is what makes them visible to detection: keep it, and restrict who reads the log");
        }
    }

    private static void Look(AuditPolicy policy, PolicyRule rule, Leak[] leaks, Report report)
    {
        List<(string Resource, string Verb)> verbs = [];
        bool isReached = false;
        string what = leaks[0].What;
        foreach (Leak leak in leaks.Where(leak => rule.Level >= leak.Level && !(leak.Check == PolicyChecks.LogsConfigMaps && rule.Resources.Any(entry => !entry.ResourceNames.Items.IsEmpty))))
        {
            foreach (string verb in leak.Verbs)
            {
                RequestAttributes[] matching = [.. Requests(rule, verb, leak).Where(request => PolicyChecker.MismatchOf(rule, request) == Mismatch.None)];
                bool reached = matching.Any(request => PolicyChecker.Evaluate(policy, request).Rule == rule.Index);
                if (reached || matching.Length > 0 && IsNamed(rule, leak))
                {
                    verbs.Add((leak.Resource, verb));
                    isReached |= reached;
                }
            }
        }

        if (verbs.Count > 0)
        {
            string requests = string.Join("; ", verbs.GroupBy(pair => pair.Resource, pair => pair.Verb, StringComparer.Ordinal).Select(group => $"{string.Join(", ", group)} of {group.Key}"));
            report.Add(
                leaks[0].Check, rule,
                $"rules[{rule.Index}] {(isReached ? "logs" : "would log, were it reached,")} {what} ({requests} at {rule.Level})",
                leaks[0].Check.Severity == Documents.DiagnosticSeverity.Information
                    ? "detections need these bodies; restrict who reads the log" : $"log {leaks[0].Resource} at Metadata, in a rule before this one");
        }
    }

    /// <summary>Requests of a kind by everybody the rule names, where it names somebody, and for what it names.</summary>
    private static IEnumerable<RequestAttributes> Requests(PolicyRule rule, string verb, Leak leak)
    {
        string space = rule.Namespaces.Items.FirstOrDefault(item => item.Value.Length > 0).Value ?? "vedette-probe";
        string name = rule.Resources.SelectMany(entry => entry.ResourceNames.Values).FirstOrDefault(value => value.Length > 0) ?? "vedette-probe";
        string[] users = rule.Users.Items.IsEmpty ? [Probe.Somebody.Name] : [.. rule.Users.Values];
        string[] groups = rule.UserGroups.Items.IsEmpty ? ["system:authenticated"] : [.. rule.UserGroups.Values];
        foreach (string user in users)
        {
            foreach (string group in groups)
            {
                RequestUser who = new(user, [group, "system:authenticated"]);
                yield return Probe.Of(who, verb, leak.Group, leak.Resource, space, name);
                if (verb == "list")
                {
                    yield return Probe.Of(who, verb, leak.Group, leak.Resource, "", name);
                }
            }
        }
    }

    private static bool IsNamed(PolicyRule rule, Leak leak) =>
        rule.Resources.Any(entry => entry.Group.Value == leak.Group && entry.Resources.Values.Any(resource => resource == leak.Resource || resource == leak.Resource + "/*"));

    private sealed record Leak(PolicyCheck Check, string Group, string Resource, string[] Verbs, AuditLevel Level, string What);
}
