using Vedette.Detection.Findings;
using Vedette.Detection.Rules;
using Vedette.Detection.Stateful;
using Xunit;

namespace Vedette.Detection.Tests.Stateful;

public class FutureEventsTests
{
    [Fact]
    public void An_event_more_than_a_minute_ahead_of_its_arrival_is_a_finding_even_when_no_rule_matches()
    {
        LogDetector log = new(Log.Rules(Log.Bases), "prod");
        log.Add(Events.Decode(Event(60, "in time")), "s", Log.Start);
        log.Add(Events.Decode(Event(7_261, "ahead")), "s", Log.Start);
        Finding finding = Assert.Single(log.Complete());
        Assert.Same(FutureEvents.Rule, finding.Rule);
        Assert.Equal("alice", finding.Actor.User);
        Assert.Equal("prod", finding.Cluster);
        Assert.Equal(Log.Start.AddSeconds(7_261), finding.Time);
        Assert.EndsWith("its time is 2 h 1 min ahead of its arrival", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_that_says_nothing_of_arrival_has_none() =>
        Assert.Empty(Log.Run(Log.Rules(Log.Bases), Event(1e9, "x")));

    [Fact]
    public void Those_of_a_source_within_an_hour_are_one_finding_whose_count_rises()
    {
        FutureEvents future = new();
        future.Add(Events.Decode(Event(9_000, "1")), "one", Log.Start);
        future.Add(Events.Decode(Event(9_000, "2")), "one", Log.Start.AddMinutes(1));
        future.Add(Events.Decode(Event(9_000, "2")), "one", Log.Start.AddMinutes(1));
        future.Add(Events.Decode(Event(9_000, "3")), "other", Log.Start.AddMinutes(2));
        ToldFinding[] told = [.. future.Take()];
        Assert.Equal([ToldOccasion.Event, ToldOccasion.Event], told.Select(item => item.Occasion));
        future.Add(Events.Decode(Event(99_000, "4")), "one", Log.Start.AddMinutes(61));
        ToldFinding[] later = [.. future.Take()];
        Assert.Equal([ToldOccasion.Update, ToldOccasion.Event], later.Select(item => item.Occasion));
        Assert.Equal(told[0].Finding.Id, later[0].Finding.Id);
        Assert.Equal(2, later[0].Finding.Count);
        future.Complete();
        Assert.Empty(future.Take());
    }

    [Fact]
    public void Beyond_the_bound_of_sources_the_oldest_finding_takes_no_more()
    {
        FutureEvents future = new();
        for (int source = 0; source <= EventOrder.MaxSources; source++)
        {
            future.Add(Events.Decode(Event(9_000, $"{source}")), $"{source}", Log.Start);
        }

        future.Add(Events.Decode(Event(9_000, "again")), "0", Log.Start);
        Assert.Equal(EventOrder.MaxSources + 2, future.Take().Length);
    }

    [Fact]
    public void The_rule_tells_people_what_to_do()
    {
        DetectionRule rule = FutureEvents.Rule;
        Assert.True(Guid.TryParse(rule.Id, out _));
        Assert.Equal(RuleLevel.Medium, rule.Level);
        Assert.NotEmpty(rule.NextSteps);
    }

    private static string Event(double at, string id) => Log.Event(
        at, $"\"auditID\":\"{id}\",\"requestReceivedTimestamp\":\"2026-01-01T00:00:00Z\",\"stage\":\"ResponseComplete\",\"verb\":\"get\",\"user\":{{\"username\":\"alice\"}}");
}
