using System.Collections.Immutable;

namespace Vedette.Sinks;

/// <summary>Levels of findings as words, in their order. A finding whose rule has no level counts as low: it is told, and wakes nobody.</summary>
public static class FindingLevel
{
    /// <summary>What a finding without a level counts as.</summary>
    public const string Unset = "low";

    /// <summary>The levels, lowest first.</summary>
    public static ImmutableArray<string> All { get; } = ["informational", "low", "medium", "high", "critical"];

    /// <summary>The level of a finding.</summary>
    public static string Of(StoredFinding finding) => finding.Level is { } level && All.Contains(level, StringComparer.Ordinal) ? level : Unset;

    /// <summary>Its place among the levels, from 0.</summary>
    public static int Rank(string level) => All.IndexOf(level);
}
