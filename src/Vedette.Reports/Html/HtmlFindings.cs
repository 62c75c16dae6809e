using System.Collections.Immutable;
using Vedette.Audit.Text;
using Vedette.Detection.Rules;
using Vedette.Reports.Story;
using Vedette.Reports.Text;

namespace Vedette.Reports.Html;

/// <summary>Every rule that fired, the gravest first: why it matters, what to do, and the evidence by actor.</summary>
internal static class HtmlFindings
{
    /// <summary>Most rules told.</summary>
    public const int MaxRules = 150;

    /// <summary>Most actors told of one rule.</summary>
    public const int MaxActors = 12;

    /// <summary>Most pieces of evidence on the page, so that it opens; the gravest rules have theirs first.</summary>
    public const int MaxEvidence = 1_000;

    /// <summary>Writes the section.</summary>
    public static void Write(ScanStory story, HtmlMarkup html)
    {
        html.Open("section", ("id", "findings"), ("aria-labelledby", "findings-heading"));
        html.Element("h2", "Findings and evidence", ("id", "findings-heading"));
        if (story.Rules.IsEmpty)
        {
            html.Element("p", "There are none.");
        }

        int budget = MaxEvidence;
        foreach (RuleStory rule in story.Rules.Take(MaxRules))
        {
            WriteRule(rule, ref budget, html);
        }

        if (story.Rules.Length > MaxRules)
        {
            html.Element("p", $"{Wording.Count(story.Rules.Length - MaxRules, "further rule")} of lower rank left out; “-o csv” has every finding.", ("class", "note"));
        }

        html.Close();
    }

    private static void WriteRule(RuleStory story, ref int budget, HtmlMarkup html)
    {
        DetectionRule rule = story.Rule;
        html.Open("article", ("class", $"card finding {Wording.Level(rule.Level)}"), ("id", $"finding-{story.Number}"));
        html.Open("header").Open("h3").Text(VisibleText.Cut(rule.Title, ScanStory.MaxTextLength)).Text(" ");
        HtmlSummary.WriteBadge(rule.Level, html);
        html.Close().Element(
            "p", $"{Wording.Count(story.Findings, "finding")} about {Wording.Count(story.Groups.Length, "actor")} · {Wording.Period(story.First, story.Last)}", ("class", "meta")).Close();
        html.Open("div", ("class", "advice"));
        html.Open("div").Element("h4", "Why it matters");
        foreach (string paragraph in Wording.Paragraphs(rule.Description).DefaultIfEmpty("The rule's author does not say."))
        {
            html.Element("p", paragraph);
        }

        html.Close();
        List("What to do next", rule.NextSteps, "ol", html);
        List("May be harmless when", rule.FalsePositives, "ul", html);
        html.Close();
        foreach (FindingGroup group in story.Groups.Take(MaxActors))
        {
            HtmlEvidence.Write(group, ref budget, html);
        }

        if (story.Groups.Length > MaxActors)
        {
            int left = story.Groups.Skip(MaxActors).Sum(group => group.Findings.Length);
            html.Element("p", $"{Wording.Count(story.Groups.Length - MaxActors, "further actor")} with {Wording.Count(left, "finding")} left out here; “-o csv” has all.", ("class", "note"));
        }

        WriteSources(rule, html);
        html.Close();
    }

    private static void List(string heading, ImmutableArray<string> items, string element, HtmlMarkup html)
    {
        if (items.IsEmpty)
        {
            return;
        }

        html.Open("div").Element("h4", heading).Open(element);
        foreach (string item in items)
        {
            html.Element("li", string.Join(' ', Wording.Paragraphs(item)));
        }

        html.Close(2);
    }

    private static void WriteSources(DetectionRule rule, HtmlMarkup html)
    {
        html.Open("footer");
        if (!rule.Tags.IsEmpty)
        {
            html.Open("ul", ("class", "tags"), ("aria-label", "Classified as"));
            foreach (RuleTag tag in rule.Tags.Select(RuleTag.Of))
            {
                html.Open("li");
                if (tag.Url is { } url)
                {
                    html.Element("a", tag.Label, ("href", url), ("rel", "noopener noreferrer"));
                }
                else
                {
                    html.Text(tag.Label);
                }

                html.Close();
            }

            html.Close();
        }

        html.Open("p", ("class", "meta")).Text("Rule ").Code(rule.Id);
        if (rule.Author is { } author)
        {
            html.Text($" by {VisibleText.Cut(author, ScanStory.MaxTextLength)}");
        }

        foreach (string reference in rule.References)
        {
            html.Text(" · ");
            if (WebLink.TryRead(reference, out string? url))
            {
                html.Element("a", VisibleText.Cut(reference, ScanStory.MaxTextLength), ("href", url), ("rel", "noopener noreferrer"));
            }
            else
            {
                html.Text(VisibleText.Cut(reference, ScanStory.MaxTextLength));
            }
        }

        html.Close(2);
    }
}
