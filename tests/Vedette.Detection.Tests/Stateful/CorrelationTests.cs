using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using CsCheck;
using Vedette.Audit.Decoding;
using Vedette.Audit.Events;
using Vedette.Detection.Engine;
using Vedette.Detection.Findings;
using Vedette.Detection.Sigma;
using Vedette.Detection.Stateful;
using Xunit;

namespace Vedette.Detection.Tests.Stateful;

public class CorrelationTests
{
    private const string Bases = """
        title: a
        name: a
        logsource: {product: kubernetes, service: audit}
        detection: {sel: {kind_a: 1}, condition: sel}
        ---
        title: b
        name: b
        logsource: {product: kubernetes, service: audit}
        detection: {sel: {kind_b: 1}, condition: sel}
        ---
        title: new
        name: new
        vedette: {new_terms: {fields: [g, v], window: 60s, peers: [v]}}
        logsource: {product: kubernetes, service: audit}
        detection: {sel: {g|exists: true}, condition: sel}
        ---
        title: folded
        name: folded
        vedette: {suppress: {by: [g], for: 15s}}
        logsource: {product: kubernetes, service: audit}
        detection: {sel: {kind_a: 1}, condition: sel}
        ---

        """;

    private static readonly ImmutableArray<string> s_kinds =
    [
        "type: event_count\n    condition: {gte: 3}", "type: event_count\n    condition: {gt: 1, lte: 3}", "type: event_count\n    condition: {lt: 2}", "type: event_count\n    condition: {neq: 2}",
        "type: value_count\n    condition: {field: v, gte: 2}", "type: value_sum\n    condition: {field: v, gt: 5}", "type: value_avg\n    condition: {field: v, gte: 2}",
        "type: value_median\n    condition: {field: v, eq: 2}", "type: value_percentile\n    condition: {field: v, gte: 3, percentile: 75}", "type: value_sum\n    condition: {field: v, lte: 4}",
        "type: event_count\n    condition: {lte: 1}", "type: event_count\n    condition: {eq: 2}", "type: value_count\n    condition: {field: [g, v], gte: 3}", "type: temporal", "type: temporal\n    condition: {eq: 1}", "type: temporal_ordered",
    ];

    private static readonly Gen<(int At, int Kinds, int Group, int Value)[]> s_events =
        Gen.Select(Gen.Int[0, 60], Gen.Int[1, 3], Gen.Int[0, 1], Gen.Int[0, 4]).Array[0, 14];

    [Fact]
    public void Every_type_gives_what_the_obvious_reading_gives_in_whatever_order_events_come() => Gen.Select(Gen.OneOf([.. s_kinds]), s_events, Gen.Int[0, int.MaxValue]).Sample(
        (kind, events, seed) =>
        {
            SigmaRuleSet set = Load(kind);
            string[] expected = [.. Obvious(set.Correlations[0], events).Order(StringComparer.Ordinal)];
            Random random = new(seed);
            (int, int, int, int)[] shuffled = [.. events.OrderBy(_ => random.Next())];
            Assert.Equal(expected, Fired(Run(set, shuffled)));
            Assert.Equal(Run(set, events).Select(Describe), Run(set, shuffled).Select(Describe));
        },
        iter: 3_000);

    [Fact]
    public void A_state_saved_and_loaded_at_any_cut_goes_on_as_if_nothing_had_happened() => Gen.Select(Gen.OneOf([.. s_kinds]), s_events).Sample(
        (kind, events) =>
        {
            CompiledRules rules = CompiledRules.Compile(Load(kind));
            ImmutableArray<EventMatch> matches = Matches(rules, [.. events.OrderBy(item => item.At)]);
            string[] whole = Told(rules, matches, cut: -1);
            for (int cut = 0; cut <= matches.Length; cut++)
            {
                Assert.Equal(whole, Told(rules, matches, cut));
            }
        },
        iter: 500);

    [Fact]
    public void What_happened_at_the_time_of_the_first_step_is_part_of_the_chain_whichever_came_first()
    {
        CompiledRules rules = Log.Rules($"{Log.Bases}title: chain\ncorrelation: {{type: temporal_ordered, rules: [a, b], group-by: [g], timespan: 10s}}");
        StatefulDetector detector = new(rules);
        detector.Process(Log.Match(rules, Log.Event(0, "\"kind\":\"b\",\"g\":\"x\"")));
        detector.Process(Log.Match(rules, Log.Event(1, "\"kind\":\"b\",\"g\":\"x\"")));
        detector.Process(Log.Match(rules, Log.Event(1, "\"kind\":\"a\",\"g\":\"x\"")));
        Assert.Equal(2, Assert.Single(detector.Take()).Finding.Count);
        // When the quiet time of that finding is over, what came last in it begins another.
        detector = new(rules);
        detector.Process(Log.Match(rules, Log.Event(0, "\"kind\":\"a\",\"g\":\"x\"")));
        detector.Process(Log.Match(rules, Log.Event(0, "\"kind\":\"b\",\"g\":\"x\"")));
        detector.Process(Log.Match(rules, Log.Event(10, "\"kind\":\"b\",\"g\":\"x\"")));
        detector.Process(Log.Match(rules, Log.Event(10, "\"kind\":\"a\",\"g\":\"x\"")));
        detector.Process(Log.Match(rules, Log.Event(11, "\"kind\":\"a\",\"g\":\"x\"")));
        Assert.Equal(2, detector.Take().Count(told => told.Occasion == ToldOccasion.Event));
    }

    [Fact]
    public void Stages_of_one_request_count_once_even_when_the_last_comes_hours_later()
    {
        SigmaRuleSet set = Load("type: event_count\n    condition: {gte: 2}");
        const string Request = "\"auditID\":\"x\",\"requestReceivedTimestamp\":\"2026-01-01T00:00:00Z\",\"verb\":\"get\",\"kind_a\":1,\"g\":\"0\"";
        LogDetector log = new(CompiledRules.Compile(set));
        log.Add(Events.Decode($$"""{{{Request}},"stage":"ResponseStarted","stageTimestamp":"2026-01-01T00:00:00Z"}"""));
        log.Add(Events.Decode($$"""{{{Request}},"stage":"ResponseComplete","stageTimestamp":"2026-01-01T03:00:00Z"}"""));
        log.Add(Events.Decode("""{"auditID":"y","requestReceivedTimestamp":"2026-01-01T03:00:00Z","verb":"get","kind_a":1,"g":"0","stage":"ResponseComplete","stageTimestamp":"2026-01-01T03:00:01Z"}"""));
        Assert.DoesNotContain(log.Complete(), finding => finding.Rule.Title == "corr");
    }

    [Fact]
    public void A_group_fires_once_for_the_timespan_and_then_again_and_what_comes_meanwhile_raises_the_count()
    {
        ImmutableArray<Finding> findings = Many("", 0, 10, 20, 70, 71, 72);
        Assert.Equal([(0, 4), (20, 4)], findings.Select(finding => ((int)(finding.Time!.Value - Log.Start).TotalSeconds, finding.Count)));
    }

    [Fact]
    public void With_suppression_all_of_it_is_one_finding_that_counts_every_request_once()
    {
        // Fires at 10; 20 and 70 are quiet; 71 fires again, in a window that has 20 and 70 in it; 72 is quiet again; 500 begins anew after an hour only.
        Finding finding = Assert.Single(Many("vedette: {suppress: {by: [g], for: 1h}}\n", 0, 10, 20, 70, 71, 72, 500, 501));
        Assert.Equal(8, finding.Count);
        Assert.Equal(0, (finding.Time!.Value - Log.Start).TotalSeconds);
        Assert.Equal(501, (finding.Window!.To - Log.Start).TotalSeconds);
        Assert.Equal([8, 2], Many("vedette: {suppress: {by: [g], for: 1h}}\n", 0, 10, 20, 70, 71, 72, 500, 501, 5_000, 5_001).Select(item => item.Count));
    }

    [Fact]
    public void Suppression_shorter_than_the_timespan_lasts_as_long_as_it() =>
        Assert.Equal([4, 2], Many("vedette: {suppress: {by: [g], for: 1s}}\n", 0, 10, 20, 70, 200, 201).Select(item => item.Count));

    [Theory]
    [InlineData("", new[] { 5, 6, 8 })]
    [InlineData(", condition: {gte: 1}", new[] { 0 })]
    [InlineData(", condition: a and b", new[] { 0, 5, 6, 8 })]
    public void A_chain_that_needs_all_its_steps_begins_with_the_first(string condition, int[] times)
    {
        Finding finding = Assert.Single(Log.Run(
            Log.Rules($"{Log.Bases}title: chain\ncorrelation: {{type: temporal_ordered, rules: [a, b], timespan: 1h{condition}}}"),
            new[] { (0, "b"), (5, "a"), (6, "a"), (8, "b") }.Select(item => Log.Event(item.Item1, $"\"kind\":\"{item.Item2}\",\"auditID\":\"{item.Item1}\""))));
        Assert.Equal(times.Select(time => $"{time}"), finding.Events.Select(item => item.AuditId).Order(StringComparer.Ordinal).Take(times.Length));
        Assert.Equal(times[0], (finding.Time!.Value - Log.Start).TotalSeconds);
    }

    [Fact]
    public void Later_steps_of_a_chain_are_not_kept_while_the_first_is_missing()
    {
        CompiledRules rules = Log.Rules($"{Log.Bases}title: chain\ncorrelation: {{type: temporal_ordered, rules: [a, b], group-by: [g], timespan: 1h}}");
        StatefulDetector detector = new(rules);
        EventMatch later = Log.Match(rules, Log.Event(0, "\"kind\":\"b\",\"g\":\"x\""));
        for (int i = 0; i < 1_000; i++)
        {
            detector.Process(Log.With(later, i, $"{i}", Log.Field("g", "x")));
        }

        Assert.Equal(1, detector.Budget.Entries);
        detector.Process(Log.With(Log.Match(rules, Log.Event(0, "\"kind\":\"a\",\"g\":\"x\"")), 1_000, "first", Log.Field("g", "x")));
        Assert.Equal(1, detector.Budget.Entries);
        detector.Process(Log.With(later, 1_000, "last", Log.Field("g", "x")));
        Assert.Equal(2, Assert.Single(detector.Take()).Finding.Count);
    }

    [Theory]
    [InlineData(false, new[] { "many" })]
    [InlineData(true, new[] { "a", "a", "many" })]
    public void Rules_that_a_correlation_refers_to_are_silent_unless_it_generates(bool generate, string[] told) => Assert.Equal(
        told,
        Log.Run(
            Log.Rules($"{Log.Bases}title: many\ncorrelation: {{type: event_count, rules: [a], timespan: 60s, condition: {{gte: 2}}, generate: {(generate ? "true" : "false")}}}"),
            Log.Event(0, "\"kind\":\"a\""), Log.Event(1, "\"kind\":\"a\"")).Select(finding => finding.Rule.Title).Order(StringComparer.Ordinal));

    [Fact]
    public void Expressions_give_what_trying_every_window_gives() => Gen.Select(Gen.Int[0, s_expressions.Length - 1].Select(place => s_expressions[place]), Gen.Select(Gen.Int[0, 40], Gen.Int[0, 2]).Array[0, 8]).Sample(
        (expression, events) =>
        {
            const string Third = "title: c\nname: c\nlogsource: {product: kubernetes, service: audit}\ndetection: {sel: {kind: c}, condition: sel}\n---\n";
            CompiledRules rules = Log.Rules($"{Log.Bases}{Third}title: corr\ncorrelation:\n    type: temporal\n    timespan: 10s\n    condition: {expression.Text}\n");
            bool fired = Log.Run(rules, events.Select(item => Log.Event(item.Item1, $"\"kind\":\"{"abc"[item.Item2]}\""))).Any(finding => finding.Rule.Title == "corr");
            Assert.Equal(TryEveryWindow(expression, events), fired);
        },
        iter: 2_000);

    /// <summary>Expressions in which what is ruled out is joined by <c>and</c> to what is asked for.</summary>
    private static readonly ImmutableArray<(string Text, Func<Func<char, bool>, bool> Wanted, string RuledOut)> s_expressions =
    [
        ("a and b", has => has('a') && has('b'), ""), ("a or b", has => has('a') || has('b'), ""), ("a and (b or c)", has => has('a') && (has('b') || has('c')), ""),
        ("(a and b) or (b and c)", has => (has('a') && has('b')) || (has('b') && has('c')), ""), ("a and not c", has => has('a'), "c"), ("a and b and not c", has => has('a') && has('b'), "c"),
        ("a and not (b or c)", has => has('a'), "bc"),
    ];

    /// <summary>The obvious reading: some choice of matches that satisfies what is asked for, all in one window, and no window that holds the choice holds what is ruled out.</summary>
    private static bool TryEveryWindow((string Text, Func<Func<char, bool>, bool> Wanted, string RuledOut) expression, (int At, int Kind)[] events)
    {
        HashSet<string> named = [.. expression.Text.Split(' ', '(', ')')];
        (int At, int Kind)[] wanted = [.. events.Where(item => named.Contains($"{"abc"[item.Kind]}") && !expression.RuledOut.Contains("abc"[item.Kind], StringComparison.Ordinal))];
        int[] ruledOut = [.. events.Where(item => expression.RuledOut.Contains("abc"[item.Kind], StringComparison.Ordinal)).Select(item => item.At)];
        return wanted.Any(first =>
        {
            (int At, int Kind)[] window = [.. wanted.Where(item => item.At >= first.At && item.At <= first.At + 10)];
            // All that is asked for in the window counts, so a window around it reaches back to ten seconds before its last.
            int last = window.Max(item => item.At);
            return expression.Wanted(kind => window.Any(item => "abc"[item.Kind] == kind)) && !ruledOut.Any(at => at >= last - 10 && at <= first.At + 10);
        });
    }

    private static ImmutableArray<Finding> Many(string attributes, params int[] times) => Log.Run(
        Log.Rules($"{Log.Bases}title: many\n{attributes}correlation: {{type: event_count, rules: [a], group-by: [g], timespan: 60s, condition: {{gte: 2}}}}"),
        times.Select(at => Log.Event(
            at, $"\"kind\":\"a\",\"g\":\"x\",\"auditID\":\"{at}\",\"requestReceivedTimestamp\":\"2026-01-01T00:00:00Z\",\"stage\":\"ResponseComplete\"")));

    private static SigmaRuleSet Load(string kind)
    {
        SigmaRuleSet set = SigmaLoader.Load(
            [new SigmaFile("r.yml", $"{Bases}title: corr\ncorrelation:\n    {kind}\n    rules: [a, b]\n    group-by: [g]\n    timespan: 10s\n")], new SigmaOptions());
        Assert.False(set.HasErrors, string.Join('\n', set.Diagnostics));
        return set;
    }

    private static string Json((int At, int Kinds, int Group, int Value) item) => string.Create(
        CultureInfo.InvariantCulture,
        $"{{\"kind_a\":{item.Kinds & 1},\"kind_b\":{item.Kinds >> 1},\"g\":{item.Group},{(item.Value == 0 ? "" : $"\"v\":{item.Value},")}\"stageTimestamp\":\"2026-01-01T00:{item.At / 60:00}:{item.At % 60:00}Z\"}}");

    private static ImmutableArray<Finding> Run(SigmaRuleSet set, (int, int, int, int)[] events)
    {
        LogDetector log = new(CompiledRules.Compile(set));
        foreach ((int, int, int, int) item in events)
        {
            log.Add(Events.Decode(Json(item)));
        }

        return log.Complete();
    }

    private static string[] Fired(ImmutableArray<Finding> findings) =>
        [.. findings.Where(finding => finding.Rule.Title == "corr").Select(finding => finding.Group[0].Value).Order(StringComparer.Ordinal)];

    private static string Describe(Finding finding) =>
        $"{finding.Id} {finding.Rule.Title} {finding.Count} {finding.Message} {finding.Window} {finding.Spread} {string.Join(',', finding.Group)} {string.Join(',', finding.Contributing.Select(rule => rule.Title))}";

    private static ImmutableArray<EventMatch> Matches(CompiledRules rules, (int, int, int, int)[] events)
    {
        RuleEvaluator evaluator = new(rules);
        EventDecoder decoder = new();
        ImmutableArray<EventMatch>.Builder matches = ImmutableArray.CreateBuilder<EventMatch>();
        foreach ((int, int, int, int) item in events)
        {
            Assert.Equal(DecodeStatus.Ok, decoder.Decode(Encoding.UTF8.GetBytes(Json(item)), out EventView view));
            evaluator.Evaluate(view);
            if (evaluator.Take(view, null) is { } match)
            {
                matches.Add(match with { At = match.Time!.Value });
            }
        }

        return matches.ToImmutable();
    }

    private static string[] Told(CompiledRules rules, ImmutableArray<EventMatch> matches, int cut)
    {
        StatefulDetector detector = new(rules);
        List<ToldFinding> told = [];
        for (int i = 0; i <= matches.Length; i++)
        {
            if (i == cut)
            {
                told.AddRange(detector.Take());
                ArrayBufferWriter<byte> saved = new();
                detector.Save(saved);

                detector = new StatefulDetector(rules);
                Assert.True(detector.Load(saved.WrittenSpan));
            }

            if (i < matches.Length)
            {
                detector.Process(matches[i]);
            }
        }

        detector.Complete();
        told.AddRange(detector.Take());
        return [.. told.Select(item => $"{item.Occasion} {Describe(item.Finding)}")];
    }

    /// <summary>The slow and obvious reading: all matches in order, every question asked of plain lists.</summary>
    private static IEnumerable<string> Obvious(CorrelationRule rule, (int At, int Kinds, int Group, int Value)[] events)
    {
        bool atClose = rule.Type is CorrelationType.ValueAverage or CorrelationType.ValueMedian or CorrelationType.ValuePercentile
            || rule.Threshold!.Comparisons.Any(comparison => comparison.IsNegated || comparison.Operator is not (Rules.Comparison.Greater or Rules.Comparison.GreaterOrEqual));
        foreach (IGrouping<int, (int At, int Kind, int Value)> group in events.SelectMany(item => new[] { 1, 2 }.Where(kind => (item.Kinds & kind) != 0).Select(kind => (item.Group, item.At, kind, item.Value)))
            .GroupBy(item => item.Group, item => (item.At, item.kind, item.Value)))
        {
            (int At, int Kind, int Value)[] matches = [.. group.OrderBy(item => item.At)];
            int quiet = -1;
            foreach (int at in matches.Select(item => item.At).Distinct().ToArray())
            {
                if (at <= quiet)
                {
                    continue;
                }

                (int At, int Kind, int Value)[] window = [.. matches.Where(item => atClose ? item.At >= at && item.At <= at + 10 : item.At >= at - 10 && item.At <= at)];
                bool holds = Figure(rule, window) is { } figure && rule.Threshold!.Comparisons.All(comparison => comparison.Holds(figure));
                if (atClose || holds)
                {
                    quiet = at + 10;
                }

                if (holds)
                {
                    yield return group.Key.ToString(CultureInfo.InvariantCulture);
                }
            }
        }
    }

    private static decimal? Figure(CorrelationRule rule, (int At, int Kind, int Value)[] window)
    {
        decimal[] values = [.. window.Where(item => item.Value != 0).Select(item => (decimal)item.Value).Order()];
        return rule.Type switch
        {
            CorrelationType.EventCount => window.Length,
            CorrelationType.ValueCount => values.Distinct().Count(),
            CorrelationType.ValueSum => values.Length == 0 ? null : values.Sum(),
            CorrelationType.ValueAverage => values.Length == 0 ? null : values.Average(),
            CorrelationType.ValueMedian => values.Length == 0 ? null : (values[(values.Length - 1) / 2] + values[values.Length / 2]) / 2,
            CorrelationType.ValuePercentile => values.Length == 0 ? null : Interpolated(values, 0.75m * (values.Length - 1)),
            CorrelationType.Temporal => window.Select(item => item.Kind).Distinct().Count(),
            _ => window.Any(first => first.Kind == 1 && window.Any(second => second.Kind == 2 && second.At >= first.At)) ? 2 : window.Length > 0 ? 1 : 0,
        };
    }

    private static decimal Interpolated(decimal[] values, decimal rank) =>
        values[(int)rank] + ((rank - (int)rank) * (values[Math.Min((int)rank + 1, values.Length - 1)] - values[(int)rank]));
}
