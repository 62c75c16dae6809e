using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using CsCheck;
using Vedette.Detection.Engine;
using Vedette.Detection.Findings;
using Vedette.Detection.Stateful;
using Xunit;

namespace Vedette.Detection.Tests.Stateful;

/// <summary>On several threads a log has the findings that it has on one.</summary>
public class DividedMatchesTests
{
    private const string Count = "title: count\nname: count\ncorrelation: {type: event_count, rules: [a], generate: true, group-by: [g], timespan: 10s, condition: {gte: 2}}";
    private const string Values = "title: values\nname: values\ncorrelation: {type: value_count, rules: [a, b], generate: true, group-by: [p], timespan: 20s, condition: {field: v, gte: 2}}";
    private const string Few = "title: few\ncorrelation: {type: event_count, rules: [b], group-by: [g], timespan: 5s, condition: {lt: 3}}";
    private const string Then = "title: then\ncorrelation: {type: temporal_ordered, rules: [count, values], group-by: [p], timespan: 30s}";
    private const string Without = "title: without\ncorrelation: {type: temporal, group-by: [p], timespan: 8s, condition: new and not fold}";

    private const string Alone = """
        title: new
        name: new
        vedette: {new_terms: {fields: [g, v], peers: [p], learning: 3s}}
        logsource: {product: kubernetes, service: audit}
        detection: {sel: {kind: [a, b]}, condition: sel}
        ---
        title: fold
        name: fold
        vedette: {suppress: {by: [g], for: 7s}}
        logsource: {product: kubernetes, service: audit}
        detection: {sel: {kind: a}, condition: sel}
        ---
        title: fold others
        vedette: {suppress: {by: [p, v], for: 20s}}
        logsource: {product: kubernetes, service: audit}
        detection: {sel: {kind: b}, condition: sel}
        ---
        title: term
        vedette: {new_terms: {fields: [p]}}
        logsource: {product: kubernetes, service: audit}
        detection: {sel: {kind: [a, b]}, condition: sel}
        ---
        title: each
        logsource: {product: kubernetes, service: audit}
        detection: {sel: {kind: b}, condition: sel}
        """;

    // Several of the correlations, so that rules are in groups of any shape.
    private static readonly CompiledRules[] s_rules =
    [
        .. new string[][] { [], [Count], [Values], [Few, Count], [Without], [Few, Without], [Count, Values, Then], [Count, Values, Few, Then, Without] }
            .Select(correlations => Log.Rules(Log.Bases + string.Join("\n---\n", [Alone, .. correlations]))),
    ];

    private static readonly Gen<string[]> s_log = Gen.Select(Gen.Int[0, 400], Gen.Int[0, 1], Gen.Int[0, 2], Gen.Int[0, 1], Gen.Int[0, 3], Gen.Int[0, 20]).Array[0, 60].Select(
        events => events.Select(item => Log.Event(
            item.Item1 / 10.0,
            $$"""
            "kind":"{{"ab"[item.Item2]}}","g":"g{{item.Item3}}","p":["p{{item.Item4}}","p{{item.Item3}}"],"v":{{item.Item5}},"auditID":"{{item.Item6}}","requestReceivedTimestamp":"2026-01-01T00:00:00.000000Z",
            "stage":"{{(item.Item6 % 3 == 0 ? "ResponseStarted" : "ResponseComplete")}}","verb":"get","user":{"username":"u{{item.Item3}}"},"requestURI":"/"
            """)).ToArray());

    [Fact]
    public void Findings_are_those_of_one_thread_whatever_rules_have_to_do_with_each_other() => Gen.Select(Gen.Int[0, 7], s_log, Gen.Int[2, 5]).Sample(
        (rules, log, threads) => Assert.Equal(Told(s_rules[rules], log, 1, StateMemory.DefaultBytes), Told(s_rules[rules], log, threads, StateMemory.DefaultBytes)), iter: 600);

    [Fact]
    public void They_are_also_where_not_all_can_be_remembered() => Gen.Select(Gen.Int[0, 7], s_log, Gen.Int[5_000, 200_000]).Sample(
        (rules, log, memory) => Assert.Equal(Told(s_rules[rules], log, 1, memory), Told(s_rules[rules], log, 2, memory)), iter: 600);

    [Fact]
    public void They_are_also_where_not_all_matches_are_held() => Gen.Select(s_log, Gen.Int[1, 20]).Sample(
        (log, held) => Assert.Equal(Told(s_rules[^1], log, 1, StateMemory.DefaultBytes, held), Told(s_rules[^1], log, 2, StateMemory.DefaultBytes, held)), iter: 300);

    [Theory]
    [InlineData(64_000_000, true)]
    [InlineData(20_000, false)]
    public void All_threads_together_have_the_memory_of_one_and_where_that_is_not_enough_one_does_it(long memory, bool isDivided)
    {
        LogDetector detector = new(s_rules[^1], "c", order: null, new StateMemory(memory));
        for (int i = 0; i < 300; i++)
        {
            detector.Add(Events.Decode(Log.Event(i, $"\"kind\":\"{"ab"[i % 2]}\",\"g\":\"g{i}\",\"p\":\"p{i}\",\"v\":{i},\"auditID\":\"{i}\"")));
        }

        Assert.NotEmpty(detector.Complete(threads: 4));
        Assert.Equal(isDivided, detector.HasDivided);
    }

    [Fact]
    public void Rules_that_feed_one_correlation_are_of_one_group_and_others_are_not()
    {
        ImmutableArray<int> groups = Log.Rules(
            Log.Bases + """
                title: c
                name: c
                logsource: {product: kubernetes, service: audit}
                detection: {sel: {kind: c}, condition: sel}
                ---
                title: count
                name: count
                correlation: {type: event_count, rules: [a], group-by: [g], timespan: 10s, condition: {gte: 2}}
                ---
                title: after
                correlation: {type: temporal, rules: [count, b], group-by: [g], timespan: 10s}
                """).Stateful.Groups;
        Assert.Equal([groups[0], groups[0], groups[2], groups[0], groups[0]], groups);
        Assert.NotEqual(groups[0], groups[2]);
    }

    private static string Told(CompiledRules rules, string[] log, int threads, long memory, int held = EventOrderOptions.DefaultMaxHeld)
    {
        LogDetector detector = new(rules, "c", new EventOrderOptions { MaxHeld = held }, new StateMemory(memory));
        foreach (string item in log)
        {
            detector.Add(Events.Decode(item));
        }

        ArrayBufferWriter<byte> told = new();
        using Utf8JsonWriter writer = new(told, new JsonWriterOptions { SkipValidation = true });
        ImmutableArray<Finding> findings = detector.Complete(threads);
        Assert.True(threads == 1 || memory < StateMemory.DefaultBytes || held < EventOrderOptions.DefaultMaxHeld || detector.HasDivided);
        foreach (Finding finding in findings)
        {
            FindingJson.Write(finding, writer);
        }

        writer.Flush();
        return $"{Encoding.UTF8.GetString(told.WrittenSpan)} {detector.Statistics}";
    }
}
