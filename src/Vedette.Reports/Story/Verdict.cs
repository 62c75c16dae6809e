using Vedette.Audit.Text;
using Vedette.Detection.Findings;
using Vedette.Detection.Rules;
using Vedette.Reports.Text;

namespace Vedette.Reports.Story;

/// <summary>The report in one paragraph of plain words, for somebody who reads nothing else.</summary>
internal static class Verdict
{
    /// <summary>A few words for a heading.</summary>
    public static string Heading(ScanStory story) => story switch
    {
        { Statistics.Events: 0 } => "Nothing was read",
        { Gravest: RuleLevel.Critical or RuleLevel.High } => "Look at this now",
        { Gravest: RuleLevel.Medium } => "Look at this today",
        { Rules.IsEmpty: false } => "Nothing urgent",
        _ => "No findings",
    };

    /// <summary>The paragraph. It holds texts of events, which are not escaped.</summary>
    public static string Of(ScanStory story)
    {
        if (story.Statistics.Events == 0)
        {
            return "No audit event was found in the input, so this report says nothing about the cluster. See what was read, below.";
        }

        string read = $"{Wording.Count(story.Statistics.Events, "audit event")} {(story.Statistics.Events == 1 ? "was" : "were")} read";
        if (story.Rules.IsEmpty)
        {
            return $"{read} and none of {Wording.Count(story.Statistics.Rules.Length, "rule")} fired.{Blindness(story)}";
        }

        string levels = Wording.List([.. story.Levels.Where(level => level.Findings > 0).Select(level => $"{Wording.Number(level.Findings)} {Wording.Level(level.Level)}")]);
        RuleStory gravest = story.Rules[0];
        Finding first = gravest.Groups[0].Findings[0];
        string others = gravest.Findings > 1 ? $" ({Wording.Count(gravest.Findings, "such finding")} in all)" : "";
        return $"{read}. They gave {Wording.Count(story.Findings.Length, "finding")}: {levels}; {Wording.Count(story.Actors.Length, "actor")} involved. "
            + $"The gravest is “{VisibleText.Cut(gravest.Rule.Title, ScanStory.MaxTextLength)}”: at {Wording.Time(first.Time)}, {VisibleText.Cut(first.Message, ScanStory.MaxTextLength)}{others}."
            + $"{Start(story)}{Blindness(story)}";
    }

    private static string Start(ScanStory story) => story.Gravest >= RuleLevel.Medium && story.Actors.Length > 1 ? $" Start with {story.Actors[0].Actor.FullName}." : "";

    private static string Blindness(ScanStory story) => story.Blind.IsEmpty
        ? ""
        : $" {Wording.Count(story.Blind.Length, "rule")} could not be evaluated on some events because the log does not carry what {(story.Blind.Length == 1 ? "it needs" : "they need")}: no finding there proves nothing.";
}
