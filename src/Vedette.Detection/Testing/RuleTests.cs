using System.Collections.Immutable;
using Vedette.Audit.Decoding;
using Vedette.Audit.Events;
using Vedette.Detection.Engine;
using Vedette.Detection.Rules;
using Vedette.Detection.Sigma;
using Vedette.Detection.Stateful;
using Vedette.Documents;
using Vedette.Documents.Yaml;

namespace Vedette.Detection.Testing;

/// <summary>
/// The tests that stand beside a rule in <c>NAME.tests.yml</c>: lists <c>match</c> and <c>no_match</c> of maps with <c>name</c> and one of <c>event</c>, <c>events</c>, <c>sequence</c>, and
/// <c>base</c>, what all events of the file have in common. Beside a filter the lists are <c>passes</c> and <c>suppresses</c>. Events may be partial; their values have the types of YAML 1.1.
/// </summary>
public static class RuleTests
{
    /// <summary>Ending of the name of a file with tests.</summary>
    public const string Suffix = ".tests.yml";

    /// <summary>Reads a file of tests; what is wrong with it is added to the diagnostics.</summary>
    public static ImmutableArray<RuleTest> Read(string file, string text, ICollection<Diagnostic> diagnostics)
    {
        RuleTestReader reader = new(file, diagnostics);
        return [.. YamlReader.Read(file, text, diagnostics).SelectMany(reader.Read)];
    }

    /// <summary>Runs a test of a filter: what must match is what the filter must let through.</summary>
    /// <returns>Null when it holds; else what happened, for people.</returns>
    public static string? Run(RuleFilter filter, RuleTest test) => Run(new DetectionRule { Id = filter.Id, Title = filter.Title, Condition = filter.Condition }, test) is null ? null
        : test.MustMatch ? "an event that should pass is suppressed" : "an event that should be suppressed passes";

    /// <summary>Runs a test of a rule that stands by itself.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="test">The test.</param>
    /// <returns>Null when it holds; else what happened, for people.</returns>
    public static string? Run(DetectionRule rule, RuleTest test) => Run(new SigmaRuleSet([rule], [], []), rule, test);

    /// <summary>Runs a test of a rule or correlation of a set. A sequence is one log, put through the engine that <c>scan</c> uses, with the rules it needs and no others.</summary>
    /// <param name="set">The rules.</param>
    /// <param name="subject">The rule that the test is for: one of the set's rules, or the attributes of one of its correlations.</param>
    /// <param name="test">The test.</param>
    /// <returns>Null when it holds; else what happened, for people.</returns>
    public static string? Run(SigmaRuleSet set, DetectionRule subject, RuleTest test)
    {
        CompiledRules rules = CompiledRules.Compile(set.Only(subject));
        bool isCorrelation = rules.Correlations.Any(correlation => correlation.Attributes.Id == subject.Id);
        LogDetector log = new(rules);
        EventDecoder decoder = new();
        for (int i = 0; i < test.Events.Length; i++)
        {
            DecodeStatus status = decoder.Decode(test.Events[i].Span, out EventView view);
            if (status != DecodeStatus.Ok)
            {
                return $"event {i} cannot be read: {status}";
            }

            if (test.IsSequence)
            {
                log.Add(view);
                continue;
            }

            // An event that stands for itself: whether its values are new is not the question.
            LogDetector alone = new(rules);
            alone.Add(view);
            bool matched = isCorrelation ? FindingsOf(alone, subject) > 0 : alone.Evaluator.Matched[0] > 0;
            if (matched != test.MustMatch)
            {
                return test.MustMatch ? $"event {i} should match and does not" : $"event {i} should not match and does";
            }
        }

        if (!test.IsSequence)
        {
            return null;
        }

        int findings = FindingsOf(log, subject);
        return (test.MustMatch, test.Findings) switch
        {
            (false, _) => findings == 0 ? null : $"the sequence should give no finding and gives {findings}",
            (_, { } wanted) => findings == wanted ? null : $"the sequence should give {wanted} findings and gives {findings}",
            _ => findings > 0 ? null : "the sequence should give a finding and gives none",
        };
    }

    private static int FindingsOf(LogDetector log, DetectionRule subject) => log.Complete().Count(finding => finding.Rule.Id == subject.Id);
}
