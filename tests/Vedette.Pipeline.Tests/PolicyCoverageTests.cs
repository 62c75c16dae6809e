using System.Collections.Immutable;
using System.Text;
using Vedette.Audit.Needs;
using Vedette.Detection.Needs;
using Vedette.Documents;
using Vedette.Pipeline.Scanning;
using Vedette.Pipeline.Simulation;
using Vedette.Policy.Deriving;
using Vedette.Policy.Linting;
using Vedette.Policy.Loading;
using Vedette.Policy.Model;
using Vedette.Policy.Sight;
using Vedette.Sources.Files;
using Vedette.Tests;
using Xunit;

namespace Vedette.Pipeline.Tests;

/// <summary>What coverage says of a policy is held against rules run on what the policy leaves of logs taken from a running kube-apiserver.</summary>
public class PolicyCoverageTests
{
    [Theory]
    [InlineData("audit-all-rr.log.gz")]
    [InlineData("audit-gce.log.gz")]
    [InlineData("audit-nasty-a.log.gz")]
    [InlineData("audit-seed.log.gz")]
    public void A_rule_that_can_never_fire_does_not_and_one_that_always_can_does_whenever_it_does_on_the_full_log(string log)
    {
        AuditPolicy[] policies =
        [
            .. Directory.EnumerateFiles(Path.Combine(SharedData.Root, "policies"), "*.yaml").Concat(Directory.EnumerateFiles(SharedData.Case("apiserver/policies"), "*.yaml")).Order(StringComparer.Ordinal)
                .Select(file => PolicyLoader.Load(file, File.ReadAllBytes(file), KubernetesVersion.Default).Policy!),
        ];
        ImmutableArray<RuleNeeds> needs = new NeedAnalysis().Of(Rules.PackSet);
        Dictionary<string, RuleSight>[] sights = [.. policies.Select(policy => PolicySight.Of(policy, needs).ToDictionary(sight => sight.Rule.Id, StringComparer.Ordinal))];
        ImmutableArray<RuleReplay> replays = PolicyReplay.Run(
            LogInputs.Find([SharedData.Case("replay/" + log)]), policies, Rules.Pack, null, new ScanOptions(), TestContext.Current.CancellationToken).Rules;
        Assert.Contains(replays, replay => replay.FindingsBefore > 0);
        foreach ((int index, AuditPolicy policy) in policies.Index())
        {
            foreach (RuleReplay replay in replays)
            {
                CanFire sight = sights[index][replay.Id].CanFire;
                string about = $"{replay.Title} under {policy.File}: {replay.FindingsBefore} before, {replay.FindingsAfter[index]} after, {sight}";
                Assert.False(sight == CanFire.Never && replay.FindingsAfter[index] > 0, about);
                Assert.False(sight == CanFire.Always && replay.FindingsAfter[index] < replay.FindingsBefore, about);
            }
        }
    }

    [Fact]
    public void The_policy_derived_from_the_pack_keeps_its_findings_and_a_fraction_of_the_log()
    {
        ImmutableArray<RuleNeeds> needs = new NeedAnalysis().Of(Rules.PackSet);
        string yaml = DerivedPolicyYaml.Write(PolicyDerivation.Of(needs, AuditLevel.None), explain: true);
        LoadedPolicy loaded = PolicyLoader.Load("derived", Encoding.UTF8.GetBytes(yaml), KubernetesVersion.Default);
        Assert.DoesNotContain(PolicyLinter.Lint(loaded, yaml), found => found.Severity == DiagnosticSeverity.Error);
        Assert.DoesNotContain(PolicyLinter.Lint(loaded, yaml), found => found.Code is "VP2050" or "VP2041");
        using MemoryStream emitted = new();
        PolicyReplayResult result = PolicyReplay.Run(
            LogInputs.Find([SharedData.Case("replay/audit-all-rr.log.gz")]), [loaded.Policy!], Rules.Pack, emitted, new ScanOptions(), TestContext.Current.CancellationToken);
        string[] lost = [.. PolicySight.Of(loaded.Policy!, needs).Where(sight => sight.Missed is not null).Select(sight => sight.Rule.Title)];
        Assert.Equal(["Long-lived service account token created", "Service account token with a long life requested"], lost.Order(StringComparer.Ordinal));
        Assert.All(result.Rules.Where(rule => !lost.Contains(rule.Title)), rule => Assert.Equal((rule.Title, rule.FindingsBefore, 0, 0), (rule.Title, rule.FindingsAfter[0], rule.Lost[0], rule.Gained[0])));
        Assert.True(emitted.Length * 3 < SharedData.ReadCase("replay/audit-all-rr.log.gz").Length * 2, $"{emitted.Length} bytes");
    }
}
