using Vedette.Audit.Text;
using Vedette.Detection.Rules;
using Vedette.Pipeline.Scanning;
using Vedette.Reports.Story;
using Vedette.Reports.Text;

namespace Vedette.Reports.Html;

/// <summary>The page's first screen: verdict, number of findings by level, what was read, the findings as a list of links.</summary>
internal static class HtmlSummary
{
    /// <summary>Most rules in the list.</summary>
    public const int MaxRules = 12;

    /// <summary>Writes the section.</summary>
    public static void Write(ScanStory story, HtmlMarkup html)
    {
        html.Open("section", ("id", "summary"), ("aria-labelledby", "summary-heading"));
        html.Open("div", ("class", $"card verdict {Wording.Level(story.Gravest)}"));
        html.Element("h2", Verdict.Heading(story), ("id", "summary-heading"));
        html.Element("p", Verdict.Of(story)).Close();
        WriteLevels(story, html);
        WriteFacts(story, html);
        WriteRules(story, html);
        html.Close();
    }

    /// <summary>A level as a coloured word.</summary>
    public static void WriteBadge(RuleLevel level, HtmlMarkup html) => html.Element("span", Wording.Level(level), ("class", $"badge {Wording.Level(level)}"));

    private static void WriteLevels(ScanStory story, HtmlMarkup html)
    {
        html.Open("ul", ("class", "levels"), ("aria-label", "Findings by level"));
        foreach ((RuleLevel level, int findings) in story.Levels)
        {
            html.Open("li", ("class", $"{Wording.Level(level)}{(findings == 0 ? " none" : "")}"));
            html.Element("strong", Wording.Number(findings)).Text(" ").Element("span", Wording.Level(level)).Close();
        }

        html.Close();
    }

    private static void WriteFacts(ScanStory story, HtmlMarkup html)
    {
        ScanStatistics statistics = story.Statistics;
        html.Open("dl", ("class", "facts wide"));
        Fact("Read", $"{Wording.Count(statistics.Events, "event")} in {Wording.Count(statistics.Inputs.Length, "input")}, {Wording.Size(statistics.Bytes)}");
        Fact("Log covers", statistics.FirstEvent is null ? "time unknown" : Wording.Period(statistics.FirstEvent, statistics.LastEvent));
        Fact("Rules", $"{Wording.Number(statistics.Rules.Length)} ran, {Wording.Number(story.Rules.Length)} fired, {Wording.Number(story.Blind.Length)} partly blind");
        html.Close();

        void Fact(string name, string value) => html.Open("div").Element("dt", name).Element("dd", value).Close();
    }

    private static void WriteRules(ScanStory story, HtmlMarkup html)
    {
        if (story.Rules.IsEmpty)
        {
            return;
        }

        html.Element("h3", "Most important first").Open("ol", ("class", "index"));
        foreach (RuleStory rule in story.Rules.Take(MaxRules))
        {
            string who = rule.Groups.Length == 1 ? rule.Groups[0].Actor.FullName : Wording.Count(rule.Groups.Length, "actor");
            html.Open("li");
            WriteBadge(rule.Rule.Level, html);
            html.Open("span", ("class", "what")).Element("a", VisibleText.Cut(rule.Rule.Title, ScanStory.MaxTextLength), ("href", $"#finding-{rule.Number}"));
            html.Text(" ").Element("span", who, ("class", "who")).Close();
            html.Element("span", rule.Findings == 1 ? Wording.Time(rule.First) : $"{Wording.Number(rule.Findings)} ×, from {Wording.Time(rule.First)}", ("class", "when")).Close();
        }

        html.Close();
        if (story.Rules.Length > MaxRules)
        {
            html.Element("p", $"{Wording.Count(story.Rules.Length - MaxRules, "further rule")} of lower rank below.", ("class", "note"));
        }
    }
}
