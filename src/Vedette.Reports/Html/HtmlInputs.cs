using Vedette.Audit.Text;
using Vedette.Pipeline.Scanning;
using Vedette.Reports.Story;
using Vedette.Reports.Text;

namespace Vedette.Reports.Html;

/// <summary>What was read, and what was wrong with it.</summary>
internal static class HtmlInputs
{
    /// <summary>Most inputs listed; those with trouble come first.</summary>
    public const int MaxInputs = 100;

    /// <summary>Writes the section.</summary>
    public static void Write(ScanStory story, HtmlMarkup html)
    {
        ScanStatistics statistics = story.Statistics;
        html.Open("section", ("id", "input"), ("aria-labelledby", "input-heading"));
        html.Element("h2", "What was read", ("id", "input-heading"));
        WriteTroubles(statistics, html);
        html.Open("div", ("class", "card scroll"), ("tabindex", "0"), ("role", "region"), ("aria-labelledby", "input-heading"));
        html.Open("table").Open("thead").Open("tr");
        html.Element("th", "Input", ("scope", "col")).Element("th", "Events", ("scope", "col"), ("class", "num")).Element("th", "Size", ("scope", "col"), ("class", "num"))
            .Element("th", "Covers", ("scope", "col")).Element("th", "Not audit events", ("scope", "col")).Element("th", "Trouble", ("scope", "col"));
        html.Close(2).Open("tbody");
        foreach (InputStatistics input in statistics.Inputs.OrderByDescending(input => input.Problem is not null).ThenByDescending(input => !input.Rejects.IsEmpty).Take(MaxInputs))
        {
            html.Open("tr").Element("th", VisibleText.Cut(input.Name == "-" ? "standard input" : input.Name, ScanStory.MaxTextLength), ("scope", "row"));
            html.Element("td", Wording.Number(input.Events), ("class", "num")).Element("td", Wording.Size(input.Bytes), ("class", "num"));
            html.Element("td", input.FirstEvent is null ? "–" : Wording.Period(input.FirstEvent, input.LastEvent));
            html.Element("td", input.Rejects.IsEmpty ? "–" : string.Join(", ", input.Rejects.Select(reject => $"{Wording.Number(reject.Value)} × {reject.Key}")));
            html.Element("td", input.Problem is { } problem ? VisibleText.Cut(problem, ScanStory.MaxTextLength) : "–").Close();
        }

        html.Close(3);
        if (statistics.Inputs.Length > MaxInputs)
        {
            html.Element("p", $"{Wording.Count(statistics.Inputs.Length - MaxInputs, "further input")} left out here.", ("class", "note"));
        }

        html.Close();
    }

    private static void WriteTroubles(ScanStatistics statistics, HtmlMarkup html)
    {
        List<string> troubles = [];
        long rejects = statistics.Rejects.Values.Sum();
        if (rejects > 0)
        {
            troubles.Add($"{Wording.Count(rejects, "piece")} of input {(rejects == 1 ? "was" : "were")} no audit event; “--rejects FILE” keeps them.");
        }

        if (statistics.DroppedFindings > 0)
        {
            troubles.Add($"{Wording.Count(statistics.DroppedFindings, "match")} beyond the bound on findings left out.");
        }

        if (statistics.RegexTimeouts > 0)
        {
            troubles.Add($"{Wording.Count(statistics.RegexTimeouts, "test")} by regular expression ran out of time and count as not passed.");
        }

        if (troubles.Count == 0)
        {
            return;
        }

        html.Open("ul", ("class", "troubles"));
        foreach (string trouble in troubles)
        {
            html.Element("li", trouble);
        }

        html.Close();
    }
}
