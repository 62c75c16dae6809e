using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Vedette.Detection.Engine;
using Vedette.Detection.Findings;
using Vedette.Detection.Sigma;
using Vedette.Detection.Stateful;
using Xunit;

namespace Vedette.Detection.Tests.Stateful;

/// <summary>Logs and rules with state in few words.</summary>
internal static class Log
{
    /// <summary>Rules a and b, that match where kind is a and b.</summary>
    public const string Bases = """
        title: a
        name: a
        logsource: {product: kubernetes, service: audit}
        detection: {sel: {kind: a}, condition: sel}
        ---
        title: b
        name: b
        logsource: {product: kubernetes, service: audit}
        detection: {sel: {kind: b}, condition: sel}
        ---

        """;

    /// <summary>Zero of the times below.</summary>
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Compiles rules.</summary>
    public static CompiledRules Rules(string yaml)
    {
        SigmaRuleSet set = SigmaLoader.Load([new SigmaFile("r.yml", yaml)], new SigmaOptions());
        Assert.False(set.HasErrors, string.Join('\n', set.Diagnostics));
        return CompiledRules.Compile(set);
    }

    /// <summary>An event at a time in seconds, with these further members.</summary>
    public static string Event(double at, string members) =>
        $"{{{members},\"stageTimestamp\":\"{(Start + TimeSpan.FromSeconds(at)).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)}\"}}";

    /// <summary>The findings of a log.</summary>
    public static ImmutableArray<Finding> Run(CompiledRules rules, params IEnumerable<string> events)
    {
        LogDetector log = new(rules);
        foreach (string item in events)
        {
            log.Add(Events.Decode(item));
        }

        return log.Complete();
    }

    /// <summary>A match that only stateful rules look at, as the evaluator would take it out of an event.</summary>
    public static EventMatch Match(CompiledRules rules, string json)
    {
        RuleEvaluator evaluator = new(rules);
        Audit.Events.EventView view = Events.Decode(json);
        evaluator.Evaluate(view);
        EventMatch match = Assert.IsType<EventMatch>(evaluator.Take(view, null));
        return match with { At = match.Time ?? Start };
    }

    /// <summary>The same match with other values of its fields, for tests that need very many.</summary>
    public static EventMatch With(EventMatch match, double at, string content, params FieldTexts[] values) =>
        match with
        {
            At = Start + TimeSpan.FromSeconds(at),
            Evidence = Evidence.Of(match.Evidence.Unpack(), SHA256.HashData(Encoding.UTF8.GetBytes(content))),
            Values = FieldValues.Of(values),
        };

    /// <summary>A field with one value.</summary>
    public static FieldTexts Field(string name, string value) => new(name, [value]);
}
