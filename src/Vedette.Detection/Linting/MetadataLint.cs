using Vedette.Detection.Rules;
using Vedette.Detection.Sigma;

namespace Vedette.Detection.Linting;

/// <summary>What a rule should say beside its condition.</summary>
internal static class MetadataLint
{
    /// <summary>Checks rules, correlations and filters.</summary>
    public static void Check(SigmaRuleSet set, Func<string, bool> hasTests, LintReport report)
    {
        DetectionRule[] all = [.. set.Rules, .. set.Correlations.Select(correlation => correlation.Attributes)];
        HashSet<string> parts = new(set.Correlations.Where(correlation => !correlation.Generate).SelectMany(correlation => correlation.Rules), StringComparer.Ordinal);
        foreach (DetectionRule rule in all)
        {
            // What only a correlation uses is part of it and needs no story of its own.
            Check(rule, parts.Contains(rule.Id) || parts.Contains(rule.Name ?? rule.Id), report);
        }

        foreach ((string file, int line) in all.Select(rule => (rule.File, rule.Line)).Concat(set.Filters.Select(filter => (filter.File, filter.Line))).GroupBy(document => document.File, StringComparer.Ordinal)
            .Select(group => group.First()))
        {
            if (!hasTests(file))
            {
                report.Add("VL1801", file, line, 1, "There are no tests beside this file.", "Write NAME.tests.yml with events that must match and near misses that must not; docs/rules.md shows how.");
            }
        }

        foreach (IGrouping<string, (string File, int Line, string Name)> twice in all.SelectMany(rule => new[] { rule.Id, rule.Name ?? rule.Id }.Distinct(StringComparer.Ordinal).Select(name => (rule.File, rule.Line, name)))
            .Concat(set.Filters.Select(filter => (filter.File, filter.Line, filter.Id))).GroupBy(document => document.Item3, StringComparer.Ordinal).Where(group => group.Count() > 1))
        {
            (string firstFile, int firstLine, _) = twice.First();
            foreach ((string file, int line, string name) in twice.Skip(1))
            {
                report.Add("VL1817", file, line, 1, $"'{name}' is already the id or name of the document at {firstFile}:{firstLine}.", "Make a new id with uuidgen; findings, filters and correlations go by it.");
            }
        }
    }

    private static void Check(DetectionRule rule, bool isPart, LintReport report)
    {
        if (!Guid.TryParse(rule.Id, out _))
        {
            report.Add("VL1811", rule, "The rule has no id, so findings change when it is renamed.", "Add id: with a UUID from uuidgen.");
        }

        if (isPart)
        {
            return;
        }

        if (rule.Level == RuleLevel.Unset)
        {
            report.Add("VL1812", rule, "The rule has no level, so --fail-on never sees it.", "Add level: informational, low, medium, high or critical.");
        }

        if (string.IsNullOrWhiteSpace(rule.Description))
        {
            report.Add("VL1813", rule, "The rule has no description.", "Say what happened when it fires, and what it cannot see.");
        }

        if (!rule.Tags.Any(IsTechnique))
        {
            report.Add("VL1814", rule, "The rule names no ATT&CK technique, so 'rules coverage' does not count it.", "Add a tag such as attack.t1609.");
        }

        if (rule.FalsePositives.IsEmpty)
        {
            report.Add("VL1815", rule, "The rule names no false positives.", "Say in 'falsepositives' what is known to fire it harmlessly.");
        }

        if (rule.References.IsEmpty)
        {
            report.Add("VL1816", rule, "The rule has no references.", "Link what it is based on.");
        }
    }

    private static bool IsTechnique(string tag) => tag.StartsWith("attack.t", StringComparison.Ordinal) && tag.Length > 8 && char.IsAsciiDigit(tag[8]);
}
