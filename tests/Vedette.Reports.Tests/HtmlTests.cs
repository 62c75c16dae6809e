using System.Xml;
using System.Xml.Linq;
using CsCheck;
using Vedette.Detection.Findings;
using Vedette.Detection.Rules;
using Vedette.Reports.Html;
using Xunit;

namespace Vedette.Reports.Tests;

public class HtmlTests
{
    private static readonly XNamespace s_html = "http://www.w3.org/1999/xhtml";

    // What the page is made of; anything else could only have come from a text.
    private static readonly string[] s_elements =
    [
        "html", "head", "meta", "title", "style", "body", "a", "header", "p", "svg", "path", "circle", "line", "text", "h1", "h2", "h3", "h4", "strong", "code", "span", "nav", "ul", "ol", "li", "main",
        "section", "div", "dl", "dt", "dd", "figure", "figcaption", "article", "details", "summary", "time", "table", "thead", "tbody", "tr", "th", "td", "footer",
    ];

    [Fact]
    public void The_page_is_the_approved_one() => Approved.Equal("story.html", Reports.Write("html", Reports.Story));

    [Fact]
    public void The_same_report_gives_the_same_bytes() => Assert.Equal(Reports.Write("html", Reports.Story), Reports.Write("html", Reports.Story));

    [Theory]
    [MemberData(nameof(HostileText.All), MemberType = typeof(HostileText))]
    public void A_hostile_text_stays_text(string text) => Check(text);

    [Fact]
    public void Whatever_the_texts_the_page_is_well_formed_and_holds_nothing_active() => HostileText.Any.Sample(Check, iter: 300);

    [Fact]
    public void The_page_loads_nothing_and_runs_nothing()
    {
        XDocument page = Parse(Reports.Write("html", Reports.Story));
        string policy = page.Descendants(s_html + "meta").Single(meta => meta.Attribute("http-equiv") is not null).Attribute("content")!.Value;
        Assert.StartsWith("default-src 'none'; style-src 'sha256-", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("url(", page.Descendants(s_html + "style").Single().Value, StringComparison.Ordinal);
        Assert.DoesNotContain("@import", page.Descendants(s_html + "style").Single().Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Findings_say_why_they_matter_what_to_do_and_on_what_evidence()
    {
        XElement finding = Parse(Reports.Write("html", Reports.Story)).Descendants(s_html + "article").Single(article => article.Attribute("id")?.Value == "finding-1");
        string text = finding.Value;
        Assert.All(
            new[]
            {
                "cluster-admin bound to a user", "critical", "Whoever holds it owns the cluster.", "Delete the binding.", "Set-up of a new cluster", "203.0.113.9", "kubectl/v1.36.0", "developers", "audit-2",
                "ResponseComplete", "201", "logs/audit.log:42", "owned", "T1098.006", "TA0004 Privilege Escalation",
            },
            part => Assert.Contains(part, text, StringComparison.Ordinal));
        string[] links = [.. finding.Descendants(s_html + "a").Select(link => link.Attribute("href")!.Value)];
        Assert.Contains("https://attack.mitre.org/techniques/T1098/006/", links);
        Assert.DoesNotContain(links, link => link.StartsWith("javascript", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void Equal_findings_are_told_once_with_their_number()
    {
        XDocument page = Parse(Reports.Write("html", Reports.Story));
        XElement read = page.Descendants(s_html + "article").Single(article => article.Attribute("id")?.Value == "finding-2");
        Assert.Equal(2, read.Descendants(s_html + "details").Count());
        Assert.Contains("2 ×", read.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void The_real_caller_behind_an_impersonated_user_is_named()
    {
        XElement actor = Parse(Reports.Write("html", Reports.Story)).Descendants(s_html + "article").Single(article => article.Value.Contains("The real caller was eve", StringComparison.Ordinal));
        Assert.Contains("admin", actor.Element(s_html + "h3")!.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Links_within_the_page_lead_somewhere()
    {
        XDocument page = Parse(Reports.Write("html", Reports.Story));
        HashSet<string> ids = [.. page.Descendants().Select(element => element.Attribute("id")?.Value).OfType<string>()];
        Assert.Equal(ids.Count, page.Descendants().Count(element => element.Attribute("id") is not null));
        Assert.All(page.Descendants(s_html + "a").Select(link => link.Attribute("href")!.Value).Where(link => link[0] == '#'), link => Assert.Contains(link[1..], ids));
    }

    [Fact]
    public void A_report_without_findings_says_what_that_is_worth()
    {
        string page = Reports.Write("html", Reports.Of([]));
        Assert.Contains("No findings", page, StringComparison.Ordinal);
        Assert.Contains("no finding there proves nothing", page, StringComparison.Ordinal);
        Assert.Contains("Privileged pod", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Ten_thousand_findings_still_give_a_page_that_opens_and_says_what_is_left_out()
    {
        string longText = new('x', 1024);
        Finding[] findings =
        [
            .. Enumerable.Range(0, 10_000).Select(number => Reports.Finding(
                Reports.Read with { Id = $"rule-{number % 300}", Level = (RuleLevel)(1 + number % 5) }, number, $"user-{number % 977}-{longText}", $"what {number} {longText}")),
        ];
        string page = Reports.Write("html", Reports.Of([.. findings]));
        XDocument parsed = Parse(page);
        Assert.InRange(page.Length, 100_000, 8_000_000);
        Assert.InRange(parsed.Descendants(s_html + "details").Count(), 500, HtmlFindings.MaxEvidence);
        Assert.Contains("left out", page, StringComparison.Ordinal);
        Assert.Contains("more characters", page, StringComparison.Ordinal);
    }

    private static void Check(string text)
    {
        XDocument page = Parse(Reports.Write("html", Reports.Everywhere(text)));
        Assert.All(page.Descendants(), element => Assert.Contains(element.Name.LocalName, s_elements));
        Assert.All(page.Descendants().Attributes(), attribute => Assert.False(attribute.Name.LocalName.StartsWith("on", StringComparison.OrdinalIgnoreCase)));
        Assert.All(
            page.Descendants(s_html + "a").Select(link => link.Attribute("href")!.Value), link => Assert.Matches("^(#|https?://)", link));
        Assert.DoesNotContain(page.Root!.Value, character => (char.IsControl(character) && character != '\n') || character is '\u202e' or '\u2066' or '\ufeff' or '\u2028');
    }

    private static XDocument Parse(string page)
    {
        using XmlReader reader = XmlReader.Create(new StringReader(page), new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore, CheckCharacters = true });
        return XDocument.Load(reader);
    }
}
