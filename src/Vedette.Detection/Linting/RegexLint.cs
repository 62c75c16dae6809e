using System.Text.RegularExpressions;
using Vedette.Detection.Rules;
using Vedette.Detection.Sigma;

namespace Vedette.Detection.Linting;

/// <summary>Regular expressions that cost more than they say.</summary>
internal static partial class RegexLint
{
    /// <summary>Repetitions above this make an automaton large.</summary>
    private const int MaxRepetitions = 255;

    /// <summary>Checks the regular expressions of a rule.</summary>
    public static void Check(DetectionRule rule, LintReport report)
    {
        foreach ((Condition test, _) in ConditionLeaves.Of(rule.Condition))
        {
            if (((test as Condition.Field)?.Test ?? (test as Condition.Keyword)?.Test) is not ValueTest.Matches regex)
            {
                continue;
            }

            if (RegexTranslation.Check(regex.Pattern, regex.Options, out bool backtracks) is null && backtracks)
            {
                report.Add(
                    "VL1501", rule, test, "This regular expression needs backtracking (lookaround, backreference, atomic group), which a crafted value can make slow.",
                    "Write it without; or use contains, startswith, endswith and a filter. It runs with a limit of 100 ms a value, and counts as not passed beyond that.");
            }

            if (regex.Pattern.StartsWith(".*", StringComparison.Ordinal) || regex.Pattern.EndsWith(".*", StringComparison.Ordinal))
            {
                report.Add("VL1502", rule, test, "'.*' at the ends of a regular expression changes nothing: it is looked for anywhere in the value.", "Remove it; anchor with ^ and $ where the whole value is meant.");
            }

            if (Repetition().Matches(regex.Pattern).Any(match => int.TryParse(match.Groups[1].Value, out int times) && times > MaxRepetitions))
            {
                report.Add("VL1503", rule, test, $"This regular expression repeats a part more than {MaxRepetitions} times, which makes its automaton large.", "Use + or *, and test the length otherwise.");
            }
        }
    }

    [GeneratedRegex(@"\{\d*,?(\d+)\}")]
    private static partial Regex Repetition();
}
