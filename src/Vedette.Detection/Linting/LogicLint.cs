using Vedette.Detection.Engine;
using Vedette.Detection.Logic;
using Vedette.Detection.Rules;

namespace Vedette.Detection.Linting;

/// <summary>Rules that can never match, always match, or cannot see.</summary>
internal static class LogicLint
{
    /// <summary>Most exclusions of a rule that are held against the rest of it.</summary>
    public const int MaxExclusions = 200;

    private static readonly Condition s_metadata = Level("Metadata");
    private static readonly Condition s_request = Level("Request");

    /// <summary>Checks a rule.</summary>
    /// <returns>False when no event can match it.</returns>
    public static bool Check(DetectionRule rule, EventLogic logic, LintReport report)
    {
        foreach (ConditionPlace unused in rule.Places.Unused)
        {
            report.Add("VL1205", rule.File, unused.Line, unused.Column, $"The condition never names '{unused.Search}'.", "Use it in the condition, or remove it.");
        }

        if (!logic.IsPossible(out IReadOnlyList<string> reasons, rule.Condition))
        {
            report.Add("VL1201", rule, $"No audit event can match this rule: {(reasons.Count == 0 ? "its condition is never true" : string.Join("; ", reasons))}.", "Mend what contradicts, or delete the rule: it only looks like cover.");
            return false;
        }

        if (!logic.IsPossible(new Condition.Not(rule.Condition)))
        {
            report.Add("VL1204", rule, "Every audit event matches this rule.", "Say what it is about.");
        }

        CheckSearches(rule, CheckExclusions(rule, logic, report), logic, report);
        CheckSight(rule, logic, report);
        return true;
    }

    private static void CheckSearches(DetectionRule rule, HashSet<string> told, EventLogic logic, LintReport report)
    {
        foreach ((string search, Condition condition) in rule.Places.Searches)
        {
            if (!told.Contains(search) && !logic.IsPossible(out IReadOnlyList<string> reasons, condition) && FirstOf(condition) is { } first)
            {
                report.Add("VL1202", rule, first, $"'{search}' can never match: {string.Join("; ", reasons)}.", "Mend it or remove it.", atKey: true);
            }
        }
    }

    /// <summary>Every "not" of the condition that excludes nothing of the rest.</summary>
    /// <returns>Their search identifiers.</returns>
    private static HashSet<string> CheckExclusions(DetectionRule rule, EventLogic logic, LintReport report)
    {
        HashSet<string> told = new(StringComparer.Ordinal);
        if (rule.Condition is not Condition.All all)
        {
            return told;
        }

        int exclusions = 0;
        foreach (Condition part in all.Of)
        {
            // A field that must be missing is what the rule is about, not an exclusion.
            if (part is not Condition.Not { Of: not Condition.Exists } not)
            {
                continue;
            }

            Condition rest = new Condition.All(all.Of.Remove(part));
            foreach (Condition excluded in not.Of is Condition.Any any ? any.Of : [not.Of])
            {
                if (++exclusions > MaxExclusions)
                {
                    return told;
                }

                if (!logic.IsPossible(out IReadOnlyList<string> reasons, rest, excluded) && reasons.Count > 0 && FirstOf(excluded) is { } first)
                {
                    string search = rule.Places.Of(first)?.Search ?? "an exclusion";
                    report.Add("VL1203", rule, first, $"'{search}' never leaves anything out here: {string.Join("; ", reasons)}.", "The rest of the condition already rules it out; remove it or mend it.", atKey: true);
                    told.Add(search);
                }
            }
        }

        return told;
    }

    private static void CheckSight(DetectionRule rule, EventLogic logic, LintReport report)
    {
        BodyNeeds needs = ConditionLeaves.Fields(rule.Condition).Aggregate(BodyNeeds.None, (all, field) => all | BodyNeedsOf.Path(field));
        if (needs == BodyNeeds.None)
        {
            return;
        }

        if (!logic.IsPossible(rule.Condition, s_metadata))
        {
            report.Add("VL1401", rule, "At level Metadata this rule sees nothing.", "Its events need level Request; 'vedette scan --stats' counts where it was blind.");
            if (!logic.IsPossible(rule.Condition, s_request))
            {
                report.Add("VL1402", rule, "At level Request this rule sees nothing.", "Its events need level RequestResponse.");
            }
        }
        else if (ConditionLeaves.Of(rule.Condition).Any(leaf => !leaf.IsWanted && leaf.Test.TestedField is { } field && BodyNeedsOf.Path(field) != BodyNeeds.None))
        {
            report.Add("VL1403", rule, "At level Metadata the body is not shown, so what this rule excludes by the body is not excluded there.", "Ask for something of the body too, such as requestObject|exists: true, if that is not meant.");
        }
    }

    private static Condition? FirstOf(Condition condition) => ConditionLeaves.Of(condition).Select(leaf => leaf.Test).FirstOrDefault();

    private static Condition.Field Level(string level) => new("level", new ValueTest.Text(TextPattern.Literal(level), CaseSensitive: true));
}
