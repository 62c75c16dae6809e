using System.Globalization;
using Vedette.Detection.Findings;
using Vedette.Detection.Rules;
using Vedette.Reports.Story;
using Vedette.Reports.Text;

namespace Vedette.Reports.Html;

/// <summary>Findings over time as a drawing: a lane per level, a dot per stretch of time, larger for more findings. Positions are percentages, so it fits any width without scaling its text.</summary>
internal static class HtmlTimeline
{
    /// <summary>Stretches of time across the drawing.</summary>
    public const int MaxColumns = 60;

    private const int LaneHeight = 34;
    private const double LeastRadius = 4.5;
    private const double MostRadius = 13;

    /// <summary>Writes the section; nothing when there are no findings.</summary>
    public static void Write(ScanStory story, HtmlMarkup html)
    {
        if (story.Rules.IsEmpty)
        {
            return;
        }

        html.Open("section", ("id", "timeline"), ("aria-labelledby", "timeline-heading"));
        html.Element("h2", "Timeline", ("id", "timeline-heading"));
        if (story.First is not { } first || story.Last is not { } last)
        {
            html.Element("p", "No finding has a time.").Close();
            return;
        }

        RuleLevel[] lanes = [.. story.Levels.Where(level => level.Findings > 0).Select(level => level.Level)];
        int height = lanes.Length * LaneHeight;
        html.Open("figure", ("class", "card timeline"));
        html.Open("div", ("class", "lanes"), ("aria-hidden", "true"));
        foreach (RuleLevel lane in lanes)
        {
            html.Open("div");
            HtmlSummary.WriteBadge(lane, html);
            html.Close();
        }

        html.Close();
        string summary = $"Findings from {Wording.Time(first)} to {Wording.Time(last)}: " + string.Join(", ", story.Levels.Where(level => level.Findings > 0)
            .Select(level => $"{Wording.Number(level.Findings)} {Wording.Level(level.Level)}"));
        html.Open("svg", ("role", "img"), ("width", "100%"), ("height", HtmlMarkup.Number(height + 30)), ("aria-label", summary));
        for (int i = 0; i < lanes.Length; i++)
        {
            string middle = HtmlMarkup.Number((i + 0.5) * LaneHeight);
            html.Empty("line", ("class", "lane"), ("x1", "0"), ("x2", "100%"), ("y1", middle), ("y2", middle));
        }

        long span = Math.Max(1, (last - first).Ticks);
        var dots = story.Findings.Where(finding => finding.Time is not null)
            .GroupBy(finding => (finding.Rule.Level, Column: (int)Math.Min(MaxColumns - 1, (double)(finding.Time!.Value - first).Ticks / span * MaxColumns)))
            .OrderBy(dot => dot.Key.Level).ThenBy(dot => dot.Key.Column).ToList();
        int most = dots.Max(dot => dot.Count());
        foreach (IGrouping<(RuleLevel Level, int Column), Finding> dot in dots)
        {
            int findings = dot.Count();
            double share = most > 1 ? Math.Log(findings) / Math.Log(most) : 0;
            html.Open(
                "circle", ("class", Wording.Level(dot.Key.Level)), ("cx", Percent(first == last ? 0.5 : (dot.Key.Column + 0.5) / MaxColumns)),
                ("cy", HtmlMarkup.Number((Array.IndexOf(lanes, dot.Key.Level) + 0.5) * LaneHeight)), ("r", HtmlMarkup.Number(LeastRadius + share * (MostRadius - LeastRadius))));
            html.Element("title", $"{Wording.Count(findings, $"{Wording.Level(dot.Key.Level)} finding")}, {Wording.Period(dot.Min(finding => finding.Time), dot.Max(finding => finding.Time))}").Close();
        }

        WriteAxis(first, last, height, html);
        html.Close();
        html.Element("figcaption", $"{summary}. A larger dot stands for more findings. Times are UTC.").Close(2);
    }

    private static void WriteAxis(DateTimeOffset first, DateTimeOffset last, int height, HtmlMarkup html)
    {
        string format = last - first > TimeSpan.FromDays(3) ? "yyyy-MM-dd" : first.UtcDateTime.Date == last.UtcDateTime.Date ? "HH:mm:ss" : "MM-dd HH:mm";
        (double At, string Anchor)[] ticks = first == last ? [(0.5, "middle")] : [(0, "start"), (0.5, "middle"), (1, "end")];
        foreach ((double at, string anchor) in ticks)
        {
            string x = Percent(at);
            html.Empty("line", ("class", "tick"), ("x1", x), ("x2", x), ("y1", "0"), ("y2", HtmlMarkup.Number(height + 4)));
            html.Element(
                "text", (first + (last - first) * at).UtcDateTime.ToString(format, CultureInfo.InvariantCulture), ("x", x), ("y", HtmlMarkup.Number(height + 20)), ("text-anchor", anchor));
        }
    }

    private static string Percent(double share) => $"{HtmlMarkup.Number(share * 100)}%";
}
