using Vedette.Detection.Explaining;
using Vedette.Detection.Rules;
using Xunit;

namespace Vedette.Detection.Tests.Explanation;

public class RuleExplainerTests
{
    private static readonly DetectionRule s_rule = Events.Rule(new Condition.All(
    [
        Events.Field("verb", "create"),
        new Condition.Any([Events.Field("requestObject.spec.x", "y"), Events.Field("user.username", "eve")]),
        new Condition.Not(Events.Field("objectRef.namespace", "kube-system")),
    ]));

    [Fact]
    public void Every_part_has_its_verdict_and_the_value_that_was_there()
    {
        RuleExplanation explained = RuleExplainer.Explain(s_rule, Events.Decode("""{"level":"Metadata","verb":"create","user":{"username":"bob"},"objectRef":{"resource":"pods","namespace":"prod"}}"""));
        Assert.Equal(Verdict.NotEvaluable, explained.Verdict);
        Assert.Equal([Verdict.True, Verdict.NotEvaluable, Verdict.True], explained.Condition.Parts.Select(part => part.Verdict));
        Assert.Equal([Verdict.NotEvaluable, Verdict.False], explained.Condition.Parts[1].Parts.Select(part => part.Verdict));
        Assert.Equal(["bob"], explained.Condition.Parts[1].Parts[1].Values);
        Assert.Equal(["prod"], explained.Condition.Parts[2].Parts[0].Values);
    }

    [Fact]
    public void A_filter_that_suppresses_makes_the_rule_false()
    {
        DetectionRule filtered = s_rule with { Filters = [new RuleFilter { Id = "f", Name = "f", Title = "f", Condition = new Condition.Not(Events.Field("user.username", "eve")) }] };
        RuleExplanation explained = RuleExplainer.Explain(filtered, Events.Decode("""{"verb":"create","user":{"username":"eve"}}"""));
        Assert.Equal((Verdict.True, Verdict.False), (explained.Condition.Verdict, explained.Verdict));
        Assert.Equal(Verdict.False, Assert.Single(explained.Filters).Condition.Verdict);
    }

    [Fact]
    public void What_secrets_hold_is_not_shown_and_long_values_are_cut()
    {
        DetectionRule rule = Events.Rule(new Condition.All([Events.Field("requestObject.data.password", "*"), Events.Field("userAgent", "*")]));
        RuleExplanation explained = RuleExplainer.Explain(
            rule, Events.Decode($$$$"""{"verb":"create","userAgent":"{{{{new string('a', 500)}}}}","objectRef":{"resource":"secrets"},"requestObject":{"data":{"password":"aHVudGVyMg=="}}}"""));
        Assert.DoesNotContain("aHVudGVyMg", explained.Condition.Parts[0].Values[0], StringComparison.Ordinal);
        Assert.Equal(RuleExplainer.MaxValueLength + 1, explained.Condition.Parts[1].Values[0].Length);
    }
}
