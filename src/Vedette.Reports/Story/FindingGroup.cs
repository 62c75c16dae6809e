using System.Collections.Immutable;
using Vedette.Detection.Findings;
using Vedette.Reports.Text;

namespace Vedette.Reports.Story;

/// <summary>Findings of one rule about one actor.</summary>
/// <param name="Actor">The actor.</param>
/// <param name="Findings">The findings in order of time; never empty.</param>
internal sealed record FindingGroup(ReportActor Actor, ImmutableArray<Finding> Findings)
{
    /// <summary>How often it happened.</summary>
    public long Count { get; } = Findings.Sum(finding => (long)finding.Count);

    /// <summary>Time of the earliest finding.</summary>
    public DateTimeOffset? First { get; } = Findings.Min(finding => finding.Time);

    /// <summary>Time of the latest finding.</summary>
    public DateTimeOffset? Last { get; } = Findings.Max(finding => finding.Time);

    /// <summary>From when to when.</summary>
    public string Period => Wording.Period(First, Last);

    /// <summary>Findings that differ for the reader (what happened, from where), each with all that are like it.</summary>
    public ImmutableArray<ImmutableArray<Finding>> Alike() =>
        [.. Findings.GroupBy(finding => (finding.Message, finding.SourceIp, finding.UserAgent)).Select(same => same.ToImmutableArray())];
}
