using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Vedette.Server.Access;
using Vedette.Server.Settings;
using Vedette.Tests;
using Xunit;

namespace Vedette.Server.Tests.Endpoints;

/// <summary>Events over HTTP: who may send them, what is answered, and what is on disk then.</summary>
public class AuditEndpointTests
{
    private const string Prod = "0123456789abcdef-prod";
    private const string Stage = "0123456789abcdef-stage";

    [Theory]
    [InlineData("/audit/prod", null, HttpStatusCode.Unauthorized)]
    [InlineData("/audit/prod", "wrong", HttpStatusCode.Unauthorized)]
    [InlineData("/audit/prod", Prod, HttpStatusCode.OK)]
    [InlineData("/audit/prod/" + Prod, null, HttpStatusCode.OK)]
    [InlineData("/audit/prod/wrong", null, HttpStatusCode.Unauthorized)]
    [InlineData("/audit/prod", Stage, HttpStatusCode.Forbidden)]
    [InlineData("/audit/stage/" + Prod, null, HttpStatusCode.Forbidden)]
    [InlineData("/audit/other", Prod, HttpStatusCode.NotFound)]
    [InlineData("/audit/..%2f..%2fetc", Prod, HttpStatusCode.NotFound)]
    [InlineData("/audit/prod%00", Prod, HttpStatusCode.BadRequest)]
    [InlineData("/audit/%0a", Prod, HttpStatusCode.NotFound)]
    [InlineData("/audit/%E2%80%AEprod", Prod, HttpStatusCode.NotFound)]
    public async Task Events_are_taken_from_those_whose_credentials_are_bound_to_the_cluster(string path, string? token, HttpStatusCode expected)
    {
        await using ServerUnderTest server = await StartAsync();
        Assert.Equal(expected, await server.PostAsync(path, token, ServerUnderTest.Event("1")));
        Assert.Equal(expected == HttpStatusCode.OK ? 1 : 0, server.Server.Store.Events.End);
    }

    [Theory]
    [InlineData("/api/v1/findings")]
    [InlineData("/api/v1/events")]
    [InlineData("/api/v1/status")]
    [InlineData("/api/v1/tail")]
    [InlineData("/metrics")]
    [InlineData("/nowhere")]
    public async Task Nothing_but_health_is_open_and_senders_see_nothing(string path)
    {
        await using ServerUnderTest server = await StartAsync();
        foreach (string? token in new[] { null, Prod })
        {
            using HttpResponseMessage answer = await server.SendAsync(HttpMethod.Get, path, token);
            Assert.Equal(token is null ? HttpStatusCode.Unauthorized : path == "/nowhere" ? HttpStatusCode.NotFound : HttpStatusCode.Forbidden, answer.StatusCode);
        }

        foreach (string open in new[] { "/healthz", "/readyz?verbose", "/openapi.json" })
        {
            using HttpResponseMessage answer = await server.SendAsync(HttpMethod.Get, open, null);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    [Fact]
    public async Task What_a_real_apiserver_posts_is_stored_once_item_by_item_whatever_it_is_packed_in()
    {
        await using ServerUnderTest server = await StartAsync();
        byte[] body = SharedData.ReadCase("apiserver/eventlist-100.json.gz");
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(body);
        }

        Assert.Equal(HttpStatusCode.OK, await server.PostAsync("/audit/prod", Prod, body));
        Assert.Equal(HttpStatusCode.OK, await server.PostAsync("/audit/prod", Prod, packed.ToArray(), "gzip"));
        using JsonDocument list = JsonDocument.Parse(body);
        string[] items = [.. list.RootElement.GetProperty("items").EnumerateArray().Select(item => item.GetRawText())];
        Assert.Equal(items, ServerUnderTest.Stored(server.Server.Store.Events));
    }

    [Fact]
    public async Task Bad_items_beside_good_ones_go_to_quarantine_and_the_answer_is_200()
    {
        await using ServerUnderTest server = await StartAsync();
        Assert.Equal(HttpStatusCode.OK, await server.PostAsync("/audit/prod", Prod, ServerUnderTest.Event("1") + "\n{\"kind\":\"Event\",broken\n" + ServerUnderTest.Event("2") + "\n"));
        Assert.Equal(2, server.Server.Store.Events.End);
        Assert.Equal(1, server.Server.Store.Quarantine.End);
        Assert.Equal(HttpStatusCode.BadRequest, await server.PostAsync("/audit/prod", Prod, "hello"));
        Assert.Equal(HttpStatusCode.OK, await server.PostAsync("/audit/prod", Prod, """{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[]}"""));
    }

    [Theory]
    [InlineData("[", HttpStatusCode.BadRequest, 1)]
    [InlineData(",", HttpStatusCode.BadRequest, 1)]
    [InlineData("[]\n[", HttpStatusCode.BadRequest, 1)]
    [InlineData("""[{"kind":"Ev""", HttpStatusCode.BadRequest, 1)]
    [InlineData("""{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[""", HttpStatusCode.BadRequest, 1)]
    [InlineData("""{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[broken]}""", HttpStatusCode.BadRequest, 1)]
    [InlineData("""{"kind":"EventList", "apiVersion":"audit.k8s.io/v1", "metadata":{}, "items":[broken]}""", HttpStatusCode.BadRequest, 1)]
    [InlineData("[]", HttpStatusCode.OK, 0)]
    [InlineData("\n", HttpStatusCode.OK, 0)]
    public async Task What_is_cut_off_or_broken_before_its_first_event_is_refused_and_kept(string body, HttpStatusCode answer, int quarantined)
    {
        await using ServerUnderTest server = await StartAsync();
        Assert.Equal(answer, await server.PostAsync("/audit/prod", Prod, body));
        Assert.Equal(quarantined, server.Server.Store.Quarantine.End);
        Assert.Equal(0, server.Server.Store.Events.End);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    public async Task What_is_broken_behind_events_of_a_list_is_quarantined_and_they_are_stored(string blank)
    {
        await using ServerUnderTest server = await StartAsync();
        string list = $$"""{"kind":"EventList",{{blank}}"apiVersion":"audit.k8s.io/v1","metadata":{},"items":[{{ServerUnderTest.Event("1")}},broken,{{ServerUnderTest.Event("2")}}]}""";
        Assert.Equal(HttpStatusCode.OK, await server.PostAsync("/audit/prod", Prod, list));
        Assert.Equal(1, server.Server.Store.Events.End);
        Assert.Contains("\"2\"", Assert.Single(ServerUnderTest.Stored(server.Server.Store.Quarantine)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Secrets_are_redacted_before_they_are_stored()
    {
        await using ServerUnderTest server = await StartAsync();
        string secret = ServerUnderTest.Event("1", "create", ",\"requestObject\":{\"kind\":\"Secret\",\"apiVersion\":\"v1\",\"data\":{\"password\":\"aHVudGVyMg==\"}}").Replace("\"Metadata\"", "\"Request\"", StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await server.PostAsync("/audit/prod", Prod, secret));
        string stored = Assert.Single(ServerUnderTest.Stored(server.Server.Store.Events));
        Assert.DoesNotContain("aHVudGVyMg", stored, StringComparison.Ordinal);
        Assert.Contains("redacted:v1:", stored, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bomb_a_body_that_is_too_large_and_an_unknown_encoding_are_refused_and_others_are_undisturbed()
    {
        await using ServerUnderTest server = await StartAsync(limits: new LimitSettings { MaxBody = 8 * 1024 * 1024 });
        using MemoryStream bomb = new();
        using (GZipStream gzip = new(bomb, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            byte[] zeros = new byte[1024 * 1024];
            for (int i = 0; i < 200; i++)
            {
                gzip.Write(zeros);
            }
        }

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await server.PostAsync("/audit/prod", Prod, bomb.ToArray(), "gzip"));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, await server.PostAsync("/audit/prod", Prod, "x"u8.ToArray(), "br"));
        Assert.Equal(HttpStatusCode.BadRequest, await server.PostAsync("/audit/prod", Prod, "not gzip"u8.ToArray(), "gzip"));
        Assert.Equal(HttpStatusCode.OK, await server.PostAsync("/audit/prod", Prod, ServerUnderTest.Event("1")));
        Assert.Equal(0, server.Server.Budget.Used);
    }

    [Fact]
    public async Task A_body_that_claims_a_gigabyte_costs_nothing()
    {
        await using ServerUnderTest server = await StartAsync();
        using TcpClient client = new();
        await client.ConnectAsync(server.Address, TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"POST /audit/prod/{Prod} HTTP/1.1\r\nHost: x\r\nContent-Length: 1073741824\r\n\r\n{{"), TestContext.Current.CancellationToken);
        byte[] answer = new byte[64];
        int read = await client.GetStream().ReadAsync(answer, TestContext.Current.CancellationToken);
        Assert.StartsWith("HTTP/1.1 413", Encoding.ASCII.GetString(answer, 0, read), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_disk_is_503_with_Retry_After_and_over_without_a_restart()
    {
        await using ServerUnderTest server = await StartAsync();
        Assert.Equal(HttpStatusCode.OK, await server.PostAsync("/audit/prod", Prod, ServerUnderTest.Event("1")));

        // Its finding is stored too: else readiness would wait for detection to try that again.
        await server.DetectedAsync();
        server.Disk.IsFull = true;
        using (HttpResponseMessage answer = await server.SendAsync(HttpMethod.Post, "/audit/prod", Prod, new StringContent(ServerUnderTest.Event("2"))))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.NotNull(answer.Headers.RetryAfter);
        }

        using (HttpResponseMessage ready = await server.SendAsync(HttpMethod.Get, "/readyz", null))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        }

        server.Disk.IsFull = false;
        Assert.Equal(HttpStatusCode.OK, await server.PostAsync("/audit/prod", Prod, ServerUnderTest.Event("2")));
        using (HttpResponseMessage ready = await server.SendAsync(HttpMethod.Get, "/readyz", null))
        {
            Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        }

        await server.DetectedAsync();
        Assert.Equal(2, server.Server.Store.Events.End);
    }

    [Fact]
    public async Task More_than_the_budget_is_asked_to_come_again()
    {
        await using ServerUnderTest server = await StartAsync(limits: new LimitSettings { MaxInFlight = 1024 * 1024, MaxBody = 64 * 1024 * 1024 });
        using HttpResponseMessage answer = await server.SendAsync(HttpMethod.Post, "/audit/prod", Prod, new StringContent(string.Concat(Enumerable.Range(0, 4_000).Select(number => ServerUnderTest.Event($"{number}") + "\n"))));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal(HttpStatusCode.OK, await server.PostAsync("/audit/prod", Prod, ServerUnderTest.Event("1")));
    }

    private static Task<ServerUnderTest> StartAsync(LimitSettings? limits = null) => ServerUnderTest.StartAsync(settings => settings with
    {
        Clusters = [new ClusterSettings("prod", [Credential.OfToken(Prod)]), new ClusterSettings("stage", [Credential.OfToken(Stage)])],
        Limits = limits ?? new LimitSettings(),
    });
}
