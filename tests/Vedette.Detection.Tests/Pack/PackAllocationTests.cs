using Vedette.Audit.Decoding;
using Vedette.Audit.Events;
using Vedette.Detection.Engine;
using Vedette.Tests;
using Xunit;

namespace Vedette.Detection.Tests.Pack;

/// <summary>What an event costs that no rule of the pack matches.</summary>
public class PackAllocationTests
{
    [Theory]
    [InlineData("replay/audit-all-rr.log.gz", false)]
    [InlineData("replay/audit-all-rr.log.gz", true)]
    [InlineData("replay/audit-gce.log.gz", false)]
    [InlineData("replay/audit-gce.log.gz", true)]
    public void An_event_that_no_rule_of_the_pack_matches_allocates_nothing(string log, bool isEveryRuleAsked)
    {
        byte[] lines = SharedData.ReadCase(log);
        RuleEvaluator evaluator = new(PackRules.Compiled);
        EventDecoder decoder = new();

        long unmatched = 0;
        long allocated = Allocations.OnceSettled(() =>
        {
            (unmatched, long bytes) = Unmatched(lines, decoder, evaluator, isEveryRuleAsked);
            return bytes;
        });
        Assert.InRange(unmatched, 300, int.MaxValue);
        Assert.Equal(0, allocated);
    }

    private static (long Events, long AllocatedBytes) Unmatched(byte[] log, EventDecoder decoder, RuleEvaluator evaluator, bool isEveryRuleAsked)
    {
        long events = 0;
        long allocated = 0;
        foreach (Range line in log.AsSpan().Split((byte)'\n'))
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            if (decoder.Decode(log.AsSpan(line), out EventView view) == DecodeStatus.Ok && (isEveryRuleAsked ? evaluator.EvaluateAll(view) : evaluator.Evaluate(view)).Count == 0)
            {
                events++;
                allocated += GC.GetAllocatedBytesForCurrentThread() - before;
            }
        }

        return (events, allocated);
    }
}
