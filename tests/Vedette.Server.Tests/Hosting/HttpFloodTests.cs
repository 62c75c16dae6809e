using System.Net;
using Vedette.Server.Access;
using Vedette.Server.Settings;
using Vedette.Server.Tests.Endpoints;
using Xunit;

namespace Vedette.Server.Tests.Hosting;

/// <summary>What can be done to a server with HTTP/2 frames alone: such connections are ended or answered, and a sender beside them is answered all the while.</summary>
public sealed class HttpFloodTests : IDisposable
{
    private const string Prod = "0123456789abcdef-prod";

    private const int Floods = 5;

    // Where the server only answers, it is enough that others are answered too.
    private const int MaxFrames = 50_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("vedette-http2-").FullName;
    private readonly TestAuthority _authority = new("servers of the test");

    public HttpFloodTests()
    {
        (string certificate, string key) = _authority.ForServer();
        File.WriteAllText(Path.Combine(_folder, "tls.crt"), certificate);
        File.WriteAllText(Path.Combine(_folder, "tls.key"), key);
    }

    public void Dispose()
    {
        _authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("requests that are reset at once", null)]
    [InlineData("deliveries that are reset at once", null)]
    [InlineData("headers that never end", "max_request_headers_total_size_exceeded")]
    [InlineData("a header of 100 KB", "error_reading_headers")]
    [InlineData("thousands of headers", "max_request_header_count_exceeded")]
    [InlineData("empty continuations", null)]
    [InlineData("pings", null)]
    [InlineData("settings", null)]
    [InlineData("empty data", null)]
    [InlineData("a window beyond its limit", "invalid_window_update_size")]
    [InlineData("a table of headers beyond its limit", "error_reading_headers")]
    [InlineData("data of no request", "invalid_stream_id")]
    [InlineData("a frame that is too long", "max_frame_length_exceeded")]
    public async Task Others_are_answered_during_a_flood_of_frames_and_nothing_is_left_of_it(string kind, string? endedFor)
    {
        await using ServerUnderTest server = await StartAsync();
        using CancellationTokenSource enough = new();
        Task<int> good = SendAsync(server, enough.Token);
        await Task.WhenAll(Enumerable.Range(0, Floods).Select(_ => FloodAsync(server, kind, isEnded: endedFor is not null)));
        await enough.CancelAsync();
        int answered = await good;
        Assert.True(answered > 0);
        Assert.Equal(answered, server.Server.Store.Events.End);
        await ServerUnderTest.UntilAsync(() => server.Server.Budget.Used == 0, () => "the bodies to be let go");
        await ServerUnderTest.UntilAsync(() => server.Metric("vedette_connections ") <= 1, server.Metrics);

        // What costs the server as little as the sender is only answered; how many resets are too many depends on how far behind it is.
        await ServerUnderTest.UntilAsync(() => endedFor is null || server.Metric($"vedette_connections_ended_total{{reason=\"{endedFor}\"}}") == Floods, server.Metrics);
    }

    [Fact]
    public async Task Deliveries_that_drip_over_one_connection_are_ended_and_take_no_memory()
    {
        await using ServerUnderTest server = await StartAsync();
        using HttpFrames frames = await HttpFrames.OpenAsync(server, _authority);
        Task<int> end = frames.ReadToEndAsync();
        for (int stream = 1; stream < 100; stream += 2)
        {
            await frames.SendAsync(Begin(stream));
            await frames.SendAsync(HttpFrames.Frame(HttpFrames.Data, 0, stream, "{"u8.ToArray()));
        }

        await ServerUnderTest.UntilAsync(() => server.Server.Budget.Used > 0, () => "the bodies to be read");
        await end;
        await ServerUnderTest.UntilAsync(() => server.Metric("vedette_connections_ended_total{reason=\"min_request_body_data_rate\"}") == 1, server.Metrics);
        await ServerUnderTest.UntilAsync(() => server.Metric("vedette_http_requests_total{route=\"/audit/{cluster}\",") == 50, server.Metrics);
        await ServerUnderTest.UntilAsync(() => server.Server.Budget.Used == 0, () => "the bodies to be let go");
        Assert.Equal(0, server.Server.Store.Events.End);
    }

    private static byte[] Begin(int stream) => HttpFrames.Frame(
        HttpFrames.Headers, HttpFrames.EndHeaders, stream, HttpFrames.Request("POST", "/audit/prod", ("authorization", $"Bearer {Prod}"), ("content-length", "100000")));

    /// <summary>Sends until the server has had enough; where it never has, for a while.</summary>
    private async Task FloodAsync(ServerUnderTest server, string kind, bool isEnded)
    {
        using HttpFrames frames = await HttpFrames.OpenAsync(server, _authority);
        Task<int> end = frames.ReadToEndAsync();
        byte[] health = HttpFrames.Request("GET", "/healthz");
        bool isOpen = true;
        for (int i = 0; (isEnded || i < MaxFrames) && isOpen && !end.IsCompleted; i++)
        {
            int stream = 2 * i + 1;
            isOpen = await frames.SendAsync(kind switch
            {
                "requests that are reset at once" => [.. HttpFrames.Frame(HttpFrames.Headers, HttpFrames.EndHeaders | HttpFrames.EndStream, stream, health), .. HttpFrames.Frame(HttpFrames.Reset, 0, stream, [0, 0, 0, 8])],
                "deliveries that are reset at once" => [.. Begin(stream), .. HttpFrames.Frame(HttpFrames.Data, 0, stream, "{"u8.ToArray()), .. HttpFrames.Frame(HttpFrames.Reset, 0, stream, [0, 0, 0, 8])],
                "headers that never end" => HttpFrames.Frame(i == 0 ? HttpFrames.Headers : HttpFrames.Continuation, 0, 1, i == 0 ? health : HttpFrames.Block(($"x-{i}", new string('a', 1_000)))),
                "a header of 100 KB" => HttpFrames.Frame(i % 7 == 0 ? HttpFrames.Headers : HttpFrames.Continuation, (byte)(i % 7 == 6 ? HttpFrames.EndHeaders : 0), i / 7 * 2 + 1, Part(HttpFrames.Request("GET", "/healthz", ("x", new string('a', 100_000))), i % 7)),
                "thousands of headers" => HttpFrames.Frame(HttpFrames.Headers, HttpFrames.EndHeaders | HttpFrames.EndStream, stream, HttpFrames.Request("GET", "/healthz", [.. Enumerable.Range(0, 2_000).Select(header => ($"x{header}", ""))])),
                "empty continuations" => HttpFrames.Frame(i == 0 ? HttpFrames.Headers : HttpFrames.Continuation, 0, 1, i == 0 ? health : []),
                "pings" => HttpFrames.Frame(HttpFrames.Ping, 0, 0, new byte[8]),
                "settings" => HttpFrames.Frame(HttpFrames.Settings, 0, 0, []),
                "empty data" => i == 0 ? Begin(1) : HttpFrames.Frame(HttpFrames.Data, 0, 1, []),
                "a window beyond its limit" => HttpFrames.Frame(HttpFrames.WindowUpdate, 0, 0, [0x7f, 0xff, 0xff, 0xff]),
                "a table of headers beyond its limit" => HttpFrames.Frame(HttpFrames.Headers, HttpFrames.EndHeaders | HttpFrames.EndStream, stream, [0x3f, 0xe1, 0xff, 0xff, 0x0f, .. health]),
                "data of no request" => HttpFrames.Frame(HttpFrames.Data, 0, stream, "{}"u8.ToArray()),
                _ => HttpFrames.Frame(HttpFrames.Data, 0, 1, new byte[1 << 20]),
            });
        }

        frames.Leave();
        await end;
    }

    private static byte[] Part(byte[] block, int part) => block[Math.Min(block.Length, part * 16_000)..Math.Min(block.Length, (part + 1) * 16_000)];

    /// <summary>Sends deliveries until it is told to end, and then one more, each of which must be taken.</summary>
    private async Task<int> SendAsync(ServerUnderTest server, CancellationToken enough)
    {
        using SocketsHttpHandler handler = new() { SslOptions = { TargetHost = "localhost", RemoteCertificateValidationCallback = (_, shown, chain, _) => _authority.Signed(shown, chain) } };
        using HttpClient client = new(handler) { BaseAddress = new Uri($"https://localhost:{server.Address.Port}"), DefaultRequestVersion = HttpVersion.Version20 };
        client.DefaultRequestHeaders.Authorization = new("Bearer", Prod);
        int answered = 0;
        do
        {
            using HttpResponseMessage answer = await client.PostAsync("/audit/prod", new StringContent(ServerUnderTest.Event($"good-{answered}")), TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            answered++;
        }
        while (!enough.IsCancellationRequested);

        return answered;
    }

    private Task<ServerUnderTest> StartAsync() => ServerUnderTest.StartAsync(settings => settings with
    {
        Tls = new TlsSettings(Path.Combine(_folder, "tls.crt"), Path.Combine(_folder, "tls.key"), null),
        Clusters = [new ClusterSettings("prod", [Credential.OfToken(Prod)])],
    });
}
