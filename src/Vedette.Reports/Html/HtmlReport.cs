using System.Security.Cryptography;
using System.Text;
using Vedette.Audit.Text;
using Vedette.Reports.Story;
using Vedette.Reports.Text;

namespace Vedette.Reports.Html;

/// <summary>
/// One page that is complete in itself: no script, nothing loaded, the style inline and the only thing its content security policy allows. Opens from a mail, prints, follows the reader's choice of
/// dark or light.
/// </summary>
internal static class HtmlReport
{
    private static readonly string s_style = ReadStyle();

    /// <summary>Writes the report.</summary>
    public static void Write(ScanReport report, TextWriter into)
    {
        ScanStory story = ScanStory.Of(report);
        into.WriteLine("<!DOCTYPE html>");
        HtmlMarkup html = new(into);
        html.Open("html", ("xmlns", "http://www.w3.org/1999/xhtml"), ("lang", "en"));
        WriteHead(story, html);
        html.Open("body");
        html.Element("a", "Skip to the findings", ("class", "skip"), ("href", "#findings"));
        WriteHeader(story, html);
        html.Open("main");
        HtmlSummary.Write(story, html);
        HtmlTimeline.Write(story, html);
        HtmlActors.Write(story, html);
        HtmlFindings.Write(story, html);
        HtmlBlindness.Write(story, html);
        HtmlInputs.Write(story, html);
        html.Close();
        html.Open("footer").Open("p").Text($"Made by Vedette {report.Version} at ").Time(report.Made)
            .Text(". Names, addresses and programs are as the log has them; a client chooses its program, object names and audit IDs itself. Characters that cannot be seen are written as \u201C");
        html.Element("code", "\u001b").Text("\u201D.").Close(2);
        html.Close(2);
        into.WriteLine();
    }

    private static void WriteHead(ScanStory story, HtmlMarkup html)
    {
        // The text between the tags is what the hash is about.
        string hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(s_style)));
        html.Open("head");
        html.Empty("meta", ("charset", "utf-8"));
        html.Empty("meta", ("http-equiv", "Content-Security-Policy"), ("content", $"default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'"));
        html.Empty("meta", ("name", "viewport"), ("content", "width=device-width, initial-scale=1"));
        html.Empty("meta", ("name", "color-scheme"), ("content", "light dark"));
        html.Empty("meta", ("name", "referrer"), ("content", "no-referrer"));
        html.Empty("meta", ("name", "robots"), ("content", "noindex"));
        html.Element("title", $"{Verdict.Heading(story)}: Kubernetes audit findings{(story.Report.Cluster is { } cluster ? $" in {VisibleText.Cut(cluster, 60)}" : "")}");
        html.Style(s_style);
        html.Close();
    }

    private static void WriteHeader(ScanStory story, HtmlMarkup html)
    {
        html.Open("header", ("class", "page"));
        html.Open("p", ("class", "brand"));
        html.Open("svg", ("viewBox", "0 0 24 24"), ("width", "20"), ("height", "20"), ("aria-hidden", "true"));
        html.Empty("path", ("d", "M12 2 3 6v6c0 5 3.8 8.6 9 10 5.2-1.4 9-5 9-10V6Z"), ("class", "mark"));
        html.Empty("circle", ("cx", "12"), ("cy", "11.5"), ("r", "3.6"), ("class", "eye"));
        html.Close().Text("Vedette").Close();
        html.Element("h1", "Kubernetes audit findings");
        html.Open("p", ("class", "sub"));
        if (story.Report.Cluster is { } cluster)
        {
            html.Text("Cluster ").Open("strong").Code(cluster).Close().Text(" · ");
        }

        html.Text(story.Statistics.FirstEvent is null ? "No event with a time" : $"Events of {Wording.Period(story.Statistics.FirstEvent, story.Statistics.LastEvent)}").Close();
        html.Open("nav", ("aria-label", "Parts of this report")).Open("ul");
        Entry("summary", "Summary");
        if (!story.Rules.IsEmpty)
        {
            Entry("timeline", "Timeline");
            Entry("actors", "Actors");
        }

        Entry("findings", "Findings");
        Entry("blind", "Blind spots");
        Entry("input", "What was read");
        html.Close(3);

        void Entry(string id, string text) => html.Open("li").Element("a", text, ("href", $"#{id}")).Close();
    }

    private static string ReadStyle()
    {
        using Stream stream = typeof(HtmlReport).Assembly.GetManifestResourceStream("report.css") ?? throw new InvalidOperationException("report.css is not in the program");
        using StreamReader reader = new(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
