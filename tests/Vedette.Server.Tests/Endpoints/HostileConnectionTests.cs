using System.Net;
using System.Net.Sockets;
using System.Text;
using Vedette.Server.Access;
using Vedette.Server.Settings;
using Xunit;

namespace Vedette.Server.Tests.Endpoints;

/// <summary>Those who send nothing, too little, too slowly or too much over raw connections: they are let go and counted, and a sender beside them is answered all the while.</summary>
public class HostileConnectionTests
{
    private const string Prod = "0123456789abcdef-prod";

    [Fact]
    public async Task Headers_and_bodies_that_drip_are_ended_and_others_are_answered_meanwhile()
    {
        const int Each = 30;
        await using ServerUnderTest server = await StartAsync();
        using CancellationTokenSource enough = new();
        Task<int> good = SendAsync(server, enough.Token);
        string post = $"POST /audit/prod HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {Prod}\r\n";
        string length = "Content-Length: 1000000\r\n";
        (string Beginning, string Drop)[] drips =
        [
            ("PO", "S"), ("POST /audit/prod HTTP/1.1\r\nHost: x\r\nX-", "a"), (post + length + "\r\n{", " "), (post + "Transfer-Encoding: chunked\r\n\r\n", "1\r\n \r\n"),

            // A gzip header with a name that does not end; a zstd frame that is to be skipped, of 4 GB.
            (post + length + "Content-Encoding: gzip\r\n\r\n\u001f\u008b\u0008\u0008\0\0\0\0\0\0", "a"), (post + length + "Content-Encoding: zstd\r\n\r\n\u0050\u002a\u004d\u0018\u00ff\u00ff\u00ff\u00ff", "a"),
        ];
        string[] ends = await Task.WhenAll(drips.SelectMany(drip => Enumerable.Repeat(drip, Each)).Select(drip => DripAsync(server, drip.Beginning, drip.Drop)));
        await enough.CancelAsync();
        int answered = await good;
        Assert.True(answered > 3, $"only {answered} deliveries were taken meanwhile");
        Assert.Equal(answered, server.Server.Store.Events.End);
        Assert.Equal(6 * Each, ends.Length);
        Assert.All(ends[(2 * Each)..], end => Assert.StartsWith("HTTP/1.1 408", end, StringComparison.Ordinal));
        await ServerUnderTest.UntilAsync(() => server.Metric("vedette_http_requests_total{route=\"/audit/{cluster}\",code=\"408\"}") == 4 * Each, server.Metrics);
        await ServerUnderTest.UntilAsync(() => server.Metric("vedette_connections_ended_total{reason=\"request_headers_timeout\"}") >= 2 * Each, server.Metrics);
        Assert.Equal(0, server.Server.Budget.Used);
    }

    [Fact]
    public async Task Thousands_of_idle_connections_keep_no_sender_out()
    {
        const int Max = 100;
        const int Idle = 1_500;
        await using ServerUnderTest server = await StartAsync(new LimitSettings { MaxConnections = Max });
        int connections = 0;
        using SocketsHttpHandler keeping = new()
        {
            ConnectCallback = async (context, cancellation) =>
            {
                connections++;
                Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(context.DnsEndPoint, cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using HttpClient known = new(keeping) { BaseAddress = server.Client.BaseAddress };
        known.DefaultRequestHeaders.Authorization = new("Bearer", Prod);
        Assert.Equal(HttpStatusCode.OK, await PostAsync(known, "known-1"));
        List<RawConnection> idle = [];
        try
        {
            for (int number = 0; number < Idle; number++)
            {
                RawConnection connection = await RawConnection.OpenAsync(server.Address);
                idle.Add(connection);
                if (number % 3 != 0)
                {
                    await connection.SendAsync(number % 3 == 1 ? "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" : "POST /audit/prod HTTP/1.1\r\nHo");
                }

                if (number % 100 == 0)
                {
                    // Over a connection of its own, when all that were opened before have been let in.
                    int opened = number + 2;
                    await ServerUnderTest.UntilAsync(() => server.Metric("vedette_connections_ended_total{") + server.Metric("vedette_connections ") >= opened, server.Metrics);
                    string answer = await RawConnection.AskAsync(server.Address, Request($"own-{number}"));
                    Assert.True(answer.StartsWith("HTTP/1.1 200", StringComparison.Ordinal), $"{number}: {answer}\n{server.Metrics()}");
                    Assert.InRange(server.Metric("vedette_connections "), 1, Max);
                }
            }

            // Who is known is not asked to go while there are strangers.
            Assert.Equal(HttpStatusCode.OK, await PostAsync(known, "known-2"));
            Assert.Equal(1, connections);
            await ServerUnderTest.UntilAsync(() => server.Metric("vedette_connections_ended_total{") >= Idle - Max, server.Metrics);
            Assert.True(server.Metric("vedette_connections_ended_total{reason=\"made_room\"}") > 0, server.Metrics());
            Assert.Equal(2 + Idle / 100, server.Server.Store.Events.End);
        }
        finally
        {
            idle.ForEach(connection => connection.Dispose());
        }

        await ServerUnderTest.UntilAsync(() => server.Metric("vedette_connections ") <= 1, server.Metrics);
    }

    [Fact]
    public async Task A_new_connection_is_refused_when_all_there_are_have_requests_under_way()
    {
        await using ServerUnderTest server = await StartAsync(new LimitSettings { MaxConnections = 2 });
        using RawConnection one = await RawConnection.OpenAsync(server.Address);
        using RawConnection other = await RawConnection.OpenAsync(server.Address);
        string begun = $"POST /audit/prod HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {Prod}\r\nContent-Length: 5000\r\n\r\n" + ServerUnderTest.Event("1");
        await one.SendAsync(begun);
        await other.SendAsync(begun);
        await ServerUnderTest.UntilAsync(() => server.Server.Budget.Used > ServerUnderTest.Event("1").Length * 3, () => "both bodies to be read");
        Assert.Equal("", await RawConnection.AskAsync(server.Address, Request("2")));
        Assert.Equal(1, server.Metric("vedette_connections_ended_total{reason=\"full\"}"));
        await one.SendAsync(new string(' ', 5_000 - ServerUnderTest.Event("1").Length));
        Assert.StartsWith("HTTP/1.1 200", await one.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200", await RawConnection.AskAsync(server.Address, Request("3")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("many headers", 431)]
    [InlineData("long header", 431)]
    [InlineData("long name", 431)]
    [InlineData("long request line", 414)]
    [InlineData("long method", 401)]
    [InlineData("no end", 431)]
    [InlineData("control characters", 400)]
    [InlineData("header without colon", 400)]
    [InlineData("NUL in a header", 400)]
    [InlineData("two lengths", 400)]
    [InlineData("a negative length", 400)]
    [InlineData("a length of 30 digits", 400)]
    [InlineData("a bad chunk", 400)]
    [InlineData("a chunk of endless length", 400)]
    [InlineData("a chunk of too many bytes", 400)]
    [InlineData("endless trailers", 431)]
    [InlineData("no host", 400)]
    [InlineData("two hosts", 400)]
    [InlineData("HTTP/3.7", 505)]
    [InlineData("HTTP/2 in the clear", 0)]
    public async Task What_is_no_request_is_refused_and_counted(string kind, int expected)
    {
        await using ServerUnderTest server = await StartAsync();
        string head = $"POST /audit/prod HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {Prod}\r\n";
        string request = kind switch
        {
            "many headers" => head + string.Concat(Enumerable.Range(0, 20_000).Select(number => $"X-{number}: y\r\n")) + "\r\n",
            "long header" => head + $"X-Long: {new string('a', 4_000_000)}\r\n\r\n",
            "long name" => head + $"X-{new string('a', 1_000_000)}: y\r\n\r\n",
            "long request line" => $"POST /audit/{new string('a', 1_000_000)} HTTP/1.1\r\nHost: x\r\n\r\n",
            "long method" => $"{new string('P', 5_000)} /audit/prod HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            "no end" => head + string.Concat(Enumerable.Range(0, 100_000).Select(number => $"X-{number}: y\r\n")),
            "control characters" => "PO\u0001ST /audit/prod HTTP/1.1\r\nHost: x\r\n\r\n",
            "header without colon" => head + "nothing here\r\n\r\n",
            "NUL in a header" => head + "X-Nul: a\0b\r\n\r\n",
            "two lengths" => head + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
            "a negative length" => head + "Content-Length: -1\r\n\r\n",
            "a length of 30 digits" => head + $"Content-Length: {new string('9', 30)}\r\n\r\n",
            "a bad chunk" => head + "Transfer-Encoding: chunked\r\n\r\nzzzz\r\n{}\r\n",
            "a chunk of endless length" => head + "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n" + new string('a', 100),
            "a chunk of too many bytes" => head + "Transfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\n{}\r\n",
            "endless trailers" => head + "Transfer-Encoding: chunked\r\n\r\n0\r\n" + string.Concat(Enumerable.Range(0, 20_000).Select(number => $"X-{number}: y\r\n")),
            "no host" => "POST /audit/prod HTTP/1.1\r\n\r\n",
            "two hosts" => "POST /audit/prod HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
            "HTTP/3.7" => "POST /audit/prod HTTP/3.7\r\nHost: x\r\n\r\n",
            _ => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        };
        string answer = await RawConnection.AskAsync(server.Address, Encoding.Latin1.GetBytes(request));
        if (expected == 0)
        {
            Assert.DoesNotContain("HTTP/1.1 2", answer, StringComparison.Ordinal);
        }
        else if (answer.Length > 0)
        {
            // Where a lot was not read any more, the connection may end before its answer is there.
            Assert.StartsWith($"HTTP/1.1 {expected}", answer, StringComparison.Ordinal);
        }

        Assert.StartsWith("HTTP/1.1 200", await RawConnection.AskAsync(server.Address, Request("1")), StringComparison.Ordinal);
        await ServerUnderTest.UntilAsync(() => server.Metric("vedette_connections_ended_total{") + server.Metrics().Split('\n').Count(line => line.StartsWith("vedette_http_requests_total{", StringComparison.Ordinal) && line.Contains($"code=\"{expected}\"", StringComparison.Ordinal)) >= 1, server.Metrics);
        Assert.Equal(1, server.Server.Store.Events.End);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_gigabyte_is_refused_when_it_is_too_much_and_others_are_answered_meanwhile(bool isChunked, bool isUnknown)
    {
        const int MaxBody = 4 * 1024 * 1024;
        await using ServerUnderTest server = await StartAsync(new LimitSettings { MaxBody = MaxBody, MaxInFlight = 16 * 1024 * 1024 });
        using CancellationTokenSource enough = new();
        Task<int> good = SendAsync(server, enough.Token);
        using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        Task<string> answer = connection.ReadToEndAsync();
        byte[] line = [.. "{\"kind\":\"Event\"}"u8, .. Enumerable.Repeat((byte)' ', 65_536 - 17), (byte)'\n'];
        byte[] piece = isChunked ? [.. Encoding.ASCII.GetBytes($"{line.Length:x}\r\n"), .. line, .. "\r\n"u8] : line;
        await connection.SendAsync($"POST /audit/prod HTTP/1.1\r\nHost: x\r\n{(isUnknown ? "" : $"Authorization: Bearer {Prod}\r\n")}{(isChunked ? "Transfer-Encoding: chunked" : "Content-Length: 1073741824")}\r\n\r\n");
        long sent = 0;
        while (sent < 1024L * 1024 * 1024 && await connection.SendAsync(piece))
        {
            sent += piece.Length;
        }

        // It ends as soon as the server has seen enough, with what was on its way.
        Assert.InRange(sent, 0, MaxBody + 64 * 1024 * 1024);
        string said = await answer;
        Assert.True(said.Length == 0 || said.StartsWith(isUnknown ? "HTTP/1.1 401" : "HTTP/1.1 413", StringComparison.Ordinal), said);
        await ServerUnderTest.UntilAsync(() => server.Metric($"vedette_http_requests_total{{route=\"/audit/{{cluster}}\",code=\"{(isUnknown ? 401 : 413)}\"}}") == 1, server.Metrics);
        await enough.CancelAsync();
        Assert.Equal(await good, server.Server.Store.Events.End);
        Assert.Equal(0, server.Server.Budget.Used);
    }

    [Fact]
    public async Task A_length_and_chunks_in_one_request_are_no_two_requests()
    {
        await using ServerUnderTest server = await StartAsync();
        string inner = Encoding.ASCII.GetString(Request("smuggled"));
        string request = $"POST /audit/prod HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {Prod}\r\nContent-Length: {inner.Length + 5}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{inner}";
        string answer = await RawConnection.AskAsync(server.Address, Encoding.ASCII.GetBytes(request));
        Assert.DoesNotContain("HTTP/1.1 200 OK", answer[Math.Min(1, answer.Length)..], StringComparison.Ordinal);
        Assert.Equal(0, server.Server.Store.Events.End);
    }

    [Fact]
    public async Task Who_leaves_in_the_middle_of_a_body_is_counted_as_that_and_nothing_of_it_is_kept()
    {
        await using ServerUnderTest server = await StartAsync();
        using (RawConnection connection = await RawConnection.OpenAsync(server.Address))
        {
            await connection.SendAsync($"POST /audit/prod HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {Prod}\r\nContent-Length: 5000\r\n\r\n{ServerUnderTest.Event("1")}\n");
            await ServerUnderTest.UntilAsync(() => server.Server.Budget.Used > 0, () => "the body to be read");
        }

        // Whether the connection ended early or was reset, Kestrel tells in two ways.
        await ServerUnderTest.UntilAsync(() => server.Metric("vedette_http_requests_total{route=\"/audit/{cluster}\",code=\"4") == 1, server.Metrics);
        Assert.Equal(0, server.Metric("vedette_http_requests_total{route=\"/audit/{cluster}\",code=\"200\"}"));
        Assert.Equal((0, 0), (server.Server.Store.Events.End, server.Server.Budget.Used));
    }

    private static byte[] Request(string id)
    {
        string body = ServerUnderTest.Event(id);
        return Encoding.UTF8.GetBytes($"POST /audit/prod HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {Prod}\r\nContent-Length: {body.Length}\r\n\r\n{body}");
    }

    private static async Task<HttpStatusCode> PostAsync(HttpClient client, string id)
    {
        using HttpResponseMessage answer = await client.PostAsync("/audit/prod", new StringContent(ServerUnderTest.Event(id)), TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }

    /// <summary>Delivers one after the other, each over a new connection; every one must be taken.</summary>
    private static async Task<int> SendAsync(ServerUnderTest server, CancellationToken enough)
    {
        int number = 0;
        while (!enough.IsCancellationRequested)
        {
            Assert.StartsWith("HTTP/1.1 200", await RawConnection.AskAsync(server.Address, Request($"good-{number}")), StringComparison.Ordinal);
            number++;
            await Task.Delay(50, CancellationToken.None);
        }

        return number;
    }

    /// <summary>Sends the beginning, then a drop now and then.</summary>
    /// <returns>What was answered.</returns>
    private static async Task<string> DripAsync(ServerUnderTest server, string beginning, string drop)
    {
        using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        Task<string> answer = connection.ReadToEndAsync();
        await connection.SendAsync(beginning);
        while (!answer.IsCompleted)
        {
            await Task.WhenAny(answer, Task.Delay(500, TestContext.Current.CancellationToken));
            await connection.SendAsync(drop);
        }

        return await answer;
    }

    private static Task<ServerUnderTest> StartAsync(LimitSettings? limits = null) => ServerUnderTest.StartAsync(settings => settings with
    {
        Clusters = [new ClusterSettings("prod", [Credential.OfToken(Prod)])],
        Limits = limits ?? new LimitSettings(),
    });
}
