using System.Text;
using Vedette.Detection.Engine;
using Vedette.Detection.Rules;
using Vedette.Detection.Sigma;
using Vedette.Detection.Testing;
using Vedette.Detection.Tuning;
using Xunit;

namespace Vedette.Detection.Tests.Tuning;

public class RuleTunerTests
{
    private static readonly DetectionRule s_rule = Events.Rule(Events.Field("objectRef.resource", "secrets"), "Secrets read");

    private static string Event(string user, string name, string space = "prod") =>
        $$$"""{"verb":"get","user":{"username":"{{{user}}}"},"objectRef":{"resource":"secrets","namespace":"{{{space}}}","name":"{{{name}}}"}}""";

    private static RuleTest Test(string json) => new("t", true, [Encoding.UTF8.GetBytes(json)], false, null, 1, null);

    private static System.Collections.Immutable.ImmutableArray<ExclusionProposal> Propose(string test, params (string Json, int Times)[] events)
    {
        RuleTuner tuner = new(CompiledRules.Compile([s_rule]));
        foreach ((string json, int times) in events)
        {
            for (int i = 0; i < times; i++)
            {
                tuner.Add(Events.Decode(json));
            }
        }

        return ExclusionProposal.For(Assert.Single(tuner.Noise()), [Test(test)]);
    }

    [Fact]
    public void What_one_identity_does_often_to_the_same_object_is_proposed_and_exact()
    {
        ExclusionProposal proposal = Assert.Single(Propose(Event("eve", "x"), (Event("bot*", "db"), 20), (Event("alice", "db"), 3)));
        Assert.Equal(20, proposal.Suppresses);
        RuleFilter filter = Assert.Single(SigmaLoader.Load([new SigmaFile("f", proposal.Yaml)], new SigmaOptions()).Filters);
        RuleEvaluator evaluator = new(CompiledRules.Compile([s_rule with { Filters = [filter] }]));
        Assert.Empty(evaluator.Evaluate(Events.Decode(Event("bot*", "db"))));
        Assert.Single(evaluator.Evaluate(Events.Decode(Event("bots", "db"))));
        Assert.Single(evaluator.Evaluate(Events.Decode(Event("bot*", "other"))));
        Assert.Single(evaluator.Evaluate(Events.Decode(Event("bot*", "db", "kube-system"))));
    }

    [Fact]
    public void Nothing_is_proposed_that_would_lose_a_test_or_for_what_was_rare_or_anonymous()
    {
        Assert.Empty(Propose(Event("bot", "db"), (Event("bot", "db"), 20)));
        Assert.Empty(Propose(Event("eve", "x"), (Event("bot", "db"), ExclusionProposal.MinCount - 1)));
        Assert.Empty(Propose(Event("eve", "x"), (Event("system:anonymous", "db"), 50)));
    }
}
