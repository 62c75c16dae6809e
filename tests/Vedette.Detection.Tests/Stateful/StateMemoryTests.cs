using Vedette.Detection.Stateful;
using Xunit;

namespace Vedette.Detection.Tests.Stateful;

/// <summary>What is remembered stays within its bytes, they are about what it takes, and what is given up is what would be missed least, and counted.</summary>
public class StateMemoryTests
{
    [Fact]
    public void Fed_far_more_than_it_may_remember_it_stays_within_its_bytes_and_counts_what_it_gave_up()
    {
        StateMemory memory = new(8 * 1024 * 1024);
        StreamDetector[] detectors = [new(ManyEvents.Rules, "one", ManyEvents.Unbounded, memory), new(ManyEvents.Rules, "two", ManyEvents.Unbounded, memory)];
        double[] fullest = new double[Shares(memory).Length];
        for (int i = 0; i < 60_000; i++)
        {
            StreamDetector detector = detectors[i % 3 == 0 ? 0 : 1];
            ManyEvents.Add(detector, i * 0.001, group: i / 3);
            detector.Take();
            foreach ((int place, MemoryShare share) in Shares(memory).Index())
            {
                Assert.InRange(share.Used, 0, share.Limit);
                fullest[place] = Math.Max(fullest[place], (double)share.Used / share.Limit);
            }
        }

        StateStatistics given = detectors[0].Statistics + detectors[1].Statistics;
        Assert.True(given is { Forced: > 0, EvictedGroups: > 0, EvictedTerms: > 0, EvictedFindings: > 0 }, given.ToString());
        Assert.All(fullest, share => Assert.InRange(share, 0.95, 1));
    }

    [Fact]
    public void A_cluster_with_little_keeps_it_while_another_fills_the_memory()
    {
        StateMemory memory = new(4 * 1024 * 1024);
        (StreamDetector quiet, StreamDetector loud) = (new(ManyEvents.Rules, "quiet", ManyEvents.Unbounded, memory), new(ManyEvents.Rules, "loud", ManyEvents.Unbounded, memory));
        for (int i = 0; i < 30_000; i++)
        {
            if (i % 1_000 == 0)
            {
                ManyEvents.Add(quiet, i * 0.01, group: i);
            }

            ManyEvents.Add(loud, i * 0.01, group: i);
        }

        Assert.Equal(new StateStatistics(), quiet.Statistics);
        Assert.True(loud.Statistics is { EvictedGroups: > 1_000, EvictedTerms: > 1_000, EvictedFindings: > 1_000, Forced: > 1_000 });
    }

    [Fact]
    public void All_that_was_counted_is_given_back()
    {
        StateMemory memory = new();
        StatefulDetector detector = new(ManyEvents.Rules, memory);
        EventMatch match = Log.Match(ManyEvents.Rules, ManyEvents.Event(0, 0));
        for (int i = 0; i < 1_000; i++)
        {
            detector.Process(Log.With(match, i, $"{i}", Log.Field("g", $"{i % 7}"), Log.Field("p", "x"), Log.Field("v", $"{i}")) with { Request = (UInt128)i });
        }

        Assert.All([memory.Windows, memory.Terms, memory.Findings], share => Assert.True(share.Used > 0));
        detector.Complete();
        Assert.Equal(0, memory.Findings.Used);
        detector.EndLearning();
        Assert.Equal(0, memory.Windows.Used);
        detector.Process(match with { At = Log.Start.AddYears(10) });
        Assert.InRange(memory.Terms.Used, 1, 2_000);
    }

    [Fact]
    public void A_match_that_must_go_on_before_its_time_does_so_in_its_own_cluster()
    {
        StateMemory memory = new(300_000);
        (StreamDetector first, StreamDetector second) = (new(ManyEvents.Rules, "first", ManyEvents.Unbounded, memory), new(ManyEvents.Rules, "second", ManyEvents.Unbounded, memory));
        for (int i = 0; i < 100; i++)
        {
            ManyEvents.Add(first, i * 0.001, i);
        }

        Assert.Equal(0, first.Statistics.Forced);
        first.Take();
        for (int i = 0; first.Statistics.Forced == 0; i++)
        {
            ManyEvents.Add(second, i * 0.001, 0);
            Assert.True(i < 100);
        }

        Assert.All(first.Take(), told => Assert.Equal("first", told.Finding.Cluster));
    }

    private static MemoryShare[] Shares(StateMemory memory) => [memory.Order, memory.Windows, memory.Terms, memory.Findings];
}
