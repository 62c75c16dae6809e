using System.Collections.Immutable;
using CsCheck;
using Vedette.Pipeline.Telling;
using Vedette.Sinks;
using Vedette.Sinks.Routing;
using Xunit;

namespace Vedette.Pipeline.Tests.Telling;

public class TellingPlanTests
{
    private static readonly DateTimeOffset s_begin = new(2026, 11, 25, 20, 0, 0, TimeSpan.Zero);
    private static readonly ReceiverSettings s_receiver = TellingFixture.Webhook("a");

    [Fact]
    public async Task Whatever_the_routes_each_finding_is_told_or_counted_and_the_cursor_never_passes_one_that_is_not()
    {
        await using TellingFixture store = new();
        Gen<Route> route = Gen.Select(Gen.Bool, Gen.Bool, Gen.Int[0, 4], Gen.Int[0, 2], Gen.Int[0, 3]).Select((tells, grouped, level, wait, limit) =>
            new Route("r", new FindingMatcher { Levels = FindingMatcher.AtLeast(FindingLevel.All[level]) }, tells ? ["a"] : [])
            {
                Grouping = grouped ? new Grouping([GroupKey.User], TimeSpan.FromSeconds(wait * 10), TimeSpan.FromSeconds(wait * 30)) : null,
                RateLimit = limit == 0 ? null : new RateLimit(limit, TimeSpan.FromSeconds(45)),
            });
        Gen<(int Level, int User, int Seconds)> finding = Gen.Select(Gen.Int[0, 4], Gen.Int[0, 3], Gen.Int[0, 20]);
        Gen.Select(route.List[1, 3], finding.List[0, 60], Gen.Int[1, 5]).Sample(
            (routes, findings, maxBatch) =>
            {
                ReceiverStatus status = new(s_receiver, store.Store.Findings, isEvents: false);
                TellingPlan plan = new(s_receiver, new RoutingTable([s_receiver], [.. routes], []), maxBatch, status);
                DateTimeOffset now = s_begin;
                List<StoredFinding> told = [];
                HashSet<long> done = [];
                long sequence = 0;
                long cursor = 0;
                foreach ((int level, int user, int seconds) in findings)
                {
                    now = now.AddSeconds(seconds);
                    plan.Take(TellingFixture.Finding((int)sequence, FindingLevel.All[level], user: $"u{user}") with { Sequence = sequence }, now, now);
                    sequence++;
                    Drain();
                }

                // Nothing more comes; what waits is told in the end.
                for (int i = 0; i < 200 && plan.Due is { } due; i++)
                {
                    Assert.True(due >= now || plan.Held > 0);
                    now = due > now ? due : now;
                    Drain();
                }

                Assert.Null(plan.Due);
                Assert.Equal(0, plan.Held);
                Assert.Equal(sequence, plan.Cursor(sequence));
                StoredFinding[] single = [.. told.Where(one => one.RuleId != RateSummary.RuleId)];
                Assert.Equal(single.Length, single.DistinctBy(one => one.Sequence).Count());
                Assert.Equal(status.RateLimited, told.Except(single).Sum(one => one.Count));
                Assert.Equal(findings.Count, single.Length + status.RateLimited + status.NotRouted);

                // Of one group, in order.
                Assert.All(single.GroupBy(one => (one.User, one.Level)), group => Assert.Equal(group.Select(one => one.Sequence).Order(), group.Select(one => one.Sequence)));

                void Drain()
                {
                    while (plan.Next(now) is { } notification)
                    {
                        Assert.InRange(notification.Length, 1, maxBatch);
                        long first = notification.Min(one => one.Sequence);
                        Assert.True(plan.Cursor(sequence) <= first);
                        told.AddRange(notification);
                        plan.Done(notification);
                    }

                    Assert.True(plan.Cursor(sequence) >= cursor);
                    cursor = plan.Cursor(sequence);
                }
            },
            iter: 500);
    }

    [Fact]
    public async Task What_waits_is_bounded_in_number_and_bytes()
    {
        await using TellingFixture store = new();
        Route route = new("r", FindingMatcher.Everything, ["a"]) { Grouping = new Grouping([GroupKey.User], TimeSpan.FromHours(1), TimeSpan.FromHours(1)) };
        foreach (int size in new[] { 10, 1024 * 1024 })
        {
            TellingPlan plan = new(s_receiver, new RoutingTable([s_receiver], [route], []), 100, new ReceiverStatus(s_receiver, store.Store.Findings, isEvents: false));
            long sequence = 0;
            while (!plan.IsFull)
            {
                plan.Take(TellingFixture.Finding((int)sequence, user: new string('u', size) + sequence) with { Sequence = sequence }, s_begin, s_begin);
                sequence++;
            }

            Assert.Equal(size == 10 ? TellingPlan.MaxHeld : 32, sequence);
            ImmutableArray<StoredFinding> early = plan.Next(s_begin)!.Value;
            plan.Done(early);
            Assert.False(plan.IsFull);
        }
    }

    [Fact]
    public async Task A_notification_is_bounded_in_bytes_but_for_a_single_finding()
    {
        await using TellingFixture store = new();
        TellingPlan plan = new(s_receiver, TellingFixture.Table(s_receiver), 100, new ReceiverStatus(s_receiver, store.Store.Findings, isEvents: false));
        for (int i = 0; i < 3; i++)
        {
            plan.Take(TellingFixture.Finding(i, user: new string('u', 700_000)) with { Sequence = i }, s_begin, s_begin);
        }

        Assert.Single(plan.Next(s_begin)!.Value);
    }

    [Fact]
    public async Task An_update_of_what_still_waits_takes_its_place()
    {
        await using TellingFixture store = new();
        Route route = new("r", FindingMatcher.Everything, ["a"]) { Grouping = new Grouping([], TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1)) };
        TellingPlan plan = new(s_receiver with { Updates = true }, new RoutingTable([s_receiver], [route], []), 100, new ReceiverStatus(s_receiver, store.Store.Findings, isEvents: false));
        plan.Take(TellingFixture.Finding(1) with { Sequence = 5 }, s_begin, s_begin);
        plan.Take(TellingFixture.Finding(1, count: 9, isUpdate: true) with { Sequence = 6 }, s_begin, s_begin);

        StoredFinding told = Assert.Single(plan.Next(s_begin.AddMinutes(1))!.Value);
        Assert.Equal((5, 9), (told.Sequence, told.Count));
    }
}
