using System.Collections.Immutable;
using Vedette.Policy.Model;
using Vedette.Policy.Reachability;

namespace Vedette.Policy.Linting;

/// <summary>Rules in the wrong order: the first that matches decides.</summary>
internal static class OrderChecks
{
    /// <summary>Looks at the order of the rules: at what each decides of the requests that there can be.</summary>
    public static void Run(AuditPolicy policy, ImmutableArray<RuleReachability> reached, Report report)
    {
        foreach (RuleReachability verdict in reached)
        {
            PolicyRule rule = policy.Rules[verdict.Rule];
            if (verdict.Reach == Reach.Unreachable)
            {
                report.Add(
                    PolicyChecks.Unreachable, rule, $"rules[{rule.Index}] is unreachable: {WhyUnreachable(policy, verdict)}, and the first rule that matches decides",
                    verdict.Shadows.All(shadow => policy.Rules[shadow.Rule].Level == rule.Level)
                        ? "remove it" : $"move it before rules[{verdict.Shadows[0].Rule}]; special rules come first, the catch-all last");
            }
            else if (verdict.Reach == Reach.Undecided)
            {
                report.Add(
                    PolicyChecks.Undecided, rule, $"whether rules[{rule.Index}] is reached{(verdict.Witness is null ? "" : " by all that it matches")} is undecided: there are too many combinations to look at them all",
                    "name fewer users, groups, namespaces and names together with one another, or split the policy's rules");
            }
            else if (verdict.Reach == Reach.Impossible && !report.IsAnythingSaidOf(rule))
            {
                report.Add(
                    PolicyChecks.Unreachable, rule, $"rules[{rule.Index}] is unreachable: there can be no request that has all that it asks for",
                    "see docs/policy-space.md for which requests there can be; name users and custom resources with --user and --crds");
            }
        }

        if (!policy.Rules.Any(IsUnconditional))
        {
            report.Add(
                PolicyChecks.NoCatchAll, policy.Rules[^1], "requests that no rule matches are not logged at all, those for kinds nobody thought of included",
                "end with '- level: Metadata' without conditions; write '- level: None' where that is meant");
        }
    }

    private static string WhyUnreachable(AuditPolicy policy, RuleReachability verdict)
    {
        string[] covers = [.. verdict.Shadows.Select(shadow => $"rules[{shadow.Rule}] (line {policy.Rules[shadow.Rule].Line})")];
        return covers.Length > 1 ? $"{string.Join(", ", covers[..^1])} and {covers[^1]} together match all its requests"
            : IsUnconditional(policy.Rules[verdict.Shadows[0].Rule]) ? $"{covers[0]} matches every request" : $"{covers[0]} already matches all its requests";
    }

    /// <summary>Does the rule match every request?</summary>
    public static bool IsUnconditional(PolicyRule rule) =>
        rule.Users.Items.IsEmpty && rule.UserGroups.Items.IsEmpty && rule.Verbs.Items.IsEmpty && !rule.IsForResources
        && (rule.NonResourceUrls.Items.IsEmpty);
}
