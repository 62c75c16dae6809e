using Vedette.Detection.Engine;
using Vedette.Detection.Logic;
using Vedette.Detection.Rules;

namespace Vedette.Detection.Linting;

/// <summary>The traps of audit data that public rules fall into: subresources, stages, deletecollection, WebSocket.</summary>
internal static class TrapLint
{
    // Writes to these are something else than writes to the object itself.
    private static readonly (string Resource, string Verb, string[] Subresources)[] s_subresources =
    [
        ("pods", "create", ["binding", "eviction", "exec", "attach", "portforward"]),
        ("pods", "get", ["log", "exec", "portforward"]),
        ("pods", "update", ["status", "ephemeralcontainers"]),
        ("pods", "patch", ["status", "ephemeralcontainers"]),
        ("serviceaccounts", "create", ["token"]),
        ("nodes", "patch", ["status"]),
        ("deployments", "update", ["scale", "status"]),
        ("deployments", "patch", ["scale", "status"]),
        ("daemonsets", "update", ["status"]),
        ("statefulsets", "update", ["scale", "status"]),
        ("cronjobs", "update", ["status"]),
        ("jobs", "update", ["status"]),
        ("namespaces", "update", ["finalize", "status"]),
        ("certificatesigningrequests", "update", ["approval", "status"]),
        ("customresourcedefinitions", "update", ["status"]),
        ("apiservices", "update", ["status"]),
    ];

    /// <summary>Checks a rule.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="isByName">Is it counted by the object's name? A request that deletes many objects names none.</param>
    /// <param name="logic">For proofs.</param>
    /// <param name="report">Takes what is found.</param>
    public static void Check(DetectionRule rule, bool isByName, EventLogic logic, LintReport report)
    {
        CheckSubresources(rule, logic, report);
        if (!isByName)
        {
            CheckDeletion(rule, logic, report);
        }

        CheckConnections(rule, logic, report);
        if (MatchesSeveralStages(rule, logic))
        {
            report.Add("VL1304", rule, "Each request matches at several stages.", "Vedette makes one finding of them; for engines that do not, add stage: ResponseComplete, or vedette.success: true where only what happened counts.");
        }
    }

    /// <summary>Does one request match both when it is received and when it is done?</summary>
    public static bool MatchesSeveralStages(DetectionRule rule, EventLogic logic) =>
        logic.IsPossible(rule.Condition, Is("stage", "RequestReceived")) && logic.IsPossible(rule.Condition, Is("stage", "ResponseComplete"));

    private static void CheckSubresources(DetectionRule rule, EventLogic logic, LintReport report)
    {
        // Who looks at a subresource or into a body knows what it is about.
        if (ConditionLeaves.Fields(rule.Condition).Any(field => field is "objectRef.subresource" or "vedette.resource" || BodyNeedsOf.Path(field) != BodyNeeds.None)
            || logic.IsPossible(rule.Condition, Is("objectRef.resource", "bindings"), Is("objectRef.namespace", "x")) && logic.IsPossible(rule.Condition, Is("objectRef.resource", "leases")))
        {
            return;
        }

        foreach (IGrouping<string, (string Resource, string Verb, string[] Subresources)> resource in s_subresources.GroupBy(trap => trap.Resource, StringComparer.Ordinal))
        {
            string[] matched =
            [
                .. resource.Where(trap => logic.IsPossible([rule.Condition, .. Request(trap.Verb, trap.Resource, "")]))
                    .SelectMany(trap => trap.Subresources.Where(subresource => logic.IsPossible([rule.Condition, .. Request(trap.Verb, trap.Resource, subresource)])).Select(subresource => $"{trap.Verb} {trap.Resource}/{subresource}"))
                    .Distinct(StringComparer.Ordinal),
            ];
            if (matched.Length > 0 && TestOf(rule, "objectRef.resource", resource.Key) is { } test)
            {
                report.Add(
                    "VL1301", rule, test, $"Subresources of {resource.Key} match too: {string.Join(", ", matched)}.",
                    $"Write vedette.resource: {resource.Key}, or add objectRef.subresource|exists: false; where a subresource is meant, name it.");
            }
        }
    }

    private static void CheckDeletion(DetectionRule rule, EventLogic logic, LintReport report)
    {
        if (logic.IsPossible([rule.Condition, .. Verb("delete")]) && !logic.IsPossible([rule.Condition, .. Verb("deletecollection")])
            && !logic.IsPossible([rule.Condition, .. Verb("get")])
            && (TestOf(rule, "verb", "delete") ?? TestOf(rule, "vedette.operation", "delete")) is { } test
            && !ConditionLeaves.Fields(rule.Condition).Any(field => field is "objectRef.name"))
        {
            report.Add("VL1302", rule, test, "Deleting many objects with one request has a verb of its own, deletecollection, which this rule misses.", "Add deletecollection.");
        }
    }

    private static void CheckConnections(DetectionRule rule, EventLogic logic, LintReport report)
    {
        foreach (string subresource in (ReadOnlySpan<string>)["exec", "attach", "portforward"])
        {
            if (logic.IsPossible([rule.Condition, .. Request("create", "pods", subresource)]) && !logic.IsPossible([rule.Condition, .. Request("get", "pods", subresource)])
                && (TestOf(rule, "objectRef.subresource", subresource) ?? TestOf(rule, "vedette.resource", "pods/" + subresource)) is { } test)
            {
                report.Add(
                    "VL1303", rule, test, $"kubectl 1.31 and newer connect over WebSocket, whose verb is get: this rule sees 'create pods/{subresource}' only.",
                    $"Test vedette.operation: {subresource} instead of the verb, or allow get too.");
            }
        }
    }

    private static Condition[] Request(string verb, string resource, string subresource) => subresource.Length == 0
        ? [.. Verb(verb), Is("objectRef.resource", resource), new Condition.Not(new Condition.Exists("objectRef.subresource")), Is("vedette.resource", resource)]
        : [Is("verb", verb), Is("vedette.operation", EventSchema.ConnectSubresources.Contains(subresource, StringComparer.Ordinal) ? subresource : verb), Is("objectRef.resource", resource), Is("objectRef.subresource", subresource), Is("vedette.resource", $"{resource}/{subresource}")];

    private static Condition[] Verb(string verb) => [Is("verb", verb), Is("vedette.operation", verb)];

    private static Condition.Field? TestOf(DetectionRule rule, string path, string? value = null) => ConditionLeaves.Of(rule.Condition).Where(leaf => leaf.IsWanted).Select(leaf => leaf.Test)
        .OfType<Condition.Field>().FirstOrDefault(field => field.Path == path && (value is null || (field.Test is ValueTest.Text { Pattern: { IsLiteral: true } pattern } && pattern.LiteralText.Equals(value, StringComparison.OrdinalIgnoreCase))));

    private static Condition.Field Is(string path, string value) => new(path, new ValueTest.Text(TextPattern.Literal(value), CaseSensitive: false));
}
