using System.Collections.Immutable;

namespace Vedette.Detection.Explaining;

/// <summary>What became of a part of a condition.</summary>
public enum Verdict
{
    /// <summary>It does not hold.</summary>
    False,

    /// <summary>The event does not show it: its level has no such body.</summary>
    NotEvaluable,

    /// <summary>It holds.</summary>
    True,
}

/// <summary>One part of a condition and what became of it on an event.</summary>
/// <param name="Text">The part as a person reads it: <c>all of</c>, <c>any of</c>, <c>not</c>, or a test.</param>
/// <param name="Verdict">What became of it.</param>
/// <param name="Parts">Its parts; empty for a test.</param>
public sealed record Explanation(string Text, Verdict Verdict, ImmutableArray<Explanation> Parts)
{
    /// <summary>The search identifier that the test stands in.</summary>
    public string? Search { get; init; }

    /// <summary>The field a test looks at.</summary>
    public string? Field { get; init; }

    /// <summary>The field's values in the event, cut; empty where it has none.</summary>
    public ImmutableArray<string> Values { get; init; } = [];

    /// <summary>Line of the test in its file; 0 when not known.</summary>
    public int Line { get; init; }
}

/// <summary>Why a rule fired on an event or did not.</summary>
/// <param name="Verdict">Of the rule, its filters included.</param>
/// <param name="Condition">Its condition.</param>
/// <param name="Filters">Its filters, each with what became of its condition; one that does not hold suppresses the event.</param>
/// <param name="Beyond">What is needed beyond one event, for rules that look at more; else null.</param>
public sealed record RuleExplanation(Verdict Verdict, Explanation Condition, ImmutableArray<(string Filter, Explanation Condition)> Filters, string? Beyond);
