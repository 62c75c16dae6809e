using System.Collections.Immutable;
using Vedette.Audit.Text;
using Vedette.Reports.Story;
using Vedette.Reports.Text;

namespace Vedette.Reports.Html;

/// <summary>What each actor did, in order.</summary>
internal static class HtmlActors
{
    /// <summary>Most actors told; the gravest are.</summary>
    public const int MaxActors = 40;

    /// <summary>Most steps told of one actor: the first ones.</summary>
    public const int MaxSteps = 20;

    /// <summary>Most addresses and programs named of one actor.</summary>
    public const int MaxNamed = 4;

    /// <summary>Writes the section; nothing when there are no findings.</summary>
    public static void Write(ScanStory story, HtmlMarkup html)
    {
        if (story.Actors.IsEmpty)
        {
            return;
        }

        html.Open("section", ("id", "actors"), ("aria-labelledby", "actors-heading"));
        html.Element("h2", "Who did what", ("id", "actors-heading"));
        Dictionary<string, int> numbers = story.Rules.Take(HtmlFindings.MaxRules).ToDictionary(rule => rule.Rule.Id, rule => rule.Number, StringComparer.Ordinal);
        foreach (ActorStory actor in story.Actors.Take(MaxActors))
        {
            WriteActor(actor, numbers, html);
        }

        if (story.Actors.Length > MaxActors)
        {
            html.Element("p", $"{Wording.Count(story.Actors.Length - MaxActors, "further actor")} of lower rank left out here; “-o csv” has every finding.", ("class", "note"));
        }

        html.Close();
    }

    private static void WriteActor(ActorStory actor, Dictionary<string, int> numbers, HtmlMarkup html)
    {
        html.Open("article", ("class", $"card actor {Wording.Level(actor.Level)}"));
        html.Open("h3").Element("span", actor.Actor.Name, ("class", "name")).Text(" ");
        HtmlSummary.WriteBadge(actor.Level, html);
        html.Close();
        if (actor.Actor.Impersonator is { } real)
        {
            html.Open("p", ("class", "real")).Text("The real caller was ").Code(real).Text(", who impersonated this user.").Close();
        }

        html.Open("p", ("class", "meta")).Text($"{Wording.Count(actor.Findings.Length, "finding")} · {Wording.Period(actor.First, actor.Last)}");
        Named(" · from ", actor.Addresses, html);
        Named(" · with ", actor.UserAgents, html);
        html.Close();
        ImmutableArray<ActorStep> steps = actor.Steps();
        html.Open("ol", ("class", "steps"));
        foreach (ActorStep step in steps.Take(MaxSteps))
        {
            html.Open("li", ("class", Wording.Level(step.Rule.Level))).Time(step.First);
            html.Open("div").Element("span", step.Deed, ("class", "deed"));
            if (step.Count > 1)
            {
                html.Text(" ").Element("span", $"{Wording.Number(step.Count)} ×, last {Wording.Time(step.Last)}", ("class", "times"));
            }

            string title = VisibleText.Cut(step.Rule.Title, ScanStory.MaxTextLength);
            html.Open("div", ("class", "rule")).Text($"{Wording.Level(step.Rule.Level)}: ");
            if (numbers.TryGetValue(step.Rule.Id, out int number))
            {
                html.Element("a", title, ("href", $"#finding-{number}"));
            }
            else
            {
                html.Text(title);
            }

            html.Close(3);
        }

        html.Close();
        if (steps.Length > MaxSteps)
        {
            html.Element("p", $"… and {Wording.Count(steps.Length - MaxSteps, "later step")}.", ("class", "note"));
        }

        html.Close();
    }

    private static void Named(string words, ImmutableArray<string> items, HtmlMarkup html)
    {
        for (int i = 0; i < Math.Min(items.Length, MaxNamed); i++)
        {
            html.Text(i == 0 ? words : ", ").Code(items[i]);
        }

        if (items.Length > MaxNamed)
        {
            html.Text($" and {Wording.Number(items.Length - MaxNamed)} more");
        }
    }
}
