using Vedette.Documents;
using Vedette.Sinks.Alertmanager;
using Vedette.Sinks.Forwarding;
using Vedette.Sinks.Routing;
using Vedette.Sinks.Webhook;
using Xunit;

namespace Vedette.Sinks.Tests.Routing;

public class RoutingReaderTests
{
    [Fact]
    public void Nothing_said_tells_nobody()
    {
        RoutingTable table = Settings.Good("data: elsewhere\n");

        Assert.Empty(table.Receivers);
        Assert.Empty(table.Routes);
    }

    [Fact]
    public void Without_routes_everything_from_low_on_goes_to_every_receiver_that_takes_findings()
    {
        RoutingTable table = Settings.Good("""
            receivers:
            - {name: a, stdout: {}}
            - {name: b, webhook: {url: "https://b.example/x"}}
            - {name: c, vedette: {url: "https://c.example", findings: false}}
            """);

        Assert.Equal(["a", "b"], table.Decide(Findings.One(level: "low"), default).To.Select(to => to.Receiver));
        Assert.Equal(["a", "b"], table.Decide(Findings.One(level: null), default).To.Select(to => to.Receiver));
        Assert.Empty(table.Decide(Findings.One(level: "informational"), default).To);
    }

    [Fact]
    public void Secrets_come_from_the_environment_and_files()
    {
        string directory = Directory.CreateTempSubdirectory("vedette-routing-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(directory, "token"), "s3cret\n");
            RoutingTable table = Settings.Good(
                $$$"""
                receivers:
                - {name: hook, webhook: {url: {env: HOOK}, hmacSecret: "${KEY}", headers: {X-Team: sec} } }
                - {name: up, vedette: {url: "https://c.example", token: {file: {{{directory}}}/token} } }
                """,
                new() { ["HOOK"] = "https://hooks.example/secret", ["KEY"] = "k" });

            WebhookSettings hook = Assert.IsType<WebhookSettings>(table.Receivers[0].Sink);
            Assert.Equal("https://hooks.example/secret", hook.Url.ToString());
            Assert.Equal("k", hook.HmacSecret);
            Assert.Equal("Bearer s3cret", Assert.IsType<ForwardingSettings>(table.Receivers[1].Sink).Http.Authorization);
            Assert.DoesNotContain("secret", table.Receivers[0].ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain("s3cret", table.Receivers[1].ToString(), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public void What_is_read_twice_is_equal()
    {
        const string Yaml = """
            receivers:
            - {name: am, alertmanager: {urls: ["http://a:9093", "http://b:9093/prefix"], labels: {team: sec}}}
            - {name: hook, webhook: {url: "https://b.example/x", template: '{"t":"{{message}}"}', headers: {X-A: b}}}
            """;

        Assert.Equal(Settings.Good(Yaml).Receivers.AsEnumerable(), Settings.Good(Yaml).Receivers);
        Assert.NotEqual(Settings.Good(Yaml).Receivers[0], Settings.Good(Yaml.Replace("team: sec", "team: ops", StringComparison.Ordinal)).Receivers[0]);
    }

    [Fact]
    public void Alertmanager_has_defaults()
    {
        AlertmanagerSettings settings = Assert.IsType<AlertmanagerSettings>(Settings.Sink("alertmanager: {urls: ['http://a:9093']}"));

        Assert.Equal(TimeSpan.FromHours(1), settings.ActiveFor);
        Assert.Equal(TimeSpan.FromMinutes(1), settings.Resend);
    }

    [Theory]
    [InlineData("receivers: [{name: a}]", "1:13", "receivers[0] must be one of alertmanager")]
    [InlineData("receivers: [{stdout: {}}]", "1:13", "receivers[0].name is missing")]
    [InlineData("receivers: [{name: a b, stdout: {}}]", "1:20", "letters, digits")]
    [InlineData("receivers: [{name: a, stdout: {}, webhook: {url: 'http://x'}}]", "1:13", "not several")]
    [InlineData("receivers: [{name: a, stdout: {}}, {name: a, stdout: {}}]", "1:43", "there is a receiver a before it")]
    [InlineData("receivers: [{name: a, stdot: {}}]", "1:23", "receivers[0].stdot is not known here")]
    [InlineData("receivers: [{name: a, stdout: {x: 1}}]", "1:32", "x is not known")]
    [InlineData("receivers: [{name: a, webhook: {url: 'ftp://x'}}]", "1:38", "must be an address")]
    [InlineData("receivers: [{name: a, webhook: {}}]", "1:32", "url: is missing")]
    [InlineData("receivers: [{name: a, webhook: {url: 'https://u:p@x'}}]", "1:38", "holds a user or password")]
    [InlineData("receivers: [{name: a, webhook: {url: 'https://x', template: '{{nonsense}}'}}]", "1:61", "there is no {{nonsense}}")]
    [InlineData("receivers: [{name: a, webhook: {url: 'https://x', template: '{\"a\": {{message}}'}}]", "1:61", "not JSON")]
    [InlineData("receivers: [{name: a, webhook: {url: 'https://x', template: '{{message'}}]", "1:61", "has no }}")]
    [InlineData("receivers: [{name: a, webhook: {url: 'https://x', headers: {'a b': c}}}]", "1:68", "no header")]
    [InlineData("receivers: [{name: a, alertmanager: {urls: []}}]", "1:44", "must name 1 to 16")]
    [InlineData("receivers: [{name: a, alertmanager: {urls: ['http://x'], labels: {severity: x}}}]", "1:77", "cannot be the name of a label")]
    [InlineData("receivers: [{name: a, alertmanager: {urls: ['http://x'], activeFor: 1s}}]", "1:69", "span of time")]
    [InlineData("receivers: [{name: a, vedette: {url: 'http://x', events: false, findings: false}}]", "1:75", "neither events nor findings")]
    [InlineData("receivers: [{name: a, slack: {url: {env: NOPE}}}]", "1:36", "has no variable NOPE")]
    [InlineData("routes: [{receivers: [nobody]}]", "1:22", "there is no receiver nobody")]
    [InlineData("routes: [{match: {}}]", "1:10", "receivers: is missing")]
    [InlineData("routes: [{receivers: [], match: {level: hi}}]", "1:41", "must be one of informational")]
    [InlineData("routes: [{receivers: [], match: {levels: high}}]", "1:34", "levels is not known")]
    [InlineData("routes: [{receivers: [], match: {user: ''}}]", "1:40", "match nothing")]
    [InlineData("routes: [{receivers: [], groupBy: [pod]}]", "1:35", "'pod' is not known")]
    [InlineData("routes: [{receivers: [], rateLimit: {per: 1h}}]", "1:37", "count is missing")]
    [InlineData("silences: [{match: {user: a}, until: 2027-01-01}]", "1:12", "reason is missing")]
    [InlineData("silences: [{match: {user: a}, reason: r}]", "1:12", "until is missing")]
    [InlineData("silences: [{match: {user: a}, reason: r, until: 2027-01-01T00:00:00}]", "1:49", "with its zone")]
    [InlineData("silences: [{match: {}, reason: r, until: 2027-01-01}]", "1:20", "must say what it silences")]
    [InlineData("receivers: {name: a}", "1:12", "receivers must be a list")]
    [InlineData("receivers: [1]", "1:13", "must be a mapping")]
    public void Mistakes_are_told_with_their_place(string yaml, string place, string message)
    {
        List<Diagnostic> diagnostics = Settings.Read(yaml).Diagnostics;

        Assert.Contains(diagnostics, one => $"{one.Line}:{one.Column}" == place && one.Message.Contains(message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_secret_address_that_is_wrong_is_not_shown()
    {
        List<Diagnostic> diagnostics = Settings.Read("receivers: [{name: a, slack: {url: 'hooks.slack.com/T0/SECRET'}}]").Diagnostics;

        Assert.DoesNotContain("SECRET", Assert.Single(diagnostics).ToString(), StringComparison.Ordinal);
    }
}
