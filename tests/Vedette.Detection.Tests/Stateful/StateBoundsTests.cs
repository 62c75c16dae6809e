using System.Text;
using Vedette.Audit.Decoding;
using Vedette.Audit.Events;
using Vedette.Detection.Engine;
using Vedette.Detection.Stateful;
using Vedette.Tests;
using Xunit;

namespace Vedette.Detection.Tests.Stateful;

/// <summary>What each bound does when it is passed: nothing breaks, what was given up is counted, and what came last still works.</summary>
public class StateBoundsTests
{
    private const string Count = "{type: event_count, rules: [a], group-by: [g], timespan: 1h, condition: {gte: 2}}";
    private const string Never = "{type: event_count, rules: [a], group-by: [g], timespan: 1h, condition: {gte: 1000000}}";
    private const string Few = "{type: event_count, rules: [a], group-by: [g], timespan: 1h, condition: {lt: 2}}";
    private const string Without = "{type: temporal, group-by: [g], timespan: 1h, condition: a and not b}";

    [Theory]
    [InlineData(Count)]
    [InlineData(Few)]
    [InlineData(Without)]
    public void Of_too_many_groups_the_one_unused_for_longest_is_forgotten(string correlation)
    {
        (StatefulDetector detector, EventMatch match) = Detector(correlation);
        for (int i = 0; i < StateBudget.MaxGroups + 10; i++)
        {
            detector.Process(Log.With(match, i * 0.001, $"{i}", Log.Field("g", $"{i}")));
        }

        Assert.Equal(10, detector.Statistics.EvictedGroups);
        Assert.Equal(StateBudget.MaxGroups, detector.Budget.Entries);
        if (correlation == Count)
        {
            // The first group was forgotten, the last one was not.
            detector.Process(Log.With(match, 60, "x", Log.Field("g", "0")));
            Assert.Empty(detector.Take());
            detector.Process(Log.With(match, 60, "y", Log.Field("g", $"{StateBudget.MaxGroups + 9}")));
            Assert.Single(detector.Take());
        }

        detector.Complete();
        Assert.Equal(correlation == Count ? 0 : StateBudget.MaxGroups, detector.Take().Length);
    }

    [Fact]
    public void Of_too_many_matches_of_a_group_the_oldest_is_forgotten()
    {
        (StatefulDetector detector, EventMatch match) = Detector(Never);
        for (int i = 0; i < StateBudget.MaxEntriesPerGroup + 5; i++)
        {
            detector.Process(Log.With(match, i * 0.001, $"{i}", Log.Field("g", "one")));
        }

        Assert.Equal(5, detector.Statistics.EvictedMatches);
        Assert.Equal(StateBudget.MaxEntriesPerGroup, detector.Budget.Entries);
    }

    [Fact]
    public void Of_an_expression_with_not_no_more_windows_of_a_group_wait_than_it_has_matches()
    {
        (StatefulDetector detector, EventMatch match) = Detector(Without);
        for (int i = 0; i < StateBudget.MaxEntriesPerGroup + 5; i++)
        {
            detector.Process(Log.With(match, i * 0.01, $"{i}", Log.Field("g", "one")));
        }

        Assert.Equal(10, detector.Statistics.EvictedMatches);
        detector.Complete();
        Assert.NotEmpty(detector.Take());
    }

    [Fact]
    public void Of_too_many_terms_the_one_unseen_for_longest_is_new_again()
    {
        CompiledRules rules = Log.Rules("title: new\nvedette: {new_terms: {fields: [g], peers: [p]}}\nlogsource: {product: kubernetes, service: audit}\ndetection: {sel: {kind: a}, condition: sel}");
        EventMatch match = Log.Match(rules, Log.Event(0, "\"kind\":\"a\",\"g\":\"0\",\"user\":{\"username\":\"alice\"}"));
        StatefulDetector detector = new(rules);
        for (int i = 0; i < StateBudget.MaxTerms + 1; i++)
        {
            detector.Process(Log.With(match, 0, $"{i}", Log.Field("g", $"{i}"), Log.Field("p", "team")));
        }

        // The peers of one team who did each of so many things do not all have room either.
        Assert.Equal(1 + StateBudget.MaxTerms + 1 + 1 - StateBudget.MaxPeers, detector.Statistics.EvictedTerms);
        Assert.Equal(StateBudget.MaxTerms + 1, detector.Take().Length);
        detector.Process(Log.With(match, 0, "again", Log.Field("g", "0"), Log.Field("p", "team")));
        Assert.Single(detector.Take());
        detector.Process(Log.With(match, 0, "known", Log.Field("g", "5"), Log.Field("p", "team")));
        Assert.Empty(detector.Take());
    }

    [Fact]
    public void Of_too_many_open_findings_the_one_that_closes_first_takes_no_more()
    {
        CompiledRules rules = Log.Rules("title: fold\nvedette: {suppress: {by: [g], for: 1h}}\nlogsource: {product: kubernetes, service: audit}\ndetection: {sel: {kind: a}, condition: sel}");
        EventMatch match = Log.Match(rules, Log.Event(0, "\"kind\":\"a\",\"g\":\"0\""));
        StatefulDetector detector = new(rules, new StateMemory(1L << 40));
        for (int i = 0; i <= StateBudget.MaxOpenFindings; i++)
        {
            detector.Process(Log.With(match, i * 0.001, $"{i}", Log.Field("g", $"{i}")));
        }

        Assert.Equal(1, detector.Statistics.EvictedFindings);
        Assert.Equal(StateBudget.MaxOpenFindings + 1, detector.Take().Length);
        detector.Process(Log.With(match, 200, "again", Log.Field("g", "0")));
        Assert.Single(detector.Take());
    }

    [Fact]
    public void Of_too_many_unfinished_requests_the_oldest_is_forgotten_and_counted()
    {
        (StatefulDetector detector, EventMatch match) = Detector(Never.Replace("1h", "1s", StringComparison.Ordinal));
        for (int i = 0; i < StateBudget.MaxUnfinishedRequests + 3; i++)
        {
            detector.Process(Log.With(match, i * 2, $"{i}", Log.Field("g", "one")) with { Request = (UInt128)i, MayContinue = true });
        }

        Assert.Equal(3, detector.Statistics.EvictedTerms);
    }

    [Fact]
    public void Matches_held_for_order_are_bounded_and_what_goes_on_before_its_time_is_counted()
    {
        CompiledRules rules = Log.Rules($"{Log.Bases}title: corr\ncorrelation: {Count}");
        LogDetector log = new(rules, order: new EventOrderOptions { MaxHeld = 10 });
        for (int i = 0; i < 25; i++)
        {
            log.Add(Events.Decode(Log.Event(25 - i, "\"kind\":\"a\",\"g\":\"x\"")));
        }

        Assert.Equal(15, log.Statistics.Forced);
        Assert.Equal(25, Assert.Single(log.Complete()).Count);
        Assert.Equal(14, log.Statistics.Late);
    }

    [Fact]
    public void An_event_at_the_end_of_time_breaks_nothing()
    {
        const string Chain = "title: inner\nname: inner\ncorrelation: {type: event_count, rules: [a], group-by: [g], timespan: 1h, condition: {lt: 2}}\n---\ntitle: outer\ncorrelation: {type: event_count, rules: [inner], group-by: [g], timespan: 100y, condition: {gte: 1}}";
        CompiledRules rules = Log.Rules(Log.Bases + Chain);
        foreach (string time in new[] { "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z" })
        {
            Assert.Equal("outer", Assert.Single(Log.Run(rules, $"{{\"kind\":\"a\",\"g\":\"x\",\"stageTimestamp\":\"{time}\"}}")).Rule.Title);
        }
    }

    [Fact]
    public void An_event_that_matches_nothing_with_state_costs_no_allocation()
    {
        LogDetector log = new(Log.Rules($"{Log.Bases}title: corr\ncorrelation: {Count}"));
        byte[] json = Encoding.UTF8.GetBytes(Log.Event(0, "\"kind\":\"c\",\"g\":\"x\""));
        EventDecoder decoder = new();
        Assert.Equal(0, Allocations.OnceSettled(() =>
        {
            for (int i = 0; i < 1_000; i++)
            {
                decoder.Decode(json, out EventView view);
                log.Add(view, "s", Log.Start);
            }
        }));
    }

    private static (StatefulDetector Detector, EventMatch Match) Detector(string correlation)
    {
        CompiledRules rules = Log.Rules($"{Log.Bases}title: corr\ncorrelation: {correlation}");
        return (new StatefulDetector(rules), Log.Match(rules, Log.Event(0, "\"kind\":\"a\",\"g\":\"0\"")));
    }
}
