using Vedette.Audit.Batches;
using Vedette.Audit.Events;
using Vedette.Audit.Shapes;
using Vedette.Detection.Engine;
using Vedette.Tests;
using Xunit;

namespace Vedette.Pipeline.Tests;

/// <summary>What an event costs that no rule matches.</summary>
public class AllocationTests
{
    private static readonly CompiledRules s_rules = Rules.Of(
        """
        title: Fields of the event
        id: 6b1c3b3e-0000-4000-8000-000000000001
        logsource: {product: kubernetes, service: audit}
        detection: {some: {verb: [get, list, watch], user.username: nobody}, other: {userAgent|contains: [nmap, masscan], requestURI|startswith: /nowhere}, condition: some or other}
        level: high
        """,
        """
        title: Fields of the body
        id: 6b1c3b3e-0000-4000-8000-000000000002
        logsource: {product: kubernetes, service: audit}
        detection: {pod: {requestObject.spec.nodeName: nowhere}, condition: pod}
        level: high
        """);

    [Theory]
    [InlineData("replay/audit-all-rr.log.gz")]
    [InlineData("replay/audit-gce.log.gz")]
    public void A_real_log_that_no_rule_on_fields_matches_allocates_nothing(string log)
    {
        byte[] bytes = SharedData.ReadCase(log);
        using EventBatch batch = new(bytes.Length);
        batch.Append(bytes);
        AuditLogReader reader = new("log", new RejectLog());
        RuleEvaluator evaluator = new(s_rules);

        int matches = 0;
        long allocated = Allocations.OnceSettled(() => { matches += Matches(reader, batch, evaluator); });
        Assert.InRange(batch.Count, 500, int.MaxValue);
        Assert.Equal(0, matches);
        Assert.Equal(0, allocated);
    }

    private static int Matches(AuditLogReader reader, EventBatch batch, RuleEvaluator evaluator)
    {
        int matches = 0;
        batch.Reset(0);
        reader.Begin(batch, isFinal: false);
        while (reader.TryRead(out EventView view))
        {
            matches += evaluator.Evaluate(view).Count;
        }

        return matches;
    }
}
