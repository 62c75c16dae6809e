using Vedette.Detection.Logic;
using Vedette.Detection.Rules;
using Vedette.Detection.Sigma;

namespace Vedette.Detection.Linting;

/// <summary>Correlations of what cannot happen, or by what cannot be.</summary>
internal static class CorrelationLint
{
    /// <summary>Checks correlations.</summary>
    /// <param name="set">Rules and correlations.</param>
    /// <param name="dead">Ids of rules that no event can match; correlations that need one are added.</param>
    /// <param name="logic">For proofs.</param>
    /// <param name="report">Takes what is found.</param>
    public static void Check(SigmaRuleSet set, HashSet<string> dead, EventLogic logic, LintReport report)
    {
        Dictionary<string, DetectionRule> rules = new(StringComparer.Ordinal);
        foreach (DetectionRule rule in set.Rules.Concat(set.Correlations.Select(correlation => correlation.Attributes)))
        {
            rules[rule.Id] = rule;
            rules[rule.Name ?? rule.Id] = rule;
        }

        // Correlations come after those they refer to.
        foreach (CorrelationRule correlation in set.Correlations)
        {
            DetectionRule attributes = correlation.Attributes;
            DetectionRule[] used = [.. correlation.Rules.Where(rules.ContainsKey).Select(name => rules[name])];
            DetectionRule[] deadOnes = [.. used.Where(rule => dead.Contains(rule.Id))];
            bool needsAll = correlation.Type is CorrelationType.Temporal or CorrelationType.TemporalOrdered && correlation.Extended is null;
            if (deadOnes.Length > 0 && (needsAll || deadOnes.Length == used.Length))
            {
                dead.Add(attributes.Id);
                report.Add("VL1701", attributes, $"This correlation can never come true: no event can match '{deadOnes[0].Title}'.", "Mend that rule first.");
            }

            CheckFields(correlation, report);
            foreach (DetectionRule rule in used)
            {
                if (correlation.Type is CorrelationType.EventCount or CorrelationType.ValueSum or CorrelationType.ValueAverage && rule.LogSource.IsKubernetesAudit && TrapLint.MatchesSeveralStages(rule, logic))
                {
                    report.Add("VL1305", attributes, $"'{rule.Title}' matches each request at several stages, so engines that count events count it more than once.", "Add stage: ResponseComplete, or vedette.success, to that rule.");
                }
            }
        }
    }

    private static void CheckFields(CorrelationRule correlation, LintReport report)
    {
        IEnumerable<string> fields =
        [
            .. correlation.GroupBy.Where(name => !correlation.Aliases.ContainsKey(name)),
            .. correlation.Aliases.Values.SelectMany(alias => alias.Values),
            .. correlation.Threshold?.Fields ?? [],
        ];
        foreach (string field in fields.Distinct(StringComparer.Ordinal))
        {
            if (!EventSchema.CanExist(field))
            {
                report.Add(
                    "VL1702", correlation.Attributes, $"'{field}' cannot be in an audit event, so nothing is ever counted.",
                    EventSchema.Nearest(field) is { } nearest ? $"Did you mean {nearest}?" : "docs/fields.md lists the fields.");
            }
        }
    }
}
