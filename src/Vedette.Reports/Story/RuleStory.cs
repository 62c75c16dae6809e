using System.Collections.Immutable;
using Vedette.Detection.Rules;

namespace Vedette.Reports.Story;

/// <summary>A rule that fired, and about whom.</summary>
/// <param name="Number">Its place in the report, from 1; also its anchor.</param>
/// <param name="Rule">The rule.</param>
/// <param name="Groups">One per actor, in order of time; never empty.</param>
internal sealed record RuleStory(int Number, DetectionRule Rule, ImmutableArray<FindingGroup> Groups)
{
    /// <summary>Number of its findings.</summary>
    public int Findings { get; } = Groups.Sum(group => group.Findings.Length);

    /// <summary>Time of the earliest finding.</summary>
    public DateTimeOffset? First { get; } = Groups.Min(group => group.First);

    /// <summary>Time of the latest finding.</summary>
    public DateTimeOffset? Last { get; } = Groups.Max(group => group.Last);
}
