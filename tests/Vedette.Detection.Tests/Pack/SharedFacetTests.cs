using System.Text;
using Vedette.Audit.Decoding;
using Vedette.Audit.Events;
using Vedette.Detection.Engine;
using Vedette.Detection.Stateful;
using Vedette.Tests;
using Xunit;

namespace Vedette.Detection.Tests.Pack;

public class SharedFacetTests
{
    private static readonly DateTimeOffset s_arrival = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("replay/audit-all-rr.log.gz")]
    [InlineData("replay/audit-gce.log.gz")]
    public void Clusters_that_share_what_is_remembered_of_facets_match_what_each_matches_by_itself(string log)
    {
        ClusterDetectors clusters = new(PackRules.Compiled, new EventOrderOptions { Lateness = StreamDetector.DefaultLateness }, maxClusters: 2, memory: 64 * 1024 * 1024);
        RuleEvaluator[] alone = [new(PackRules.Compiled), new(PackRules.Compiled)];
        EventDecoder decoder = new();
        string[] lines = Encoding.UTF8.GetString(SharedData.ReadCase(log)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        for (int i = 0; i < 2 * lines.Length; i++)
        {
            // Now the one and now the other, so that each goes on with what the other has learnt; the second time around all of it is known.
            int cluster = i * 7 % 5 % 2;
            Assert.Equal(DecodeStatus.Ok, decoder.Decode(Encoding.UTF8.GetBytes(lines[i % lines.Length]), out EventView view));
            clusters.Of(cluster == 0 ? "one" : "two")!.Add(view, "s", s_arrival, i);
            alone[cluster].Evaluate(view);
        }

        Assert.Contains(alone[0].Matched.ToArray(), count => count > 0);
        Assert.Equal(alone[0].Matched, clusters.Of("one")!.Evaluator.Matched);
        Assert.Equal(alone[1].Matched, clusters.Of("two")!.Evaluator.Matched);
        Assert.Equal(alone[0].Blind, clusters.Of("one")!.Evaluator.Blind);
        Assert.Equal(alone[1].Blind, clusters.Of("two")!.Evaluator.Blind);
    }
}
