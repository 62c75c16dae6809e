using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Vedette.Sinks.Tests.Alertmanager;

public class AlertmanagerTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 25, 20, 30, 0, TimeSpan.Zero));

    [Fact]
    public async Task An_alert_has_stable_labels_and_an_end()
    {
        FakeReceiver receiver = new();
        using ISink sink = Create(receiver, "alertmanager: {urls: ['http://am:9093/prefix/'], labels: {team: sec}, generatorUrl: 'https://v.example/f/{{id}}?c={{cluster}}'}");

        await sink.SendAsync([Findings.One(tags: ["attack.t1609", "x"])], TestContext.Current.CancellationToken);

        Assert.Equal("http://am:9093/prefix/api/v2/alerts", receiver.Last.Url.ToString());
        JsonElement alert = Assert.Single(receiver.Last.Json.EnumerateArray());
        Assert.Equal(
            """{"team":"sec","alertname":"Pod exec","severity":"high","cluster":"prod-eu","namespace":"payments","rule_id":"11111111-2222-3333-4444-555555555555","finding_id":"0123456789abcdef0123456789abcdef"}""",
            alert.GetProperty("labels").GetRawText());
        Assert.Equal("alice ran a command in a pod", alert.GetProperty("annotations").GetProperty("summary").GetString());
        Assert.Equal("attack.t1609, x", alert.GetProperty("annotations").GetProperty("tags").GetString());
        Assert.Equal("2026-11-25T20:00:00Z", alert.GetProperty("startsAt").GetString());
        Assert.Equal("2026-11-25T21:30:00Z", alert.GetProperty("endsAt").GetString());
        Assert.Equal("https://v.example/f/0123456789abcdef0123456789abcdef?c=prod-eu", alert.GetProperty("generatorURL").GetString());
    }

    [Fact]
    public async Task A_finding_from_the_future_does_not_begin_after_now()
    {
        FakeReceiver receiver = new();
        using ISink sink = Create(receiver, "alertmanager: {urls: ['http://am:9093']}");

        await sink.SendAsync([Findings.One() with { Time = _time.GetUtcNow().AddYears(7) }, Findings.One(id: "2") with { Time = null }], TestContext.Current.CancellationToken);

        Assert.All(receiver.Last.Json.EnumerateArray(), alert => Assert.Equal("2026-11-25T20:30:00Z", alert.GetProperty("startsAt").GetString()));
    }

    [Fact]
    public async Task Labels_and_annotations_are_bounded_and_visible_whatever_the_finding_holds()
    {
        FakeReceiver receiver = new();
        using ISink sink = Create(receiver, "alertmanager: {urls: ['http://am:9093']}");

        await sink.SendAsync([.. Findings.Hostile.Select((text, index) => Findings.With(text, id: $"{index:x32}"))], TestContext.Current.CancellationToken);

        foreach (JsonElement alert in receiver.Last.Json.EnumerateArray())
        {
            JsonProperty[] labels = [.. alert.GetProperty("labels").EnumerateObject()];
            Assert.True(labels.Length <= 6);
            Assert.All(labels, label => Assert.InRange(label.Value.GetString()!.Length, 1, 256));
            Assert.All(alert.GetProperty("annotations").EnumerateObject(), annotation => Assert.InRange(annotation.Value.GetString()!.Length, 1, 1024));
            Assert.All(labels, label => Assert.DoesNotContain(label.Value.GetString()!, character => char.IsControl(character) || character is '\u202E' or '\u200B'));
        }
    }

    [Fact]
    public async Task One_instance_that_takes_it_is_enough_and_the_failures_of_others_are_counted()
    {
        FakeReceiver receiver = new(request => new HttpResponseMessage(request.Url.Host == "a" ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.OK));
        using ISink sink = Create(receiver, "alertmanager: {urls: ['http://a:9093', 'http://b:9093']}");

        Assert.Equal(SinkVerdict.Delivered, (await sink.SendAsync([Findings.One()], TestContext.Current.CancellationToken)).Verdict);
        Assert.Equal(new Dictionary<string, long> { ["http://a:9093"] = 1, ["http://b:9093"] = 0 }, Assert.IsAssignableFrom<IManyInstances>(sink).InstanceFailures);
    }

    [Theory]
    [InlineData(503, 503, SinkVerdict.TryLater)]
    [InlineData(503, 400, SinkVerdict.Refused)]
    [InlineData(400, 200, SinkVerdict.Delivered)]
    [InlineData(401, 503, SinkVerdict.TryLater)]
    public async Task Instances_decide_together(int one, int other, SinkVerdict verdict)
    {
        FakeReceiver receiver = new(request => new HttpResponseMessage((HttpStatusCode)(request.Url.Host == "a" ? one : other)));
        using ISink sink = Create(receiver, "alertmanager: {urls: ['http://a:9093', 'http://b:9093']}");

        Assert.Equal(verdict, (await sink.SendAsync([Findings.One()], TestContext.Current.CancellationToken)).Verdict);
    }

    [Fact]
    public async Task Active_alerts_are_told_again_with_the_same_end_until_it_comes()
    {
        FakeReceiver receiver = new();
        using IRefreshingSink sink = Assert.IsAssignableFrom<IRefreshingSink>(Create(receiver, "alertmanager: {urls: ['http://am:9093'], activeFor: 10m, resend: 1m}"));
        Assert.Null(sink.RefreshIn);
        await sink.SendAsync([Findings.One()], TestContext.Current.CancellationToken);
        string first = receiver.Last.Text;

        Assert.Equal(TimeSpan.FromMinutes(1), sink.RefreshIn);
        _time.Advance(TimeSpan.FromMinutes(1));
        await sink.RefreshAsync(TestContext.Current.CancellationToken);
        Assert.Equal(first, receiver.Last.Text);
        Assert.Equal(TimeSpan.FromMinutes(1), sink.RefreshIn);

        _time.Advance(TimeSpan.FromMinutes(9));
        await sink.RefreshAsync(TestContext.Current.CancellationToken);
        Assert.Null(sink.RefreshIn);
        Assert.Equal(2, receiver.Requests.Count);
    }

    [Fact]
    public async Task Of_very_many_alerts_the_newest_are_told_again()
    {
        FakeReceiver receiver = new();
        using IRefreshingSink sink = Assert.IsAssignableFrom<IRefreshingSink>(Create(receiver, "alertmanager: {urls: ['http://am:9093']}"));
        foreach (StoredFinding[] batch in Enumerable.Range(0, 5100).Select(number => Findings.One(id: $"{number:x32}")).Chunk(sink.MaxBatch))
        {
            await sink.SendAsync(batch, TestContext.Current.CancellationToken);
        }

        receiver.Requests.Clear();
        await sink.RefreshAsync(TestContext.Current.CancellationToken);

        string[] ids = [.. receiver.Requests.SelectMany(request => request.Json.EnumerateArray()).Select(alert => alert.GetProperty("labels").GetProperty("finding_id").GetString()!)];
        Assert.Equal(Enumerable.Range(100, 5000).Select(number => $"{number:x32}"), ids);
    }

    private ISink Create(FakeReceiver receiver, string yaml) => new SinkFactory(_ => receiver, Stream.Null, _time).Create(Settings.Sink(yaml));
}
