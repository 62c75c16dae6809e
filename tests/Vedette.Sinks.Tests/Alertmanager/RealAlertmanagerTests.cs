using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Vedette.Sinks.Http;
using Xunit;

namespace Vedette.Sinks.Tests.Alertmanager;

public class RealAlertmanagerTests
{
    [Fact]
    public async Task The_same_finding_is_one_alert_and_alerts_are_grouped_by_their_labels()
    {
        await using AlertmanagerProcess alertmanager = await AlertmanagerProcess.StartAsync();
        using ISink sink = Create($"alertmanager: {{urls: ['{alertmanager.Url}'], labels: {{team: sec}}}}");

        await SendAsync(sink, Findings.One(id: "a1"), Findings.One(id: "a2"), Findings.One(id: "b1", title: "Secrets listed"));
        await SendAsync(sink, Findings.One(id: "a1", count: 7), Findings.One(id: "a1", count: 7));

        JsonElement[] alerts = await alertmanager.AlertsAsync();
        Assert.Equal(["a1", "a2", "b1"], alerts.Select(Id).Order());
        JsonElement alert = alerts.Single(one => Id(one) == "a1");
        Assert.Equal("7", alert.GetProperty("annotations").GetProperty("count").GetString());
        Assert.Equal(["alertname", "cluster", "finding_id", "namespace", "rule_id", "severity", "team"], alert.GetProperty("labels").EnumerateObject().Select(label => label.Name).Order(StringComparer.Ordinal));
        Assert.Equal("active", alert.GetProperty("status").GetProperty("state").GetString());
        Assert.Equal([1, 2], (await alertmanager.GroupsAsync()).Select(group => group.GetProperty("alerts").GetArrayLength()).Order());
    }

    [Fact]
    public async Task Hostile_texts_arrive_bounded_and_visible()
    {
        await using AlertmanagerProcess alertmanager = await AlertmanagerProcess.StartAsync();
        using ISink sink = Create($"alertmanager: {{urls: ['{alertmanager.Url}']}}");

        await SendAsync(sink, [.. Findings.Hostile.Select((text, index) => Findings.With(text, id: $"h{index}"))]);

        JsonElement[] alerts = await alertmanager.AlertsAsync();
        Assert.Equal(Findings.Hostile.Length, alerts.Length);
        Assert.All(alerts.SelectMany(alert => alert.GetProperty("labels").EnumerateObject()), label =>
        {
            Assert.InRange(label.Value.GetString()!.Length, 1, 256);
            Assert.DoesNotContain(label.Value.GetString()!, character => char.IsControl(character) || character == '\u202E');
        });
    }

    [Fact]
    public async Task A_finding_without_anything_is_an_alert_all_the_same()
    {
        await using AlertmanagerProcess alertmanager = await AlertmanagerProcess.StartAsync();
        using ISink sink = Create($"alertmanager: {{urls: ['{alertmanager.Url}']}}");

        await SendAsync(sink, new StoredFinding { Sequence = 0, IsUpdate = false, Json = "{}"u8.ToArray(), Id = "empty" });

        Assert.Equal("Vedette finding", Assert.Single(await alertmanager.AlertsAsync()).GetProperty("labels").GetProperty("alertname").GetString());
    }

    [Fact]
    public async Task An_instance_that_was_down_is_told_when_it_is_back()
    {
        await using AlertmanagerProcess one = await AlertmanagerProcess.StartAsync();
        await using AlertmanagerProcess other = await AlertmanagerProcess.StartAsync();
        await other.StopAsync();
        using IRefreshingSink sink = Assert.IsAssignableFrom<IRefreshingSink>(Create($"alertmanager: {{urls: ['{one.Url}', '{other.Url}']}}"));

        await SendAsync(sink, Findings.One(id: "a1"), Findings.One(id: "a2"));
        Assert.Equal(["a1", "a2"], (await one.AlertsAsync()).Select(Id).Order());
        Assert.Equal(1, Assert.IsAssignableFrom<IManyInstances>(sink).InstanceFailures[$"http://{other.Url.Authority}"]);

        await other.BeginAsync();
        Assert.Empty(await other.AlertsAsync());
        Assert.Equal(SinkVerdict.Delivered, (await sink.RefreshAsync(TestContext.Current.CancellationToken)).Verdict);
        Assert.Equal(["a1", "a2"], (await other.AlertsAsync()).Select(Id).Order());
    }

    [Fact]
    public async Task An_alert_is_active_until_its_end_without_being_told_again()
    {
        await using AlertmanagerProcess alertmanager = await AlertmanagerProcess.StartAsync();

        // Told an hour ago by this clock, so that it has ended by Alertmanager's.
        FakeTimeProvider past = new(TimeProvider.System.GetUtcNow().AddHours(-2));
        using ISink ended = new SinkFactory(HttpHandlers.Create, Stream.Null, past).Create(Settings.Sink($"alertmanager: {{urls: ['{alertmanager.Url}'], activeFor: 1h}}"));
        await SendAsync(ended, Findings.One(id: "old"));
        using ISink active = Create($"alertmanager: {{urls: ['{alertmanager.Url}'], activeFor: 1h}}");
        await SendAsync(active, Findings.One(id: "new"));

        JsonElement alert = Assert.Single(await alertmanager.AlertsAsync());
        Assert.Equal("new", Id(alert));
        Assert.InRange(alert.GetProperty("endsAt").GetDateTimeOffset() - TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(50), TimeSpan.FromMinutes(60));
    }

    private static ISink Create(string yaml) => new SinkFactory(HttpHandlers.Create, Stream.Null, TimeProvider.System).Create(Settings.Sink(yaml));

    private static async Task SendAsync(ISink sink, params StoredFinding[] findings)
    {
        SinkAnswer answer = await sink.SendAsync(findings, TestContext.Current.CancellationToken);
        Assert.Equal((null, SinkVerdict.Delivered), (answer.Problem, answer.Verdict));
    }

    private static string Id(JsonElement alert) => alert.GetProperty("labels").GetProperty("finding_id").GetString()!;
}
