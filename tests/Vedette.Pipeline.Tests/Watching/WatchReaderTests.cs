using System.Text.Json;
using Vedette.Documents.Settings;
using Vedette.Documents.Yaml;
using Vedette.Pipeline.Watching;
using Vedette.Tests;
using Xunit;

namespace Vedette.Pipeline.Tests.Watching;

public class WatchReaderTests
{
    [Fact]
    public void Without_a_section_nothing_is_expected_and_no_API_server_is_asked()
    {
        (WatchSettings settings, string[] wrong) = Read("data: x");
        Assert.Empty(wrong);
        Assert.Empty(settings.Expect);
        Assert.Empty(settings.ApiServers);
    }

    [Fact]
    public void Expectations_and_API_servers_are_read_and_paths_are_below_the_file()
    {
        (WatchSettings settings, string[] wrong) = Read(
            """
            watch:
              expect:
              - {cluster: prod, source: webhook, every: 5m}
              - {cluster: lab, every: never}
              apiservers:
              - {cluster: prod, url: "https://10.0.0.1:6443/metrics", tokenFile: token, caFile: /etc/ca.pem}
              scrapeEvery: 30s
            """);
        Assert.Empty(wrong);
        Assert.Equal([new Expectation("prod", "webhook", TimeSpan.FromMinutes(5)), new Expectation("lab", null, null)], settings.Expect);
        Assert.Equal([new ApiServerAddress("prod", new Uri("https://10.0.0.1:6443/metrics"), "/etc/vedette/token", "/etc/ca.pem")], settings.ApiServers);
        Assert.Equal("10.0.0.1:6443", settings.ApiServers[0].Name);
        Assert.Equal(TimeSpan.FromSeconds(30), settings.ScrapeEvery);
    }

    [Theory]
    [InlineData("{expect: [{cluster: prod}]}", "1:18: watch.expect[0].every is missing")]
    [InlineData("{expect: [{every: 1s}]}", "1:26: watch.expect[0].every must be a span of time from 10s to 30d, such as 30s, 5m, 1h30m or 7d")]
    [InlineData("{expect: [{every: 1m, clusters: x}]}", "1:30: watch.expect[0].clusters is not known here")]
    [InlineData("{apiservers: [{cluster: prod}]}", "1:22: watch.apiservers[0].url is missing")]
    [InlineData("{apiservers: [{cluster: prod, url: 'ftp://a'}]}", "1:43: watch.apiservers[0].url: must be an address such as https://10.0.0.1:6443/metrics, without credentials")]
    [InlineData("{apiservers: [{cluster: prod, url: 'https://u:p@a/metrics'}]}", "1:43: watch.apiservers[0].url: must be an address such as https://10.0.0.1:6443/metrics, without credentials")]
    [InlineData("{apiservers: [{cluster: prod, url: 'http://10.0.0.1/metrics', tokenFile: t}]}", "1:81: watch.apiservers[0].tokenFile: a token is sent over https only")]
    [InlineData("{silence: 1m}", "1:9: watch.silence is not known here")]
    public void What_is_wrong_is_told_with_its_place(string watch, string expected) => Assert.Equal(expected, Assert.Single(Read($"watch: {watch}").Wrong));

    [Fact]
    public void The_schema_knows_just_what_is_read()
    {
        using JsonDocument schema = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(SharedData.Root, "docs", "schema", "watch.schema.json")));
        JsonElement properties = schema.RootElement.GetProperty("properties");
        Assert.Equal("apiservers, expect, scrapeEvery", Known("{x: 1}"));
        Assert.Equal("apiservers, expect, scrapeEvery", Names(properties));
        Assert.Equal(Names(properties.GetProperty("expect").GetProperty("items").GetProperty("properties")), Known("{expect: [{every: 1m, x: 1}]}"));
        Assert.Equal(
            Names(properties.GetProperty("apiservers").GetProperty("items").GetProperty("properties")), Known("{apiservers: [{cluster: a, url: 'https://a/metrics', x: 1}]}"));

        static string Names(JsonElement of) => string.Join(", ", of.EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal));
    }

    private static string Known(string watch)
    {
        SettingsContext context = new("/etc/vedette/vedette.yaml", _ => null);
        WatchReader.Read(new SettingsReader(YamlReader.Read(context.File, $"watch: {watch}", context.Diagnostics)[0], "", context));
        return Assert.Single(context.Diagnostics).Help!["known are ".Length..];
    }

    private static (WatchSettings Settings, string[] Wrong) Read(string text)
    {
        SettingsContext context = new("/etc/vedette/vedette.yaml", _ => null);
        WatchSettings settings = WatchReader.Read(new SettingsReader(YamlReader.Read(context.File, text, context.Diagnostics)[0], "", context));
        return (settings, [.. context.Diagnostics.Select(item => $"{item.Line}:{item.Column}: {item.Message}")]);
    }
}
