using System.Text;
using Vedette.Pipeline.Scanning;
using Vedette.Pipeline.Simulation;
using Vedette.Policy.Loading;
using Vedette.Policy.Model;
using Vedette.Sources.Files;
using Vedette.Tests;
using Xunit;

namespace Vedette.Pipeline.Tests;

/// <summary>Rules over what a policy leaves of a log.</summary>
public class PolicyReplayTests
{
    private const string Head = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n";

    [Fact]
    public void A_policy_without_bodies_makes_rules_blind_that_need_them()
    {
        PolicyReplayResult result = Replay(Head + "- level: Metadata\n");
        RuleReplay privileged = Assert.Single(result.Rules, rule => rule.Title == "Privileged container");
        Assert.True(privileged.FindingsBefore > 0);
        Assert.Equal(0, privileged.FindingsAfter[0]);
        Assert.True(privileged.BlindAfter[0] > privileged.BlindBefore);
        RuleReplay exec = Assert.Single(result.Rules, rule => rule.Title == "Command run in a container");
        Assert.True(exec.FindingsBefore > 0);
        Assert.Equal(exec.FindingsBefore, exec.FindingsAfter[0]);
    }

    [Fact]
    public void A_policy_that_records_all_keeps_all_findings_and_emits_the_log_itself()
    {
        using MemoryStream emitted = new();
        PolicyReplayResult result = Replay(Head + "- level: RequestResponse\n", emitted);
        Assert.All(result.Rules, rule => Assert.Equal((rule.FindingsBefore, rule.BlindBefore), (rule.FindingsAfter[0], rule.BlindAfter[0])));
        Assert.Equal(SharedData.ReadCase("replay/audit-all-rr.log.gz"), emitted.ToArray());
        Assert.True(result.First < result.Last);
    }

    private static PolicyReplayResult Replay(string text, Stream? emit = null)
    {
        AuditPolicy policy = PolicyLoader.Load("policy.yaml", Encoding.UTF8.GetBytes(text)).Policy!;
        return PolicyReplay.Run(
            LogInputs.Find([SharedData.Case("replay/audit-all-rr.log.gz")]), [policy], Rules.Pack, emit, new ScanOptions(), TestContext.Current.CancellationToken);
    }
}
