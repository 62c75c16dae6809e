using System.Collections.Immutable;
using System.Text;
using Vedette.Audit.Needs;
using Vedette.Detection.Needs;
using Vedette.Pipeline.Scanning;
using Vedette.Pipeline.Simulation;
using Vedette.Policy.Deriving;
using Vedette.Policy.Loading;
using Vedette.Policy.Model;
using Vedette.Policy.Sight;
using Vedette.Sources.Files;
using Vedette.Tests;
using Xunit;

namespace Vedette.Pipeline.Tests;

public class PolicyBudgetTests
{
    [Theory]
    [InlineData(900_000)]
    [InlineData(300_000)]
    public void A_budget_is_kept_and_what_it_costs_is_told(long maxBytes)
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        LogInput[] log = [.. LogInputs.Find([SharedData.Case("replay/audit-all-rr.log.gz")])];
        ImmutableArray<RuleNeeds> needs = new NeedAnalysis().Of(Rules.PackSet);
        PolicyDerivation derivation = PolicyDerivation.Within(needs, AuditLevel.Metadata, PolicyReplay.Measure(log, new ScanOptions(), cancellation).Volumes, maxBytes);
        AuditPolicy policy = PolicyLoader.Load("derived", Encoding.UTF8.GetBytes(DerivedPolicyYaml.Write(derivation, explain: false)), KubernetesVersion.Default).Policy!;
        PolicyReplayResult result = PolicyReplay.Run(log, [policy], Rules.Pack, null, new ScanOptions(), cancellation);
        Assert.InRange(result.Simulators[0].Total.After.Bytes, maxBytes / 2, maxBytes);
        HashSet<string> told = [.. PolicySight.Of(policy, needs).Where(sight => sight.Missed is not null || sight.Blurred is not null).Select(sight => sight.Rule.Id)];
        Assert.All(result.Rules.Where(rule => rule.Lost[0] + rule.Gained[0] > 0), rule => Assert.Contains(rule.Id, told));
        Assert.All(derivation.Cuts.SelectMany(cut => cut.Lost), rule => Assert.Contains(rule.Id, told));
        Assert.Contains(derivation.Losses, loss => loss.Why == "the budget");
    }
}
