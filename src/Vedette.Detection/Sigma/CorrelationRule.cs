using System.Collections.Immutable;
using Vedette.Detection.Rules;

namespace Vedette.Detection.Sigma;

/// <summary>Types of Sigma correlations (specification 2.1.0, "Correlation rules"; value_median is pySigma's).</summary>
public enum CorrelationType
{
    /// <summary>event_count.</summary>
    EventCount,

    /// <summary>value_count.</summary>
    ValueCount,

    /// <summary>temporal.</summary>
    Temporal,

    /// <summary>temporal_ordered.</summary>
    TemporalOrdered,

    /// <summary>value_sum.</summary>
    ValueSum,

    /// <summary>value_avg.</summary>
    ValueAverage,

    /// <summary>value_percentile.</summary>
    ValuePercentile,

    /// <summary>value_median.</summary>
    ValueMedian,
}

/// <summary>A correlation rule, read and checked.</summary>
public sealed record CorrelationRule
{
    /// <summary>Title, id, level and what else informs; its condition is not used.</summary>
    public required DetectionRule Attributes { get; init; }

    /// <summary>What is correlated.</summary>
    public required CorrelationType Type { get; init; }

    /// <summary>Names or ids of the rules, as written; all of them exist.</summary>
    public required ImmutableArray<string> Rules { get; init; }

    /// <summary>Fields or aliases to group by; empty: one group for all.</summary>
    public ImmutableArray<string> GroupBy { get; init; } = [];

    /// <summary>Length of the window.</summary>
    public required TimeSpan Timespan { get; init; }

    /// <summary>How the figure compares; null for an extended condition.</summary>
    public CorrelationThreshold? Threshold { get; init; }

    /// <summary>Boolean expression over rules (temporal types only); null for a threshold.</summary>
    public ConditionExpression? Extended { get; init; }

    /// <summary>Alias to rule to field.</summary>
    public ImmutableDictionary<string, ImmutableDictionary<string, string>> Aliases { get; init; } =
        ImmutableDictionary<string, ImmutableDictionary<string, string>>.Empty;

    /// <summary>True: the rules referred to also fire on their own.</summary>
    public bool Generate { get; init; }
}

/// <summary>A correlation's condition.</summary>
/// <param name="Comparisons">One comparison, or two that make a range; all must hold.</param>
/// <param name="Fields">Fields whose values are counted or computed with.</param>
/// <param name="Percentile">For value_percentile, 0 to 100.</param>
public sealed record CorrelationThreshold(ImmutableArray<ThresholdComparison> Comparisons, ImmutableArray<string> Fields, decimal? Percentile);

/// <summary>How a figure compares.</summary>
/// <param name="Operator">How to compare.</param>
/// <param name="IsNegated">True for <c>neq</c>.</param>
/// <param name="Value">With what.</param>
public sealed record ThresholdComparison(Comparison Operator, bool IsNegated, decimal Value)
{
    /// <summary>Does it hold for this figure?</summary>
    public bool Holds(decimal figure) => IsNegated ^ Operator switch
    {
        Comparison.Greater => figure > Value,
        Comparison.GreaterOrEqual => figure >= Value,
        Comparison.Less => figure < Value,
        Comparison.LessOrEqual => figure <= Value,
        _ => figure == Value,
    };
}
