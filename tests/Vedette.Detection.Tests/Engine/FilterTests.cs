using Vedette.Detection.Engine;
using Vedette.Detection.Rules;
using Xunit;

namespace Vedette.Detection.Tests.Engine;

public class FilterTests
{
    private static readonly DetectionRule s_rule = Events.Rule(Events.Field("verb", "get")) with
    {
        Filters =
        [
            new RuleFilter { Id = "a", Name = "a", Title = "a", Condition = new Condition.Not(Events.Field("user.username", "bot")) },
            new RuleFilter { Id = "b", Name = "b", Title = "b", Condition = new Condition.Not(Events.Field("requestObject.spec.x", "y")) },
        ],
    };

    [Fact]
    public void What_each_filter_suppresses_is_counted_where_the_rule_would_have_fired()
    {
        RuleEvaluator evaluator = new(CompiledRules.Compile([s_rule]));
        Assert.Single(evaluator.Evaluate(Events.Decode("""{"verb":"get","user":{"username":"eve"}}""")));
        Assert.Empty(evaluator.Evaluate(Events.Decode("""{"verb":"get","user":{"username":"bot"}}""")));
        Assert.Empty(evaluator.Evaluate(Events.Decode("""{"verb":"list","user":{"username":"bot"}}""")));
        Assert.Empty(evaluator.Evaluate(Events.Decode("""{"verb":"get","user":{"username":"bot"},"requestObject":{"spec":{"x":"y"}}}""")));
        Assert.Empty(evaluator.Evaluate(Events.Decode("""{"verb":"get","requestObject":{"spec":{"x":"y"}}}""")));
        Assert.Equal([2L, 1L], evaluator.Suppressed(0).ToArray());
        Assert.Equal(1, evaluator.Matched[0]);
    }

    [Fact]
    public void A_rule_is_not_blind_where_a_filter_would_have_suppressed_it()
    {
        DetectionRule rule = s_rule with { Condition = Events.Field("requestObject.spec.secret", "z") };
        RuleEvaluator evaluator = new(CompiledRules.Compile([rule]));
        evaluator.Evaluate(Events.Decode("""{"level":"Metadata","verb":"create","user":{"username":"bot"}}"""));
        Assert.Equal(0, evaluator.Blind[0]);
        evaluator.Evaluate(Events.Decode("""{"level":"Metadata","verb":"create","user":{"username":"eve"}}"""));
        Assert.Equal(1, evaluator.Blind[0]);
    }
}
