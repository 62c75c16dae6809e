using System.Collections.Immutable;
using System.Text;
using CsCheck;
using Vedette.Audit.Decoding;
using Vedette.Audit.Events;
using Vedette.Detection.Engine;
using Vedette.Detection.Findings;
using Vedette.Detection.FirstSeen;
using Vedette.Detection.Stateful;
using Vedette.Tests;
using Xunit;

namespace Vedette.Detection.Tests.Stateful;

/// <summary>Matches that only repeat a known term are not taken out of their batch; nobody may notice.</summary>
public class TermRepeatTests
{
    private const string Yaml = """
        title: term
        name: term
        logsource: {product: kubernetes, service: audit}
        detection: {sel: {kind: [a, b]}, condition: sel}
        vedette: {new_terms: {fields: [user.username, verb], window: 20s, learning: 5s, peers: [user.groups]}}
        ---
        title: odd window
        name: odd
        logsource: {product: kubernetes, service: audit}
        detection: {sel: {kind: a}, condition: sel}
        vedette: {new_terms: {fields: [verb], window: 7s}}
        ---
        title: counted
        correlation: {type: event_count, rules: [odd], generate: true, group-by: [verb], timespan: 1m, condition: {gte: 2}}
        """;

    private static readonly CompiledRules s_rules = Log.Rules(Yaml);

    // In order as logs nearly are, out of order within some seconds, or in any order: long rows of repeats and gaps need the first.
    private static readonly Gen<string[]> s_log = Gen.Select(
        Gen.Select(Gen.Int[0, 600], Gen.Int[0, 1], Gen.Int[0, 1], Gen.Int[0, 1], Gen.Int[0, 1]).Array[0, 100], Gen.OneOf(Gen.Const(1), Gen.Const(50), Gen.Const(601))).Select(
        (events, disorder) => events.OrderBy(item => item.Item1 / disorder).Select(item => Log.Event(
            item.Item1 / 10.0,
            $"\"kind\":\"{"ab"[item.Item4]}\",\"verb\":\"v{item.Item3}\",\"user\":{{\"username\":\"u{item.Item2}\",\"groups\":[{(item.Item5 == 0 ? "" : $"\"g{item.Item5}\"")}]}}")).ToArray());

    [Fact]
    public void Findings_are_those_of_all_matches_whatever_the_order_and_the_gaps() => s_log.Sample(
        log => Assert.Equal(Told(Whole(log)), Told(Log.Run(s_rules, log))), iter: 1_500);

    [Fact]
    public void Matches_that_are_kept_for_repeats_are_together_up_to_a_bound_also_where_every_event_is_older_than_the_one_before()
    {
        EventMatcher matcher = new(s_rules, null);
        MatchRoom room = new();
        string text = new('x', 2_000);
        for (int i = 0; i < 6_000; i++)
        {
            room.Clear();
            Assert.True(matcher.TryMatch(
                Events.Decode(Log.Event(1e6 - (i * 60), $"\"kind\":\"a\",\"verb\":\"v\",\"user\":{{\"username\":\"u\"}},\"requestURI\":\"/{text}\",\"userAgent\":\"{text}\"")), isLearning: false, arrival: null, out _, room));
        }

        Assert.InRange(matcher.KeptBytes, EventMatcher.MaxKeptBytes, EventMatcher.MaxKeptBytes + (1 << 21));
    }

    [Fact]
    public void Last_repeats_are_kept_back_of_so_many_terms_and_then_passed_on()
    {
        EventMatch match = Log.Match(s_rules, Log.Event(0, "\"kind\":\"a\",\"verb\":\"v\",\"user\":{\"username\":\"u\"}"));
        RepeatedTerm[] terms = [.. Enumerable.Range(0, TermRepeats.MaxTerms + 1).Select(_ => new RepeatedTerm(match, TimeSpan.FromHours(1)))];
        TermRepeats repeats = new();
        List<EventMatch> passed = [];
        foreach (RepeatedTerm term in terms[..^1])
        {
            repeats.Add(new TermRepeat(term, Log.Start, Log.Start.AddSeconds(1)), passed);
        }

        Assert.Equal(TermRepeats.MaxTerms, passed.Count);
        repeats.Add(new TermRepeat(terms[^1], Log.Start, Log.Start), passed);
        Assert.Equal((2 * TermRepeats.MaxTerms) + 1, passed.Count);
        Assert.Equal((false, true), (terms[0].IsOpen, terms[^1].IsOpen));
    }

    [Fact]
    public void Matched_on_several_threads_and_with_parts_matched_again_they_are_the_same() => Gen.Select(s_log, Gen.Int[0, 2].Array[1, 12]).Sample(
        (log, readers) =>
        {
            LogDetector detector = new(s_rules);
            EventMatcher[] matchers = [new(s_rules, null), new(s_rules, null)];
            foreach ((string[] window, int reader) in log.Chunk(5).Zip(Enumerable.Range(0, log.Length).Select(i => readers[i % readers.Length])))
            {
                // What a worker made of a window may be thrown away: then the detector's own matcher reads it.
                EventMatcher matcher = matchers[reader % 2];
                List<MatchedEvent> matches = [];
                foreach (string item in window)
                {
                    if (matcher.TryMatch(Events.Decode(item), isLearning: false, arrival: null, out MatchedEvent matched))
                    {
                        matches.Add(matched);
                    }
                }

                if (reader == 2)
                {
                    window.ToList().ForEach(item => detector.Add(Events.Decode(item)));
                }
                else
                {
                    matches.ForEach(matched => detector.Add(matched));
                    matcher.Repeats.ForEach(repeat => detector.Add(repeat));
                }

                detector.NoteTime(matcher.Earliest);
                matcher.Repeats.Clear();
            }

            Assert.Equal(Told(Whole(log)), Told(detector.Complete()));
        },
        iter: 1_500);

    [Fact]
    public void A_repeat_costs_no_allocation()
    {
        EventMatcher matcher = new(s_rules, null);
        string json = Log.Event(1, "\"kind\":\"b\",\"verb\":\"get\",\"user\":{\"username\":\"u\",\"groups\":[\"g\"]}");
        EventView first = Events.Decode(json);
        Assert.True(matcher.TryMatch(first, isLearning: false, arrival: null, out _));
        byte[] repeat = Encoding.UTF8.GetBytes(json.Replace(":01.", ":02.", StringComparison.Ordinal));
        EventDecoder decoder = new();
        Assert.Equal(0, Allocations.OnceSettled(() =>
        {
            matcher.Repeats.Clear();
            decoder.Decode(repeat, out EventView view);
            for (int i = 0; i < 64; i++)
            {
                Assert.False(matcher.TryMatch(view, isLearning: false, arrival: null, out _));
            }
        }));

        Assert.Single(matcher.Repeats);
    }

    [Fact]
    public void Repeats_of_a_term_are_told_together_within_half_of_what_its_rule_remembers()
    {
        EventMatcher matcher = new(s_rules, null);
        foreach (int second in new[] { 1, 4, 2, 11, 9, 19, 21 })
        {
            matcher.TryMatch(Events.Decode(Log.Event(second, "\"kind\":\"b\",\"verb\":\"get\",\"user\":{\"username\":\"u\"}")), isLearning: false, arrival: null, out _);
        }

        Assert.Equal([(2, 11), (19, 21)], matcher.Repeats.Select(repeat => ((int)(repeat.Oldest - Log.Start).TotalSeconds, (int)(repeat.Newest - Log.Start).TotalSeconds)));
    }

    [Fact]
    public void Terms_longer_than_the_key_are_taken_whole()
    {
        string json = Log.Event(1, $"\"kind\":\"b\",\"verb\":\"{new string('v', TermKey.MaxLength)}\",\"user\":{{\"username\":\"u\"}}");
        EventMatcher matcher = new(s_rules, null);
        Assert.True(matcher.TryMatch(Events.Decode(json), isLearning: false, arrival: null, out _));
        Assert.True(matcher.TryMatch(Events.Decode(json), isLearning: false, arrival: null, out _));
        Assert.Empty(matcher.Repeats);
    }

    /// <summary>Every match goes to the state, in order of time.</summary>
    private static ImmutableArray<Finding> Whole(string[] log)
    {
        StatefulDetector stateful = new(s_rules);
        EventOrder order = new(new EventOrderOptions());
        FindingCollector findings = new(null);
        RuleEvaluator evaluator = new(s_rules);
        foreach (string item in log)
        {
            EventView view = Events.Decode(item);
            stateful.BeginLog(EventTime.Of(view)!.Value);
            evaluator.Evaluate(view);
            if (evaluator.Take(view, null) is { } match)
            {
                Assert.Empty(order.Add(match, "", arrival: null));
            }
        }

        order.Complete().ToList().ForEach(stateful.Process);
        stateful.Complete();
        foreach (ToldFinding told in stateful.Take())
        {
            findings.Add(told.Finding);
        }

        return findings.ToFindings();
    }

    private static string[] Told(ImmutableArray<Finding> findings) => [.. findings.Select(finding => $"{finding.Id} {finding.Time:O} {finding.Count} {finding.Message}")];
}
