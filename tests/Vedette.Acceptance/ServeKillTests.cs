using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Vedette.Acceptance;

/// <summary>A server that is killed again and again while senders send as kube-apiserver does. VEDETTE_KILLS makes it longer (bench/endure).</summary>
public class ServeKillTests
{
    private const int Senders = 4;

    private static readonly int s_kills = int.TryParse(Environment.GetEnvironmentVariable("VEDETTE_KILLS"), NumberStyles.None, CultureInfo.InvariantCulture, out int kills) ? kills : 100;

    [Fact]
    public async Task Nothing_acknowledged_is_lost_or_doubled_and_every_finding_is_told()
    {
        using Workspace files = new();
        using Receiver receiver = new();
        string settings = files.Write("vedette.yaml", $"rules: [rule.yml]\nreceivers:\n- name: hook\n  webhook: {{url: 'http://127.0.0.1:{receiver.Port}/'}}\n  from: start\n");
        files.Write("rule.yml", Workspace.SecretRule);
        string data = files["data"];
        int port = RunningServer.FreePort();
        string[] options = ["--config", settings];
        ConcurrentDictionary<string, string> acknowledged = new(StringComparer.Ordinal);
        ConcurrentDictionary<string, string> sent = new(StringComparer.Ordinal);
        using CancellationTokenSource enough = new();
        RunningServer server = await RunningServer.StartAsync(data, port, options);
        Task[] senders = [.. Enumerable.Range(0, Senders).Select(number => SendAsync(number, new Uri($"http://127.0.0.1:{port}/audit/prod/{server.Token}"), sent, acknowledged, enough.Token))];
        Random random = new(1);
        int killed = 0;
        for (; killed < s_kills; killed++)
        {
            await Task.Delay(random.Next(5, 250), TestContext.Current.CancellationToken);
            await server.KillAsync();
            await server.DisposeAsync();
            server = await RunningServer.StartAsync(data, port, options);
        }

        await enough.CancelAsync();
        await Task.WhenAll(senders);
        await server.DetectedAsync();
        string[] stored = Lines(VedetteProgram.Run("store", "export", "--data", data).Out);
        string[] ids = [.. stored.Select(line => Text(line, "auditID"))];
        Assert.Equal(ids.Length, ids.Distinct(StringComparer.Ordinal).Count());
        HashSet<string> kept = new(stored, StringComparer.Ordinal);
        Assert.All(acknowledged.Values, line => Assert.Contains(line, kept));
        Assert.All(stored, line => Assert.Equal(sent[Text(line, "auditID")], line));

        string[] findings = [.. Lines(VedetteProgram.Run("store", "export", "findings", "--data", data).Out).Select(line => Text(line, "id"))];
        Assert.Equal(findings.Length, findings.Distinct(StringComparer.Ordinal).Count());
        string[] scanned = [.. Lines(VedetteProgram.Run("scan", files.Write("all.log", string.Join('\n', stored)), "--rules", files["rule.yml"], "-o", "jsonl", "--cluster", "prod").Out).Select(line => Text(line, "id"))];
        Assert.NotEmpty(scanned);
        Assert.Equal(scanned.Order(StringComparer.Ordinal), findings.Order(StringComparer.Ordinal));
        await RunningServer.UntilAsync(() => Task.FromResult(findings.All(receiver.Has)), "every finding to be told");
        Answer end = await server.EndAsync();
        Assert.Equal(0, end.Exit);
        await server.DisposeAsync();
        TestContext.Current.TestOutputHelper!.WriteLine($"survived {killed} kills: {acknowledged.Count} events acknowledged, {stored.Length} stored, {findings.Length} findings, told {receiver.Count} times");
    }

    /// <summary>Sends batches, each until it is taken, as kube-apiserver does, but for longer.</summary>
    private static async Task SendAsync(int number, Uri address, ConcurrentDictionary<string, string> sent, ConcurrentDictionary<string, string> acknowledged, CancellationToken enough)
    {
        using HttpClient client = new() { Timeout = TimeSpan.FromSeconds(30) };
        for (int batch = 0; !enough.IsCancellationRequested; batch++)
        {
            string[] lines = [.. Enumerable.Range(0, 20).Select(item => Workspace.Event($"{number}-{batch}-{item}", item == 0 ? "get" : "list", name: $"n{number}-{batch}").TrimEnd('\n'))];
            foreach (string line in lines)
            {
                sent[Text(line, "auditID")] = line;
            }

            while (true)
            {
                try
                {
                    using HttpResponseMessage answer = await client.PostAsync(address, new StringContent(string.Join('\n', lines) + "\n", Encoding.UTF8, "application/json"), CancellationToken.None);
                    if (answer.StatusCode == HttpStatusCode.OK)
                    {
                        break;
                    }
                }
                catch (HttpRequestException)
                {
                    // Killed in the middle: sent again.
                }

                await Task.Delay(20, CancellationToken.None);
            }

            foreach (string line in lines)
            {
                acknowledged[Text(line, "auditID")] = line;
            }
        }
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static string Text(string json, string member)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement.GetProperty(member).GetString()!;
    }

    /// <summary>Takes findings by HTTP and notes their ids.</summary>
    private sealed class Receiver : IDisposable
    {
        private readonly HttpListener _listener = new();
        private readonly ConcurrentDictionary<string, int> _ids = new(StringComparer.Ordinal);
        private int _count;

        public Receiver()
        {
            Port = RunningServer.FreePort();
            _listener.Prefixes.Add($"http://127.0.0.1:{Port}/");
            _listener.Start();
            _ = Task.Run(TakeAsync);
        }

        public int Port { get; }

        public int Count => _count;

        public bool Has(string id) => _ids.ContainsKey(id);

        public void Dispose() => _listener.Close();

        private async Task TakeAsync()
        {
            while (_listener.IsListening)
            {
                HttpListenerContext context;
                try
                {
                    context = await _listener.GetContextAsync();
                }
                catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
                {
                    return;
                }

                try
                {
                    using JsonDocument body = await JsonDocument.ParseAsync(context.Request.InputStream);
                    JsonElement list = body.RootElement.ValueKind == JsonValueKind.Array ? body.RootElement : body.RootElement.GetProperty("findings");
                    foreach (JsonElement finding in list.EnumerateArray())
                    {
                        _ids.AddOrUpdate(finding.GetProperty("id").GetString()!, 1, (_, count) => count + 1);
                        Interlocked.Increment(ref _count);
                    }

                    context.Response.Close();
                }
                catch (Exception exception) when (exception is JsonException or IOException or HttpListenerException)
                {
                    // Killed while it sent: it tells again.
                }
            }
        }
    }
}
