using System.Collections.Immutable;
using Vedette.Detection.Findings;
using Vedette.Detection.Rules;
using Vedette.Pipeline.Scanning;

namespace Vedette.Reports.Story;

/// <summary>A scan's result put in the order in which a person reads it: the gravest first, by rule and actor, and once more actor by actor.</summary>
internal sealed class ScanStory
{
    /// <summary>Longest text of an event shown, in characters; what is cut is said.</summary>
    public const int MaxTextLength = 300;

    private ScanStory(ScanReport report)
    {
        Report = report;
        Rules =
        [
            .. Findings.GroupBy(finding => finding.Rule.Id, StringComparer.Ordinal).Select(same => (same.First().Rule, Groups: Group(same)))
                .OrderByDescending(pair => pair.Rule.Level).ThenBy(pair => pair.Groups[0].First ?? DateTimeOffset.MaxValue).ThenBy(pair => pair.Rule.Id, StringComparer.Ordinal)
                .Select((pair, index) => new RuleStory(index + 1, pair.Rule, pair.Groups)),
        ];
        Actors =
        [
            .. Findings.GroupBy(ReportActor.Of).Select(same => new ActorStory(same.Key, [.. same]))
                .OrderByDescending(actor => actor.Level).ThenByDescending(actor => actor.Findings.Count(finding => finding.Rule.Level == actor.Level))
                .ThenBy(actor => actor.First ?? DateTimeOffset.MaxValue).ThenBy(actor => actor.Actor.FullName, StringComparer.Ordinal),
        ];
        Levels = [.. s_levels.Select(level => (level, Findings.Count((Finding finding) => finding.Rule.Level == level))).Where(pair => pair.level != RuleLevel.Unset || pair.Item2 > 0)];
        Blind = [.. Statistics.Rules.Where(rule => rule.Blind > 0).OrderByDescending(rule => rule.Rule.Level).ThenByDescending(rule => rule.Blind).ThenBy(rule => rule.Rule.Id, StringComparer.Ordinal)];
        First = Findings.Min(finding => finding.Time);
        Last = Findings.Max(finding => finding.Time);
    }

    private static readonly RuleLevel[] s_levels = [RuleLevel.Critical, RuleLevel.High, RuleLevel.Medium, RuleLevel.Low, RuleLevel.Informational, RuleLevel.Unset];

    /// <summary>What is told.</summary>
    public ScanReport Report { get; }

    /// <summary>The findings in order of time.</summary>
    public ImmutableArray<Finding> Findings => Report.Result.Findings;

    /// <summary>What was read.</summary>
    public ScanStatistics Statistics => Report.Result.Statistics;

    /// <summary>Number of findings per level, the gravest first; without a level only when there are such.</summary>
    public ImmutableArray<(RuleLevel Level, int Findings)> Levels { get; }

    /// <summary>Rules that fired, the gravest first.</summary>
    public ImmutableArray<RuleStory> Rules { get; }

    /// <summary>Actors, the gravest first.</summary>
    public ImmutableArray<ActorStory> Actors { get; }

    /// <summary>Rules that could not be evaluated on some events, the gravest first.</summary>
    public ImmutableArray<RuleStatistics> Blind { get; }

    /// <summary>Time of the earliest finding.</summary>
    public DateTimeOffset? First { get; }

    /// <summary>Time of the latest finding.</summary>
    public DateTimeOffset? Last { get; }

    /// <summary>The gravest level; unset when there is no finding.</summary>
    public RuleLevel Gravest => Rules.IsEmpty ? RuleLevel.Unset : Rules[0].Rule.Level;

    /// <summary>Puts a result in order.</summary>
    public static ScanStory Of(ScanReport report) => new(report);

    private static ImmutableArray<FindingGroup> Group(IEnumerable<Finding> findings) =>
        [.. findings.GroupBy(ReportActor.Of).Select(same => new FindingGroup(same.Key, [.. same])).OrderBy(group => group.First ?? DateTimeOffset.MaxValue)
            .ThenBy(group => group.Actor.FullName, StringComparer.Ordinal)];
}
