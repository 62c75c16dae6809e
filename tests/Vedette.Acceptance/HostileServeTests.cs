using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Vedette.Acceptance;

/// <summary>The published server and those who wish it ill: what it refuses to do, what it costs to attack it, and what of their texts reaches people.</summary>
public class HostileServeTests
{
    /// <summary>Moves cursors, turns text around, begins lines, mentions everybody, links and runs scripts.</summary>
    private const string Hostile = "\u001b[2J\u001b]0;owned\u0007\u009b31m\u202egnp\u2066\u200b\ufeff\r\nFAKE line <!channel> <https://evil.example|click> @here <script>alert(1)</script> `x` *b*";

    [Theory]
    [InlineData("0.0.0.0", null, "without tls")]
    [InlineData("[::]", null, "without tls")]
    [InlineData("192.0.2.1", null, "without tls")]
    [InlineData("0.0.0.0", "open: [audit]", "without tls")]
    [InlineData("0.0.0.0", "tls: {certificate: tls.crt, key: tls.key}\nopen: [audit, api]", "without credentials")]
    public void A_start_that_others_could_reach_without_TLS_or_credentials_is_refused(string address, string? settings, string why)
    {
        using Workspace files = new();
        string[] config = settings is null ? [] : ["--config", files.Write("vedette.yaml", settings + "\n")];
        Answer answer = VedetteProgram.Run(["serve", "--data", files["data"], "--listen", $"{address}:{RunningServer.FreePort()}", .. config]);
        Assert.Equal((3, ""), (answer.Exit, answer.Out));
        Assert.Contains(why, answer.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(files["data"]));
        Assert.False(File.Exists(files["data"] + ".token"));
    }

    [Fact]
    public async Task Attacks_from_many_sides_cost_no_more_memory_than_is_set_and_no_sender_is_kept_waiting()
    {
        const long InFlight = 64 * 1024 * 1024;
        using Workspace files = new();
        string settings = files.Write("vedette.yaml", "limits: {maxBody: 16MB, maxInFlight: 64MB, maxConnections: 150}\n");
        await using RunningServer server = await RunningServer.StartAsync(files["data"], RunningServer.FreePort(), "--config", settings);
        string head = $"Host: x\r\nAuthorization: Bearer {server.Token}\r\n";
        int port = server.Client.BaseAddress!.Port;
        using CancellationTokenSource enough = new();
        Task<int> good = SendAsync(server, enough.Token);
        byte[] gzip = Gzip(200 * 1024 * 1024);
        byte[] plain = new byte[1024 * 1024];
        plain.AsSpan().Fill((byte)'x');
        List<Task> attacks = [];
        for (int number = 0; number < 8; number++)
        {
            attacks.Add(AttackAsync(port, $"POST /audit/prod HTTP/1.1\r\n{head}Content-Encoding: gzip\r\nContent-Length: {gzip.Length}\r\n\r\n", gzip, 1));
            attacks.Add(AttackAsync(port, $"POST /audit/prod HTTP/1.1\r\n{head}Transfer-Encoding: chunked\r\n\r\n", [.. "100000\r\n"u8, .. plain, .. "\r\n"u8], 1024));
            attacks.Add(AttackAsync(port, $"POST /audit/prod HTTP/1.1\r\n{head}Content-Length: {15 * plain.Length}\r\n\r\n", plain, 15));
            attacks.Add(AttackAsync(port, $"POST /audit/prod HTTP/1.1\r\nHost: x\r\nX-Flood: ", plain, 8));
            attacks.Add(AttackAsync(port, $"POST /audit/prod HTTP/1.1\r\n{head}Content-Length: 1073741824\r\n\r\n", plain, 1024));
        }

        List<Socket> idle = [];
        for (int number = 0; number < 600; number++)
        {
            Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
            idle.Add(socket);
        }

        await Task.WhenAll(attacks);
        await enough.CancelAsync();
        int taken = await good;
        idle.ForEach(socket => socket.Dispose());
        Assert.True(taken > 0);
        Assert.Equal(taken, (await server.StatusAsync()).GetProperty("journals").GetProperty("events").GetProperty("end").GetInt64());
        await RunningServer.UntilAsync(async () => (await server.StatusAsync()).GetProperty("inFlightBytes").GetInt64() == 0, "all bodies to be done with");

        // What is set, and what a process has without any load, with the pack's rules; generous, since the collector takes its time.
        long peak = server.PeakMemory;
        Assert.InRange(peak, 1, InFlight + 256L * 1024 * 1024);

        // One more by itself: the others may have had to make room before anybody looked at what they sent.
        await AttackAsync(port, "POST /audit/prod HTTP/1.1\r\nHost: x\r\nX-Flood: ", plain, 8);
        foreach (string counted in new[]
            {
                "vedette_connections_ended_total{reason=\"made_room\"}", "vedette_connections_ended_total{reason=\"max_request_headers_total_size_exceeded\"}",
                "vedette_http_requests_total{route=\"/audit/{cluster}\",code=\"413\"}",
            })
        {
            await RunningServer.UntilAsync(async () => (await server.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken)).Contains(counted, StringComparison.Ordinal), counted);
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{taken} deliveries taken beside {attacks.Count} attacks and {idle.Count} idle connections; {peak / 1024 / 1024} MB at most");
    }

    [Fact]
    public async Task Nothing_in_an_event_moves_a_cursor_mentions_anybody_or_becomes_a_link_wherever_it_is_shown()
    {
        using Workspace files = new();
        using Listener slack = new();
        string settings = files.Write(
            "vedette.yaml", $"rules: [rule.yml]\nreceivers:\n- name: chat\n  slack: {{url: 'http://127.0.0.1:{slack.Port}/services/x'}}\n  from: start\n- name: out\n  stdout: {{}}\n  from: start\n");
        files.Write("rule.yml", Workspace.SecretRule);
        string text = JsonEncodedText.Encode(Hostile).ToString();
        string line = Workspace.Event("hostile", user: text, name: text).Replace("kubectl/v1.36.0", text, StringComparison.Ordinal).Replace("\"namespace\":\"prod\"", $"\"namespace\":\"{text}\"", StringComparison.Ordinal)
            .Replace("\"203.0.113.9\"", $"\"{text}\",\"203.0.113.9\"", StringComparison.Ordinal);
        string shown;
        await using (RunningServer server = await RunningServer.StartAsync(files["data"], RunningServer.FreePort(), "--config", settings))
        {
            Process tail = VedetteProgram.Start("tail", "-o", "table", "--from", "0", "--server", server.Client.BaseAddress!.ToString(), "--token-file", server.Data + ".token");
            try
            {
                Task<string> read = ReadAsync(tail, until: "Secret read");
                using HttpResponseMessage answer = await server.Client.PostAsync("/audit/prod", new StringContent(line), TestContext.Current.CancellationToken);
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                string message = await slack.Body.Task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
                Harmless(message, mayBreakLines: false);
                using JsonDocument json = JsonDocument.Parse(message);
                string chat = string.Concat(json.RootElement.GetProperty("blocks").EnumerateArray().Select(block => block.GetProperty("text").GetProperty("text").GetString())) + json.RootElement.GetProperty("text").GetString();
                Harmless(chat, mayBreakLines: true);
                foreach (string never in new[] { "<!", "<http", "<script", "@here", "@channel" })
                {
                    Assert.DoesNotContain(never, chat, StringComparison.Ordinal);
                }

                shown = await read;
            }
            finally
            {
                tail.Kill();
                await tail.WaitForExitAsync(TestContext.Current.CancellationToken);
                tail.Dispose();
            }

            Answer end = await server.EndAsync();
            Assert.Equal(0, end.Exit);
            foreach (string output in new[] { end.Out, end.Error })
            {
                Harmless(output, mayBreakLines: true);
                Assert.All(output.Split('\n', StringSplitOptions.RemoveEmptyEntries), one => JsonDocument.Parse(one).Dispose());
            }

            Assert.Contains("hostile", end.Out, StringComparison.Ordinal);
        }

        Harmless(shown, mayBreakLines: true);
        Assert.DoesNotContain("\nFAKE", shown, StringComparison.Ordinal);
        Answer scan = VedetteProgram.Run("scan", "--data", files["data"], "--rules", files["rule.yml"]);
        Harmless(scan.Out + scan.Error, mayBreakLines: true);
        Assert.DoesNotContain("\nFAKE", scan.Out, StringComparison.Ordinal);
    }

    private static void Harmless(string text, bool mayBreakLines) => Assert.DoesNotContain(
        text, character => (char.IsControl(character) && !(mayBreakLines && character == '\n')) || character is '\u202e' or '\u2066' or '\u200b' or '\ufeff' or '\u009b');

    /// <summary>Reads standard output until a text is in it.</summary>
    private static async Task<string> ReadAsync(Process process, string until)
    {
        StringBuilder text = new();
        while (!text.ToString().Contains(until, StringComparison.Ordinal))
        {
            string? line = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
            Assert.True(line is not null, $"it ended: {text}");
            text.Append(line).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>Sends one event after the other, each of which must be taken, as kube-apiserver does: again when it is told to come later.</summary>
    private static async Task<int> SendAsync(RunningServer server, CancellationToken enough)
    {
        int number = 0;
        while (!enough.IsCancellationRequested)
        {
            using HttpResponseMessage answer = await server.Client.PostAsync("/audit/prod", new StringContent(Workspace.Event($"good-{number}", "list")), CancellationToken.None);
            if (answer.StatusCode == HttpStatusCode.ServiceUnavailable)
            {
                await Task.Delay(100, CancellationToken.None);
                continue;
            }

            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            number++;
            await Task.Delay(20, CancellationToken.None);
        }

        return number;
    }

    /// <summary>Sends a beginning and then the same again and again, until the server has had enough.</summary>
    private static async Task AttackAsync(int port, string beginning, byte[] piece, int times)
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
            await socket.SendAsync(Encoding.Latin1.GetBytes(beginning), TestContext.Current.CancellationToken);
            for (int i = 0; i < times; i++)
            {
                for (int sent = 0; sent < piece.Length;)
                {
                    sent += await socket.SendAsync(piece.AsMemory(sent), TestContext.Current.CancellationToken);
                }
            }

            byte[] answer = new byte[4096];
            int read = await socket.ReceiveAsync(answer, TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
            Assert.DoesNotContain("HTTP/1.1 2", Encoding.Latin1.GetString(answer, 0, read), StringComparison.Ordinal);
        }
        catch (SocketException)
        {
            // Ended by the server: so it should be.
        }
    }

    private static byte[] Gzip(int zeros)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            byte[] piece = new byte[1024 * 1024];
            for (int i = 0; i < zeros / piece.Length; i++)
            {
                gzip.Write(piece);
            }
        }

        return packed.ToArray();
    }

    /// <summary>Takes one message by HTTP.</summary>
    private sealed class Listener : IDisposable
    {
        private readonly HttpListener _listener = new();

        public Listener()
        {
            Port = RunningServer.FreePort();
            _listener.Prefixes.Add(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Port}/"));
            _listener.Start();
            _ = Task.Run(TakeAsync);
        }

        public int Port { get; }

        public TaskCompletionSource<string> Body { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Dispose() => _listener.Close();

        private async Task TakeAsync()
        {
            try
            {
                while (true)
                {
                    HttpListenerContext context = await _listener.GetContextAsync();
                    using StreamReader reader = new(context.Request.InputStream, Encoding.UTF8);
                    Body.TrySetResult(await reader.ReadToEndAsync());
                    context.Response.Close();
                }
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
            {
                // The test is over.
            }
        }
    }
}
