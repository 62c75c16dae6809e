using Vedette.Audit.Text;
using Vedette.Pipeline.Scanning;
using Vedette.Reports.Story;
using Vedette.Reports.Text;

namespace Vedette.Reports.Html;

/// <summary>What the log could not have shown: rules that were blind on some of its events.</summary>
internal static class HtmlBlindness
{
    /// <summary>Most rules listed.</summary>
    public const int MaxRules = 100;

    /// <summary>Writes the section.</summary>
    public static void Write(ScanStory story, HtmlMarkup html)
    {
        html.Open("section", ("id", "blind"), ("aria-labelledby", "blind-heading"));
        html.Element("h2", "What this log could not have shown", ("id", "blind-heading"));
        if (story.Blind.IsEmpty)
        {
            html.Element("p", story.Statistics.Events == 0 ? "No event was read." : "Every rule could be evaluated on every event it is about.").Close();
            return;
        }

        html.Element("p", "These rules look at parts of a request that the audit level of some events leaves out (a policy that logs them at Metadata, for one). On those events they can say neither yes nor "
            + "no: a missing finding there proves nothing. Raise the audit level of what they look at to close the gap.");
        html.Open("div", ("class", "card scroll"), ("tabindex", "0"), ("role", "region"), ("aria-labelledby", "blind-heading"));
        html.Open("table").Open("thead").Open("tr");
        Head("Rule", "col");
        Head("Level", "col");
        Head("Blind on", "num");
        Head("Matched", "num");
        html.Close(2).Open("tbody");
        foreach (RuleStatistics rule in story.Blind.Take(MaxRules))
        {
            html.Open("tr").Element("th", VisibleText.Cut(rule.Rule.Title, ScanStory.MaxTextLength), ("scope", "row")).Open("td");
            HtmlSummary.WriteBadge(rule.Rule.Level, html);
            html.Close().Element("td", Wording.Count(rule.Blind, "event"), ("class", "num")).Element("td", Wording.Number(rule.Matched), ("class", "num")).Close();
        }

        html.Close(3);
        if (story.Blind.Length > MaxRules)
        {
            html.Element("p", $"{Wording.Count(story.Blind.Length - MaxRules, "further rule")} of lower rank left out; “scan --stats” lists all.", ("class", "note"));
        }

        html.Close();

        void Head(string text, string kind) => html.Element("th", text, ("scope", "col"), ("class", kind));
    }
}
