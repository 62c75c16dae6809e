using Vedette.Detection.Coverage;
using Vedette.Detection.Sigma;
using Xunit;

namespace Vedette.Detection.Tests.Coverage;

public class RuleCoverageTests
{
    private static SigmaRuleSet Tagged(params string[] tags) => new([Events.Rule(Events.Field("verb", "get")) with { Tags = [.. tags] }], [], []);

    private static string[] Covered(SigmaRuleSet set) => [.. RuleCoverage.OfAttack(set).Concat(RuleCoverage.OfThreatMatrix(set)).Where(technique => !technique.Rules.IsEmpty).Select(technique => technique.Technique.Id)];

    [Theory]
    [InlineData("attack.t1609", "T1609")]
    [InlineData("attack.t1078.001", "T1078")]
    [InlineData("attack.t1685", "T1562")]
    [InlineData("attack.t1562.001", "T1562")]
    [InlineData("attack.t16091", "")]
    [InlineData("attack.execution", "")]
    [InlineData("threat-matrix.exec-into-container", "MS-TA9006")]
    [InlineData("threat-matrix.ms-ta9006", "MS-TA9006")]
    public void A_tag_counts_for_its_technique_under_either_name(string tag, string expected) => Assert.Equal(expected, string.Join(',', Covered(Tagged(tag))));

    [Fact]
    public void Names_of_tactics_are_known_both_ways()
    {
        Assert.Contains("stealth", AttackMatrix.NamesOfTactic("defense-evasion"));
        Assert.Contains("defense-evasion", AttackMatrix.NamesOfTactic("defense-impairment"));
    }

    [Fact]
    public void A_log_of_metadata_cannot_show_what_needs_a_body()
    {
        LogSight sight = new();
        sight.Add(Events.Decode("""{"level":"Metadata","stage":"ResponseComplete","verb":"create"}"""));
        Assert.Contains("levels", sight.WhyUnseen(Events.Rule(Events.Field("requestObject.spec.x", "y"))), StringComparison.Ordinal);
        Assert.Contains("verbs", sight.WhyUnseen(Events.Rule(Events.Field("verb", "delete"))), StringComparison.Ordinal);
        Assert.Contains("stages", sight.WhyUnseen(Events.Rule(Events.Field("stage", "Panic"))), StringComparison.Ordinal);
        Assert.Null(sight.WhyUnseen(Events.Rule(Events.Field("user.username", "eve"))));
    }
}
