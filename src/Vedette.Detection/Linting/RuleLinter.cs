using System.Collections.Immutable;
using Vedette.Detection.Logic;
using Vedette.Detection.Rules;
using Vedette.Detection.Sigma;
using Vedette.Documents;

namespace Vedette.Detection.Linting;

/// <summary>
/// Looks for what is wrong with rules although they load: fields and values that audit events cannot have, rules that can never or will always match, the traps of audit data, overlaps, missing
/// tests and metadata. What it says about rules that cannot match is proved (<see cref="EventLogic"/>), not guessed.
/// </summary>
public static class RuleLinter
{
    /// <summary>Lints rules, filters and correlations that were read together.</summary>
    /// <param name="set">The rules, field names as written.</param>
    /// <param name="hasTests">Does a document have tests beside it? Asked with the name of its file.</param>
    /// <returns>What was found, in the order of files and lines; what loading the rules found is not in it.</returns>
    public static ImmutableArray<Diagnostic> Lint(SigmaRuleSet set, Func<string, bool> hasTests)
    {
        LintReport report = new();
        EventLogic logic = new();
        DetectionRule[] rules = [.. set.Rules.Where(rule => rule.LogSource.IsKubernetesAudit)];
        HashSet<string> dead = new(StringComparer.Ordinal);
        HashSet<string> byName = new(
            set.Correlations.Where(correlation => correlation.GroupBy.Concat(correlation.Threshold?.Fields ?? []).Contains("objectRef.name", StringComparer.Ordinal)).SelectMany(correlation => correlation.Rules), StringComparer.Ordinal);
        MetadataLint.Check(set, hasTests, report);
        foreach (DetectionRule other in set.Rules.Where(rule => !rule.LogSource.IsKubernetesAudit))
        {
            report.Add("VL1000", other, "The log source is not that of Kubernetes audit events; only what informs was looked at.", "For Kubernetes audit: product: kubernetes, service: audit.");
        }

        foreach (DetectionRule rule in rules)
        {
            FieldLint.Check(rule, report);
            ValueLint.Check(rule, logic, report);
            RegexLint.Check(rule, report);
            if (!LogicLint.Check(rule, logic, report))
            {
                dead.Add(rule.Id);
                continue;
            }

            TrapLint.Check(rule, byName.Contains(rule.Id) || byName.Contains(rule.Name ?? rule.Id), logic, report);
        }

        FilterLint.Check(set, rules, logic, report);
        CorrelationLint.Check(set, dead, logic, report);
        OverlapLint.Check([.. rules.Where(rule => !dead.Contains(rule.Id))], set.Correlations, logic, report);
        return [.. report.InOrder()];
    }
}
