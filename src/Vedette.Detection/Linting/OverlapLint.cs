using System.Collections.Immutable;
using Vedette.Detection.Logic;
using Vedette.Detection.Rules;
using Vedette.Detection.Sigma;

namespace Vedette.Detection.Linting;

/// <summary>Rules that say what another says already.</summary>
internal static class OverlapLint
{
    /// <summary>Most rules compared with each other; of more only equal conditions are found.</summary>
    public const int MaxRules = 1_000;

    /// <summary>Compares every rule with every other that looks at no other fields.</summary>
    public static void Check(IReadOnlyList<DetectionRule> rules, ImmutableArray<CorrelationRule> correlations, EventLogic logic, LintReport report)
    {
        if (rules.Count > MaxRules)
        {
            return;
        }

        // What a correlation counts is no finding of its own, so it repeats nobody.
        HashSet<string> parts = new(correlations.Where(correlation => !correlation.Generate).SelectMany(correlation => correlation.Rules), StringComparer.Ordinal);
        Candidate[] candidates = [.. rules.Where(rule => rule.Status is not ("deprecated" or "unsupported") && !parts.Contains(rule.Id) && !parts.Contains(rule.Name ?? rule.Id)).Select(rule => new Candidate(rule))];
        foreach (Candidate one in candidates)
        {
            foreach (Candidate other in candidates)
            {
                // Informational rules record what is going on, so they overlap by nature. A rule for first-seen values does not fire each time its condition holds.
                if (ReferenceEquals(one, other) || other.Rule.NewTerms is not null || !other.Fields.IsSubsetOf(one.Fields) || !logic.Implies(one.Whole, other.Whole))
                {
                    continue;
                }

                bool areSame = one.Rule.NewTerms is null && one.Fields.SetEquals(other.Fields) && logic.Implies(other.Whole, one.Whole);
                if (areSame && string.CompareOrdinal(one.Rule.Id, other.Rule.Id) > 0)
                {
                    report.Add("VL1601", one.Rule, $"This rule matches exactly the events that '{other.Rule.Title}' matches.", "Keep one of them.");
                }
                else if (!areSame && (one.Rule.Level < other.Rule.Level || (one.Rule.Level == other.Rule.Level && one.Rule.Level > RuleLevel.Informational)))
                {
                    report.Add(
                        "VL1602", one.Rule, $"Every event that this rule matches also matches '{other.Rule.Title}', whose level is not lower.",
                        "Exclude these events there, raise the level here, or drop this rule.");
                }
            }
        }
    }

    private sealed class Candidate(DetectionRule rule)
    {
        public DetectionRule Rule => rule;

        public Condition Whole { get; } = rule.Filters.IsEmpty ? rule.Condition : new Condition.All([rule.Condition, .. rule.Filters.Select(filter => filter.Condition)]);

        /// <summary>Fields that must have a value, or be there.</summary>
        public HashSet<string> Fields { get; } = [.. ConditionLeaves.Of(rule.Condition).Where(leaf => leaf.IsWanted).Select(leaf => leaf.Test.TestedField).OfType<string>()];
    }
}
