using Vedette.Detection.Logic;
using Vedette.Detection.Rules;
using Vedette.Detection.Sigma;

namespace Vedette.Detection.Linting;

/// <summary>Filters that do nothing, or too much.</summary>
internal static class FilterLint
{
    /// <summary>Checks filters against the rules they are for.</summary>
    public static void Check(SigmaRuleSet set, IReadOnlyCollection<DetectionRule> rules, EventLogic logic, LintReport report)
    {
        HashSet<string> known = new(set.Rules.SelectMany(rule => new[] { rule.Id, rule.Name ?? rule.Id }), StringComparer.Ordinal);
        foreach (RuleFilter filter in set.Filters)
        {
            foreach (string name in filter.Rules ?? [])
            {
                if (!known.Contains(name))
                {
                    report.Add("VL1901", filter.File, filter.Line, 1, $"The filter names '{name}', and there is no such rule here.", Spelling.Nearest(name, known) is { } nearest ? $"Did you mean {nearest}?" : "Load the file with the rule too, or remove the name.");
                }
            }

            if (!set.Rules.Any(filter.AppliesTo))
            {
                report.Add("VL1902", filter.File, filter.Line, 1, "The filter applies to no rule.", "Check its log source and the names in 'rules'.");
            }

            foreach (DetectionRule rule in rules.Where(filter.AppliesTo))
            {
                if (!logic.IsPossible(rule.Condition))
                {
                    continue;
                }

                if (!logic.IsPossible(rule.Condition, new Condition.Not(filter.Condition)))
                {
                    report.Add("VL1903", filter.File, filter.Line, 1, $"The filter never suppresses anything of '{rule.Title}'.", "Take the rule out of 'rules', or mend the filter.");
                }
                else if (!logic.IsPossible(out IReadOnlyList<string> reasons, rule.Condition, filter.Condition))
                {
                    report.Add("VL1904", filter.File, filter.Line, 1, $"With this filter nothing is left of '{rule.Title}': {string.Join("; ", reasons)}.", "Make the filter narrower, or write condition: not selection.");
                }
            }
        }
    }
}
