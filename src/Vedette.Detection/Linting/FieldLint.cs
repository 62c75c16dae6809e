using Vedette.Detection.Logic;
using Vedette.Detection.Rules;
using Vedette.Detection.Sigma;

namespace Vedette.Detection.Linting;

/// <summary>Fields that no audit event has.</summary>
internal static class FieldLint
{
    /// <summary>Checks the fields of a rule's condition, and those it counts or remembers by.</summary>
    public static void Check(DetectionRule rule, LintReport report)
    {
        foreach ((Condition test, bool isWanted) in ConditionLeaves.Of(rule.Condition))
        {
            if (test.TestedField is not { } field || EventSchema.CanExist(field))
            {
                continue;
            }

            string written = rule.Places.Of(test)?.Field ?? field;
            string mapped = FieldMapping.Shorthand.Map(written);
            // Missing is what a negated test of presence, or a test of null, asks for.
            bool mustExist = isWanted && test is not Condition.IsNull;
            if (mustExist && mapped != written)
            {
                report.Add("VL1002", rule, test, $"'{written}' is no field of an audit event: it is a short name of Leonidas, and without a mapping the rule is dead.", $"Write {mapped}; 'vedette scan' maps the name, other engines do not.", atKey: true);
            }
            else
            {
                report.Add(
                    mustExist ? "VL1001" : "VL1003", rule, test,
                    mustExist ? $"'{written}' cannot be in an audit event." : $"'{written}' cannot be in an audit event, so this never leaves anything out.",
                    EventSchema.Nearest(written) is { } nearest ? $"Did you mean {nearest}? docs/fields.md lists the fields." : "docs/fields.md lists the fields.", atKey: true);
            }
        }

        foreach (string field in FieldsBeside(rule))
        {
            if (!EventSchema.CanExist(field))
            {
                report.Add("VL1703", rule, $"'{field}' cannot be in an audit event, so there is never a value to remember or group by.", EventSchema.Nearest(field) is { } nearest ? $"Did you mean {nearest}?" : "docs/fields.md lists the fields.");
            }
        }
    }

    private static IEnumerable<string> FieldsBeside(DetectionRule rule) =>
        [.. rule.NewTerms?.Fields ?? [], .. rule.NewTerms?.Peers ?? [], .. rule.Suppression?.By ?? []];
}
