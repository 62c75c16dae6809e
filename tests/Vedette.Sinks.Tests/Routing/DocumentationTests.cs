using System.Text.Json;
using Vedette.Sinks.Routing;
using Vedette.Tests;
using Xunit;

namespace Vedette.Sinks.Tests.Routing;

public class DocumentationTests
{
    [Fact]
    public void The_example_of_the_manual_can_be_used()
    {
        string manual = File.ReadAllText(Path.Combine(SharedData.Root, "docs", "telling.md"));
        string example = manual.Split("```yaml\n")[1].Split("```")[0];
        string directory = Directory.CreateTempSubdirectory("vedette-manual-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(directory, "webhook-secret"), "s");
            File.WriteAllText(Path.Combine(directory, "central-token"), "t");

            RoutingTable table = Settings.Good(example.Replace("/etc/vedette", directory, StringComparison.Ordinal), new() { ["SLACK_WEBHOOK"] = "https://hooks.example/services/T/B/X" });

            Assert.Equal(["alertmanager", "slack", "webhook", "stdout", "vedette"], table.Receivers.Select(receiver => receiver.Sink.Kind));
            Assert.Equal((4, 1), (table.Routes.Length, table.Silences.Length));
            Assert.Equal(["oncall", "channel", "tickets"], table.Decide(Findings.One(), default).To.Select(to => to.Receiver));
            Assert.Equal(["lines", "central"], table.Decide(Findings.One(level: "low"), default).To.Select(to => to.Receiver));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Theory]
    [InlineData("receiver", "receivers: [{nobody: asked, name: a, stdout: {}}]")]
    [InlineData("alertmanager", "receivers: [{name: a, alertmanager: {nobody: asked, urls: ['http://x']}}]")]
    [InlineData("webhook", "receivers: [{name: a, webhook: {nobody: asked, url: 'http://x'}}]")]
    [InlineData("slack", "receivers: [{name: a, slack: {nobody: asked, url: 'http://x'}}]")]
    [InlineData("vedette", "receivers: [{name: a, vedette: {nobody: asked, url: 'http://x'}}]")]
    [InlineData("basicAuth", "receivers: [{name: a, slack: {url: 'http://x', basicAuth: {nobody: asked, username: u, password: p}}}]")]
    [InlineData("route", "routes: [{nobody: asked, receivers: []}]")]
    [InlineData("match", "routes: [{receivers: [], match: {nobody: asked}}]")]
    [InlineData("silence", "silences: [{nobody: asked, match: {user: a}, reason: r, until: 2027-01-01}]")]
    public void The_schema_knows_what_the_reader_knows(string definition, string yaml)
    {
        JsonElement schema = Findings.Parse(File.ReadAllBytes(Path.Combine(SharedData.Root, "docs", "schema", "routing.schema.json")));

        string known = string.Join(", ", schema.GetProperty("$defs").GetProperty(definition).GetProperty("properties").EnumerateObject().Select(one => one.Name).Order(StringComparer.Ordinal));

        Assert.Equal($"known are {known}", Assert.Single(Settings.Read(yaml).Diagnostics).Help);
    }
}
