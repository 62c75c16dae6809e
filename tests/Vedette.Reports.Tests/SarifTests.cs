using System.Diagnostics;
using System.Text.Json;
using CsCheck;
using Vedette.Detection.Findings;
using Vedette.Reports.Sarif;
using Xunit;

namespace Vedette.Reports.Tests;

public class SarifTests
{
    [Fact]
    public void The_document_is_the_approved_one() => Approved.Equal("story.sarif", Reports.Write("sarif", Reports.Story));

    [Theory]
    [MemberData(nameof(HostileText.All), MemberType = typeof(HostileText))]
    public void A_hostile_text_keeps_what_GitHub_requires(string text) => Check(Reports.Write("sarif", Reports.Everywhere(text)));

    [Fact]
    public void Whatever_the_texts_the_document_keeps_what_GitHub_requires() => HostileText.Any.Sample(text => Check(Reports.Write("sarif", Reports.Everywhere(text))), iter: 500);

    [Fact]
    public void The_story_keeps_what_GitHub_requires() => Check(Reports.Write("sarif", Reports.Story));

    [Fact]
    public void A_result_stands_where_its_event_stands()
    {
        JsonElement run = Run(Reports.Write("sarif", Reports.Story));
        JsonElement place = run.GetProperty("results")[1].GetProperty("locations")[0].GetProperty("physicalLocation");
        Assert.Equal("logs/audit.log", place.GetProperty("artifactLocation").GetProperty("uri").GetString());
        Assert.Equal(42, place.GetProperty("region").GetProperty("startLine").GetInt32());
    }

    [Theory]
    [InlineData("logs/audit.log", "logs/audit.log")]
    [InlineData("./logs/a b#1.log", "logs/a%20b%231.log")]
    [InlineData("/var/log/audit.log", "file:///var/log/audit.log")]
    [InlineData("-", "stdin")]
    public void Names_of_inputs_become_URIs(string name, string uri) => Assert.Equal(uri, SarifUri.Of(name));

    [Fact]
    public void More_results_than_GitHub_takes_are_cut_at_the_lowest_levels_and_told()
    {
        Finding[] findings = [.. Enumerable.Range(0, SarifReport.MaxResults + 10).Select(number => Reports.Finding(number % 100 == 0 ? Reports.Bound : Reports.Refused, number, "alice", "it"))];
        JsonElement run = Run(Reports.Write("sarif", Reports.Of([.. findings])));
        Assert.Equal(SarifReport.MaxResults, run.GetProperty("results").GetArrayLength());
        Assert.Equal(findings.Count(finding => finding.Rule == Reports.Bound), run.GetProperty("results").EnumerateArray().Count(result => result.GetProperty("ruleId").GetString() == Reports.Bound.Id));
        Assert.Contains(
            run.GetProperty("invocations")[0].GetProperty("toolExecutionNotifications").EnumerateArray(),
            notification => notification.GetProperty("message").GetProperty("text").GetString()!.StartsWith("10 findings", StringComparison.Ordinal));
    }

    /// <summary>Microsoft's validator (npm package @microsoft/sarif-multitool), with the rules of GitHub Advanced Security, where it is installed.</summary>
    [Fact]
    public void The_validator_of_SARIF_finds_no_error()
    {
        string? tool = Environment.GetEnvironmentVariable("SARIF_MULTITOOL");
        Assert.SkipUnless(tool is not null && File.Exists(tool), "SARIF_MULTITOOL does not name the program Sarif.Multitool (npm install @microsoft/sarif-multitool-linux)");
        DirectoryInfo folder = Directory.CreateTempSubdirectory("vedette-sarif-");
        try
        {
            foreach ((string name, ScanReport report) in new[] { ("story", Reports.Story), ("none", Reports.Of([])), ("hostile", Reports.Everywhere("{0} [a](b) <script> \u001b\u202e = |`")) })
            {
                string file = Path.Combine(folder.FullName, $"{name}.sarif");
                string answer = Path.Combine(folder.FullName, $"{name}.answer.json");
                File.WriteAllText(file, Reports.Write("sarif", report));
                using Process process = Process.Start(new ProcessStartInfo(tool!, ["validate", file, "--rule-kind", "Sarif;Ghas", "--output", answer]) { UseShellExecute = false, RedirectStandardOutput = true })!;
                string said = process.StandardOutput.ReadToEnd();
                process.WaitForExit();
                Assert.True(File.Exists(answer), said);
                Assert.DoesNotContain(
                    Run(File.ReadAllText(answer)).GetProperty("results").EnumerateArray(), result => result.TryGetProperty("level", out JsonElement level) && level.GetString() == "error");
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static JsonElement Run(string sarif) => JsonDocument.Parse(sarif).RootElement.GetProperty("runs")[0];

    /// <summary>docs.github.com, "SARIF support for code scanning": required members and limits.</summary>
    private static void Check(string sarif)
    {
        JsonElement root = JsonDocument.Parse(sarif).RootElement;
        Assert.Equal("2.1.0", root.GetProperty("version").GetString());
        Assert.EndsWith("sarif-schema-2.1.0.json", root.GetProperty("$schema").GetString(), StringComparison.Ordinal);
        JsonElement run = root.GetProperty("runs")[0];
        JsonElement driver = run.GetProperty("tool").GetProperty("driver");
        Assert.Equal("Vedette", driver.GetProperty("name").GetString());
        JsonElement[] rules = [.. driver.GetProperty("rules").EnumerateArray()];
        Assert.Equal(rules.Length, rules.Select(rule => rule.GetProperty("id").GetString()).Distinct(StringComparer.Ordinal).Count());
        foreach (JsonElement rule in rules)
        {
            Assert.InRange(rule.GetProperty("id").GetString()!.Length, 0, 255);
            Assert.InRange(Text(rule, "shortDescription").Length, 0, 1024 * 2);
            Assert.NotNull(Text(rule, "fullDescription"));
            Assert.NotNull(rule.GetProperty("help").GetProperty("text").GetString());
            Assert.NotNull(rule.GetProperty("help").GetProperty("markdown").GetString());
            Assert.Contains(rule.GetProperty("defaultConfiguration").GetProperty("level").GetString(), new[] { "note", "warning", "error" });
            JsonElement properties = rule.GetProperty("properties");
            Assert.InRange(properties.GetProperty("tags").GetArrayLength(), 1, 20);
            Assert.Equal("security", properties.GetProperty("tags")[0].GetString());
            Assert.Matches(@"^(10|\d)\.\d$", properties.GetProperty("security-severity").GetString());
        }

        foreach (JsonElement result in run.GetProperty("results").EnumerateArray())
        {
            Assert.Equal(result.GetProperty("ruleId").GetString(), rules[result.GetProperty("ruleIndex").GetInt32()].GetProperty("id").GetString());
            Assert.Contains(result.GetProperty("level").GetString(), new[] { "note", "warning", "error" });
            string message = Text(result, "message");
            Assert.DoesNotContain("](", message, StringComparison.Ordinal);
            Assert.DoesNotMatch(@"(?<!\{)\{(\{\{)*\d", message);
            JsonElement place = result.GetProperty("locations")[0].GetProperty("physicalLocation");
            Assert.True(Uri.TryCreate(place.GetProperty("artifactLocation").GetProperty("uri").GetString(), UriKind.RelativeOrAbsolute, out _));
            Assert.InRange(place.GetProperty("region").GetProperty("startLine").GetInt32(), 1, int.MaxValue);
            Assert.Matches("^[0-9a-f]{32}:1$", result.GetProperty("partialFingerprints").GetProperty("primaryLocationLineHash").GetString());
        }
    }

    private static string Text(JsonElement parent, string name) => parent.GetProperty(name).GetProperty("text").GetString()!;
}
