using System.Globalization;
using Vedette.Detection.Rules;
using Vedette.Detection.Sigma;

namespace Vedette.Detection.Correlations;

/// <summary>When a correlation's condition is decided.</summary>
internal enum Decision
{
    /// <summary>With each match: the figure only grows while a window fills.</summary>
    AtOnce,

    /// <summary>When the window closes: what comes later can still change the answer. The window begins with the first match of its group.</summary>
    AtClose,

    /// <summary>When the window closes, for an expression with <c>not</c>: a window begins with every match that the expression asks for.</summary>
    AtCloseOfEach,
}

/// <summary>A correlation rule made ready to run: its rules are numbered.</summary>
internal sealed class CompiledCorrelation
{
    private readonly Dictionary<string, int> _inputs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _inputOfRule = new(StringComparer.Ordinal);

    /// <summary>Prepares one.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="place">Its place in the plan.</param>
    public CompiledCorrelation(CorrelationRule rule, int place)
    {
        Rule = rule;
        Place = place;
        Span = rule.Timespan.Ticks;
        Decision = rule.Extended is { } expression ? HasNot(expression) ? Decision.AtCloseOfEach : Decision.AtOnce
            : rule.Type is CorrelationType.ValueAverage or CorrelationType.ValuePercentile or CorrelationType.ValueMedian
                || rule.Threshold!.Comparisons.Any(comparison => comparison.IsNegated || comparison.Operator is not (Comparison.Greater or Comparison.GreaterOrEqual))
            ? Decision.AtClose : Decision.AtOnce;
    }

    /// <summary>The rule.</summary>
    public CorrelationRule Rule { get; }

    /// <summary>Its place in the plan.</summary>
    public int Place { get; }

    /// <summary>What its windows depend on, as a text: windows saved under another shape mean something else.</summary>
    public string Shape => string.Join(
        '\n',
        [
            Rule.Type.ToString(), Span.ToString(CultureInfo.InvariantCulture), Decision.ToString(), .. Rule.Rules, "by", .. Rule.GroupBy, "of", .. Rule.Threshold?.Fields ?? [],
            .. Rule.Aliases.OrderBy(alias => alias.Key, StringComparer.Ordinal)
                .SelectMany(alias => alias.Value.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{alias.Key}: {pair.Key}: {pair.Value}")),
        ]);

    /// <summary>Length of the window in ticks.</summary>
    public long Span { get; }

    /// <summary>How long a match is kept.</summary>
    public long Retention => Decision == Decision.AtCloseOfEach ? 2 * Span : Span;

    /// <summary>When it is decided.</summary>
    public Decision Decision { get; }

    /// <summary>Number of rules it refers to, each once.</summary>
    public int InputCount { get; private set; }

    /// <summary>True when the order of the rules counts.</summary>
    public bool IsOrdered => Rule.Type == CorrelationType.TemporalOrdered;

    /// <summary>True when nothing counts that happened before a match of the first rule: the order counts, and every rule must match.</summary>
    public bool BeginsWithFirst => IsOrdered && Rule.Threshold?.Comparisons is [{ IsNegated: false } only]
        && (only.Operator == Comparison.GreaterOrEqual ? only.Value >= InputCount : only.Operator == Comparison.Greater && only.Value >= InputCount - 1);

    /// <summary>Gives a rule its number; two names of one rule have one.</summary>
    public int AddInput(string name, string ruleId)
    {
        if (!_inputOfRule.TryGetValue(ruleId, out int input))
        {
            input = InputCount++;
            _inputOfRule.Add(ruleId, input);
        }

        _inputs[name] = input;
        return input;
    }

    /// <summary>The number of a rule by the name the correlation uses.</summary>
    public int InputOf(string name) => _inputs[name];

    /// <summary>True when the expression asks for this rule, not only for its absence.</summary>
    public bool Wants(int input) => Rule.Extended is not { } expression || Wants(expression, input, wanted: true);

    private bool Wants(ConditionExpression expression, int input, bool wanted) => expression switch
    {
        ConditionExpression.Name name => wanted && InputOf(name.Identifier) == input,
        ConditionExpression.All all => all.Of.Any(part => Wants(part, input, wanted)),
        ConditionExpression.Any any => any.Of.Any(part => Wants(part, input, wanted)),
        ConditionExpression.Not not => Wants(not.Of, input, !wanted),
        _ => false,
    };

    private static bool HasNot(ConditionExpression expression) => expression switch
    {
        ConditionExpression.Not => true,
        ConditionExpression.All all => all.Of.Any(HasNot),
        ConditionExpression.Any any => any.Of.Any(HasNot),
        _ => false,
    };
}
