using System.Collections.Immutable;
using System.Globalization;
using Vedette.Audit.Text;
using Vedette.Detection.Findings;
using Vedette.Reports.Story;
using Vedette.Reports.Text;

namespace Vedette.Reports.Html;

/// <summary>The evidence of one rule about one actor: findings that say the same are shown once with a count, each with the event's own words.</summary>
internal static class HtmlEvidence
{
    /// <summary>Most pieces of evidence of one rule about one actor.</summary>
    public const int MaxPieces = 6;

    /// <summary>Most groups of the actor shown.</summary>
    public const int MaxGroups = 10;

    /// <summary>Most events (audit IDs) named.</summary>
    public const int MaxEvents = 5;

    /// <summary>Writes the evidence.</summary>
    /// <param name="group">The findings.</param>
    /// <param name="budget">Pieces of evidence the page still has room for.</param>
    /// <param name="html">The page.</param>
    public static void Write(FindingGroup group, ref int budget, HtmlMarkup html)
    {
        html.Open("section", ("class", "about"));
        html.Open("h4").Element("span", group.Actor.FullName, ("class", "name")).Close();
        html.Element("p", group.Count == 1 ? group.Period : $"{Wording.Number(group.Count)} × · {group.Period}", ("class", "meta"));
        ImmutableArray<ImmutableArray<Finding>> pieces = group.Alike();
        int shown = Math.Min(Math.Min(MaxPieces, pieces.Length), budget);
        budget -= shown;
        for (int i = 0; i < shown; i++)
        {
            WritePiece(pieces[i], isOpen: i == 0, html);
        }

        if (pieces.Length > shown)
        {
            html.Element("p", $"{Wording.Count(pieces.Length - shown, "further, different request")} left out here; “-o csv” has all.", ("class", "note"));
        }

        html.Close();
    }

    private static void WritePiece(ImmutableArray<Finding> alike, bool isOpen, HtmlMarkup html)
    {
        Finding finding = alike[0];
        long count = alike.Sum(item => (long)item.Count);
        if (isOpen)
        {
            html.Open("details", ("class", "piece"), ("open", "open"));
        }
        else
        {
            html.Open("details", ("class", "piece"));
        }

        html.Open("summary").Element("span", VisibleText.Cut(finding.Message, ScanStory.MaxTextLength), ("class", "deed"));
        if (count > 1)
        {
            html.Text(" ").Element("span", $"{Wording.Number(count)} ×", ("class", "times"));
        }

        html.Close().Open("dl", ("class", "facts"));
        html.Open("div").Element("dt", "Time").Open("dd").Time(finding.Time);
        if (alike.Length > 1)
        {
            html.Text(" to ").Time(alike[^1].Time);
        }

        html.Close(2);
        Fact("User", finding.Actor.User);
        Fact("Real caller", finding.Actor.Impersonator);
        Facts("Groups", finding.Actor.Groups, MaxGroups);
        Fact("Source address", finding.SourceIp);
        Fact("User agent (claimed)", finding.UserAgent);
        Fact("Verb", finding.Verb);
        if (finding.Target is { } target)
        {
            Fact("Resource", $"{target.Resource}{(target.Subresource is { Length: > 0 } sub ? $"/{sub}" : "")}{(target.ApiGroup is { Length: > 0 } api ? $" ({api})" : "")}");
            Fact("Namespace", target.Namespace);
            Fact("Name", target.Name);
        }

        Fact("Request path", finding.RequestUri);
        Fact("Decision", finding.Decision);
        Fact("HTTP status", finding.Code?.ToString(CultureInfo.InvariantCulture));
        Fact("Cluster", finding.Cluster);
        Facts("Events", [.. finding.Events.Select(item => item.Stage.Length > 0 ? $"{item.AuditId} ({item.Stage})" : item.AuditId)], MaxEvents);
        Fact("Found in", finding.Origin?.ToString());
        Fact("Finding", finding.Id);
        html.Close(2);

        void Fact(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                html.Open("div").Element("dt", name).Open("dd").Code(value).Close(2);
            }
        }

        void Facts(string name, ImmutableArray<string> values, int max)
        {
            if (values.IsEmpty)
            {
                return;
            }

            html.Open("div").Element("dt", name).Open("dd");
            for (int i = 0; i < Math.Min(values.Length, max); i++)
            {
                html.Text(i > 0 ? ", " : "").Code(values[i]);
            }

            html.Text(values.Length > max ? $" and {Wording.Number(values.Length - max)} more" : "").Close(2);
        }
    }
}
