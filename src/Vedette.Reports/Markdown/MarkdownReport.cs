using Vedette.Detection.Findings;
using Vedette.Detection.Rules;
using Vedette.Pipeline.Scanning;
using Vedette.Reports.Story;
using Vedette.Reports.Text;

namespace Vedette.Reports.Markdown;

/// <summary>The short report for tickets, pull requests and wikis: verdict, actors, findings by rule with what to do, what the log could not show.</summary>
internal static class MarkdownReport
{
    /// <summary>Most actors listed.</summary>
    public const int MaxActors = 20;

    /// <summary>Most rules listed.</summary>
    public const int MaxRules = 50;

    /// <summary>Most rows in the table of one rule.</summary>
    public const int MaxRows = 10;

    /// <summary>Most blind rules and most troubled inputs listed.</summary>
    public const int MaxListed = 30;

    /// <summary>Longest text of an event, in characters.</summary>
    public const int MaxTextLength = 160;

    /// <summary>Writes the report.</summary>
    public static void Write(ScanReport report, TextWriter into)
    {
        ScanStory story = ScanStory.Of(report);
        into.WriteLine("# Kubernetes audit findings");
        into.WriteLine();
        WriteSummary(story, into);
        WriteActors(story, into);
        WriteRules(story, into);
        WriteBlindness(story, into);
        WriteInputs(story, into);
        into.WriteLine($"*Made by Vedette {MarkdownText.Prose(report.Version)} at {Wording.Time(report.Made)}. Names, addresses and programs are as the log has them; clients choose some of them.*");
    }

    private static void WriteSummary(ScanStory story, TextWriter into)
    {
        ScanStatistics statistics = story.Statistics;
        into.WriteLine($"**{Verdict.Heading(story)}.** {Sentence(story)}");
        into.WriteLine();
        into.WriteLine("| | |");
        into.WriteLine("|---|---|");
        if (story.Report.Cluster is { } cluster)
        {
            into.WriteLine($"| Cluster | {Code(cluster)} |");
        }

        into.WriteLine($"| Log | {Wording.Count(statistics.Events, "event")} in {Wording.Count(statistics.Inputs.Length, "input")}, {Wording.Size(statistics.Bytes)} |");
        into.WriteLine($"| Period | {Wording.Period(statistics.FirstEvent, statistics.LastEvent)} |");
        into.WriteLine($"| Findings | {string.Join(", ", story.Levels.Select(level => $"{Wording.Number(level.Findings)} {Wording.Level(level.Level)}"))} |");
        into.WriteLine();
    }

    /// <summary>The verdict's shape with the event's words in code spans.</summary>
    private static string Sentence(ScanStory story)
    {
        if (story.Rules.IsEmpty)
        {
            return MarkdownText.Prose(Verdict.Of(story));
        }

        RuleStory gravest = story.Rules[0];
        string start = story.Actors.Length > 1 && story.Gravest >= RuleLevel.Medium ? $" Start with {Code(story.Actors[0].Actor.FullName)}." : "";
        string blind = story.Blind.IsEmpty ? "" : $" {Wording.Count(story.Blind.Length, "rule")} could not be evaluated on some events; see below.";
        return $"{Wording.Count(story.Findings.Length, "finding")} about {Wording.Count(story.Actors.Length, "actor")}. The gravest is *{MarkdownText.Prose(gravest.Rule.Title)}*: "
            + $"{Code(gravest.Groups[0].Findings[0].Message)}.{start}{blind}";
    }

    private static void WriteActors(ScanStory story, TextWriter into)
    {
        if (story.Actors.IsEmpty)
        {
            return;
        }

        into.WriteLine("## Who");
        into.WriteLine();
        into.WriteLine("| Actor | Gravest | Findings | From | When |");
        into.WriteLine("|---|---|---:|---|---|");
        foreach (ActorStory actor in story.Actors.Take(MaxActors))
        {
            string addresses = actor.Addresses.IsEmpty ? "–" : string.Join(", ", actor.Addresses.Take(3).Select(Code)) + (actor.Addresses.Length > 3 ? $" and {actor.Addresses.Length - 3} more" : "");
            into.WriteLine(
                $"| {Code(actor.Actor.FullName)} | {Wording.Level(actor.Level)} | {Wording.Number(actor.Findings.Length)} | {addresses} | {Wording.Period(actor.First, actor.Last)} |");
        }

        into.WriteLine();
        WriteLeftOut(story.Actors.Length - MaxActors, "actor", into);
    }

    private static void WriteRules(ScanStory story, TextWriter into)
    {
        if (story.Rules.IsEmpty)
        {
            return;
        }

        into.WriteLine("## What");
        into.WriteLine();
        foreach (RuleStory rule in story.Rules.Take(MaxRules))
        {
            into.WriteLine($"### {Wording.Level(rule.Rule.Level)}: {MarkdownText.Prose(rule.Rule.Title)}");
            into.WriteLine();
            foreach (string paragraph in Wording.Paragraphs(rule.Rule.Description))
            {
                into.WriteLine(MarkdownText.Prose(paragraph));
                into.WriteLine();
            }

            WriteFindings(rule, into);
            WriteList("What to do next", rule.Rule.NextSteps, into);
            WriteList("May be harmless when", rule.Rule.FalsePositives, into);
            string[] tags = [.. rule.Rule.Tags.Select(RuleTag.Of).Where(tag => tag.Url is not null).Select(tag => $"[{MarkdownText.Prose(tag.Label)}]({tag.Url})")];
            if (tags.Length > 0)
            {
                into.WriteLine($"ATT&amp;CK: {string.Join(", ", tags)}");
                into.WriteLine();
            }
        }

        WriteLeftOut(story.Rules.Length - MaxRules, "rule", into);
    }

    private static void WriteFindings(RuleStory rule, TextWriter into)
    {
        into.WriteLine("| When | What happened | From | Times | Audit ID |");
        into.WriteLine("|---|---|---|---:|---|");
        var rows = rule.Groups.SelectMany(group => group.Alike()).ToList();
        foreach (var alike in rows.Take(MaxRows))
        {
            Finding first = alike[0];
            into.WriteLine(
                $"| {Wording.Period(first.Time, alike[^1].Time)} | {Code(first.Message)} | {Code(first.SourceIp)} | {Wording.Number(alike.Sum(finding => (long)finding.Count))} | {Code(first.Events is [var item, ..] ? item.AuditId : null)} |");
        }

        into.WriteLine();
        WriteLeftOut(rows.Count - MaxRows, "row", into);
    }

    private static void WriteList(string heading, IReadOnlyList<string> items, TextWriter into)
    {
        if (items.Count == 0)
        {
            return;
        }

        into.WriteLine($"{heading}:");
        into.WriteLine();
        foreach (string item in items)
        {
            into.WriteLine($"- {MarkdownText.Prose(string.Join(' ', Wording.Paragraphs(item)))}");
        }

        into.WriteLine();
    }

    private static void WriteBlindness(ScanStory story, TextWriter into)
    {
        if (story.Blind.IsEmpty)
        {
            return;
        }

        into.WriteLine("## What this log could not have shown");
        into.WriteLine();
        into.WriteLine("These rules look at parts of a request that the audit level of some events leaves out. On those events a missing finding proves nothing.");
        into.WriteLine();
        into.WriteLine("| Rule | Level | Events it was blind on |");
        into.WriteLine("|---|---|---:|");
        foreach (RuleStatistics blind in story.Blind.Take(MaxListed))
        {
            into.WriteLine($"| {MarkdownText.Prose(blind.Rule.Title)} | {Wording.Level(blind.Rule.Level)} | {Wording.Number(blind.Blind)} |");
        }

        into.WriteLine();
        WriteLeftOut(story.Blind.Length - MaxListed, "rule", into);
    }

    private static void WriteInputs(ScanStory story, TextWriter into)
    {
        ScanStatistics statistics = story.Statistics;
        InputStatistics[] troubled = [.. statistics.Inputs.Where(input => input.Problem is not null)];
        if (troubled.Length == 0 && statistics.Rejects.IsEmpty && statistics.DroppedFindings == 0 && statistics.RegexTimeouts == 0)
        {
            return;
        }

        into.WriteLine("## Trouble with the input");
        into.WriteLine();
        foreach (InputStatistics input in troubled.Take(MaxListed))
        {
            into.WriteLine($"- {Code(input.Name)}: {Code(input.Problem)}");
        }

        foreach ((string reason, long count) in statistics.Rejects)
        {
            into.WriteLine($"- {Wording.Count(count, "piece")} of input gave no event: {MarkdownText.Prose(reason)}");
        }

        if (statistics.DroppedFindings > 0)
        {
            into.WriteLine($"- {Wording.Count(statistics.DroppedFindings, "match")} beyond the bound on findings left out");
        }

        if (statistics.RegexTimeouts > 0)
        {
            into.WriteLine($"- {Wording.Count(statistics.RegexTimeouts, "test")} by regular expression ran out of time and count as not passed");
        }

        into.WriteLine();
        WriteLeftOut(troubled.Length - MaxListed, "input", into);
    }

    private static void WriteLeftOut(int number, string thing, TextWriter into)
    {
        if (number > 0)
        {
            into.WriteLine($"*{Wording.Count(number, thing)} more left out here; `-o csv` has all findings.*");
            into.WriteLine();
        }
    }

    private static string Code(string? text) => MarkdownText.Code(text, MaxTextLength);
}
