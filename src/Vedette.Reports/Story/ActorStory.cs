using System.Collections.Immutable;
using Vedette.Audit.Text;
using Vedette.Detection.Findings;
using Vedette.Detection.Rules;

namespace Vedette.Reports.Story;

/// <summary>What one actor did, in order.</summary>
/// <param name="Actor">The actor.</param>
/// <param name="Findings">The findings about it, in order of time; never empty.</param>
internal sealed record ActorStory(ReportActor Actor, ImmutableArray<Finding> Findings)
{
    /// <summary>The gravest level.</summary>
    public RuleLevel Level { get; } = Findings.Max(finding => finding.Rule.Level);

    /// <summary>Time of the earliest finding.</summary>
    public DateTimeOffset? First { get; } = Findings.Min(finding => finding.Time);

    /// <summary>Time of the latest finding.</summary>
    public DateTimeOffset? Last { get; } = Findings.Max(finding => finding.Time);

    /// <summary>Addresses it came from, in order of appearance.</summary>
    public ImmutableArray<string> Addresses { get; } = [.. Findings.Select(finding => finding.SourceIp).OfType<string>().Distinct(StringComparer.Ordinal)];

    /// <summary>Programs it claims to have used, in order of appearance.</summary>
    public ImmutableArray<string> UserAgents { get; } = [.. Findings.Select(finding => finding.UserAgent).OfType<string>().Distinct(StringComparer.Ordinal)];

    /// <summary>What it did: findings that say the same are one step with a count, at the time of the first.</summary>
    public ImmutableArray<ActorStep> Steps() => [.. Findings.GroupBy(finding => (finding.Rule.Id, finding.Message)).Select(same => new ActorStep(
        same.First().Time, same.Max(finding => finding.Time), same.First().Rule, Deed(same.First()), same.Sum(finding => (long)finding.Count)))];

    /// <summary>The message without the actor's name in front, which the heading says already.</summary>
    private static string Deed(Finding finding)
    {
        string subject = $"{(finding.Actor.Impersonator is { } real ? $"{real} as " : "")}{finding.Actor.User} ";
        string message = finding.Actor.User.Length > 0 && finding.Message.StartsWith(subject, StringComparison.Ordinal) ? finding.Message[subject.Length..] : finding.Message;
        return VisibleText.Cut(message, ScanStory.MaxTextLength);
    }
}

/// <summary>One thing an actor did.</summary>
/// <param name="First">When first.</param>
/// <param name="Last">When last.</param>
/// <param name="Rule">The rule that saw it.</param>
/// <param name="Deed">What it was; not escaped.</param>
/// <param name="Count">How often.</param>
internal sealed record ActorStep(DateTimeOffset? First, DateTimeOffset? Last, DetectionRule Rule, string Deed, long Count);
