using System.Net;
using System.Text;
using Vedette.Sinks.Forwarding;
using Xunit;

namespace Vedette.Sinks.Tests.Forwarding;

public class ForwardingTests
{
    [Fact]
    public async Task Findings_go_to_their_clusters_as_packed_lines()
    {
        FakeReceiver receiver = new();
        using ISink sink = Factory(receiver).Create(Settings.Sink("vedette: {url: 'https://up.example/base/', token: t0ken}"));

        await sink.SendAsync([Findings.One(cluster: "a"), Findings.One(cluster: "b/../c"), Findings.One(cluster: "a", user: "bob")], TestContext.Current.CancellationToken);

        Assert.Equal(["https://up.example/base/findings/a", "https://up.example/base/findings/b%2F..%2Fc"], receiver.Requests.Select(request => request.Url.AbsoluteUri));
        Assert.Equal("Bearer t0ken", receiver.Last.Headers["Authorization"]);
        Assert.Equal("gzip", receiver.Last.Headers["Content-Encoding"]);
        Assert.Equal(Encoding.UTF8.GetString([.. Findings.One(cluster: "a").Json.Span, 10, .. Findings.One(cluster: "a", user: "bob").Json.Span, 10]), receiver.Requests[0].Text);
    }

    [Fact]
    public async Task Events_go_to_the_cluster_they_came_from_or_to_the_one_set()
    {
        FakeReceiver receiver = new();
        using EventForwarder own = Factory(receiver).CreateForwarder(Settings.Sink("vedette: {url: 'https://up.example', token: t}"))!;
        using EventForwarder set = Factory(receiver).CreateForwarder(Settings.Sink("vedette: {url: 'https://up.example', token: t, cluster: edge 7}"))!;

        await own.SendAsync("prod", "{}\n"u8.ToArray(), TestContext.Current.CancellationToken);
        await set.SendAsync("prod", "{}\n"u8.ToArray(), TestContext.Current.CancellationToken);

        Assert.Equal(["https://up.example/audit/prod", "https://up.example/audit/edge%207"], receiver.Requests.Select(request => request.Url.AbsoluteUri));
        Assert.Equal("{}\n", receiver.Last.Text);
        Assert.Null(Factory(receiver).CreateForwarder(Settings.Sink("vedette: {url: 'https://up.example', token: t, events: false}")));
    }

    [Fact]
    public async Task What_would_look_like_a_bomb_goes_unpacked()
    {
        FakeReceiver receiver = new();
        using EventForwarder forwarder = Factory(receiver).CreateForwarder(Settings.Sink("vedette: {url: 'https://up.example', token: t}"))!;
        byte[] padded = Encoding.UTF8.GetBytes($"{{\"user\":\"{new string('u', 2_000_000)}\"}}\n");

        await forwarder.SendAsync("prod", padded, TestContext.Current.CancellationToken);

        Assert.DoesNotContain("Content-Encoding", receiver.Last.Headers.Keys);
        Assert.Equal(padded, receiver.Last.Sent);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    public async Task A_name_that_cannot_stand_in_an_address_is_refused(string cluster)
    {
        FakeReceiver receiver = new(HttpStatusCode.OK);
        using ISink sink = Factory(receiver).Create(Settings.Sink("vedette: {url: 'https://up.example', token: t}"));

        Assert.Equal(SinkVerdict.Refused, (await sink.SendAsync([Findings.One(cluster: cluster)], TestContext.Current.CancellationToken)).Verdict);
        Assert.Empty(receiver.Requests);
    }

    private static SinkFactory Factory(FakeReceiver receiver) => new(_ => receiver, Stream.Null, TimeProvider.System);
}
