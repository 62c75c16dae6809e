using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Vedette.Pipeline.Serving;
using Vedette.Server.Hosting;
using Vedette.Server.Logging;
using Vedette.Server.Settings;
using Vedette.Sinks;
using Vedette.Sinks.Alertmanager;
using Vedette.Sinks.Forwarding;
using Vedette.Sinks.Http;
using Vedette.Sinks.Routing;
using Vedette.Sources.Settings;
using Vedette.Storage.Files;
using Vedette.Storage.Journals;
using Vedette.Storage.Tests.Disks;
using Xunit;

namespace Vedette.Server.Tests.Faults;

/// <summary>A machine with a disk that fails and a server on it that is started again and again; those who send to it and are told by it live on.</summary>
/// <param name="seed">Seed of the disk.</param>
/// <param name="clock">The machine's clock.</param>
/// <param name="log">Pattern of the log files that are followed.</param>
/// <param name="alertmanager">Whom findings are told.</param>
/// <param name="central">To whom events are forwarded; null for nobody.</param>
internal sealed class ServerMachine(int seed, FastClock clock, string log, Uri alertmanager, Uri? central = null) : IAsyncDisposable
{
    public const string Data = "/simulated/data";
    public const string Cluster = "prod";

    private static readonly HttpSettings s_http = new() { Timeout = TimeSpan.FromMinutes(10) };

    private readonly HttpClient _client = new(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(10) }) { Timeout = TimeSpan.FromSeconds(60) };
    private readonly ServerLog _log = new();
    private (RunningServer Server, HttpHost Host)? _running;
    private Reached? _reached;
    private string? _token;

    /// <summary>The disk. Another one is put in when this one has lost power.</summary>
    public SimulatedDisk Disk { get; set; } = new(seed);

    /// <summary>The server, while it runs.</summary>
    public RunningServer Server => _running!.Value.Server;

    /// <summary>What should never have happened.</summary>
    public ConcurrentQueue<string> Wrong { get; } = new();

    /// <summary>What the server said.</summary>
    public IEnumerable<string> Said => _log.Lines;

    public ServerSettings Settings { get; set; } = new()
    {
        Data = Data,
        Listen = new IPEndPoint(IPAddress.Loopback, 0),
        Journal = new JournalOptions { SegmentLength = 48 * 1024, IdentityWindow = 100_000 },
        Detection = new DetectionOptions { SaveEvery = TimeSpan.FromSeconds(3), SaveAfter = 150 },

        // Much time passes on this clock, and all of it is looked at in the end.
        Retention = new JournalRetention { MaxAge = TimeSpan.FromDays(36_500) },
        Sources = new SourcesSettings([new FileSource("apiserver", Cluster, [log], TailStart.Start, TimeSpan.FromSeconds(1))], null),
        Routing = new RoutingTable(
            [
                new ReceiverSettings("alerts", new AlertmanagerSettings(new ValueList<Uri>([alertmanager]), s_http)),
                .. central is null ? [] : new[] { new ReceiverSettings("central", new ForwardingSettings(central, s_http) { Findings = false }) },
            ],
            // On every second machine findings wait for their group, and must not be passed over when it ends meanwhile.
            [new Route("all", FindingMatcher.Everything, ["alerts"]) { Grouping = seed % 2 == 0 ? new Grouping([GroupKey.Rule], TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(30)) : null }],
            []),
    };

    /// <summary>Starts the server.</summary>
    /// <returns>False when the disk did not let it.</returns>
    public async Task<bool> StartAsync()
    {
        ServerParts parts = new("test", Disk, clock, _log, () => Stream.Null, Stream.Null, _ => new LoadedRules(FaultRules.Compiled, "faults"));
        RunningServer? server = null;
        try
        {
            server = await RunningServer.StartAsync(Settings, parts);
            HttpHost host = await HttpHost.StartAsync(server, null, "test", _ => Task.FromResult<string?>(null), CancellationToken.None);
            _running = (server, host);
            string token = Encoding.ASCII.GetString(Disk[AdminToken.PathOf(Data)]).Trim();
            if (_token is not null && token != _token)
            {
                Wrong.Enqueue("the admin's token is another one after a restart, and senders who have the old one are refused");
            }

            Volatile.Write(ref _reached, new Reached(new Uri($"http://{host.Address}"), token));
            return true;
        }
        catch (Exception exception) when (StoreProblem.IsOfDisk(exception) || exception is KeyNotFoundException)
        {
            if (server is not null)
            {
                await server.DisposeAsync();
            }

            return false;
        }
    }

    /// <summary>Ends the server: in order, or what is left of it when its disk is gone.</summary>
    public async Task StopAsync()
    {
        Volatile.Write(ref _reached, null);
        if (_running is var (server, host))
        {
            _running = null;
            await server.StopTakingAsync();
            await host.DisposeAsync();
            await server.DisposeAsync();
        }
    }

    /// <summary>Sends a batch as kube-apiserver does: again and again until it is taken.</summary>
    /// <param name="body">The batch.</param>
    /// <param name="onRefused">Told of each 503.</param>
    public async Task SendAsync(string body, Action? onRefused = null)
    {
        while (true)
        {
            if (Volatile.Read(ref _reached) is { } reached)
            {
                try
                {
                    using HttpResponseMessage answer = await AskAsync(HttpMethod.Post, $"/audit/{Cluster}", reached, new StringContent(body, Encoding.UTF8, "application/json"));
                    if (answer.StatusCode == HttpStatusCode.OK)
                    {
                        _token = reached.Token;
                        return;
                    }

                    if (answer.StatusCode != HttpStatusCode.ServiceUnavailable || answer.Headers.RetryAfter is null)
                    {
                        Wrong.Enqueue($"a batch was answered {answer.StatusCode} {answer.Headers.RetryAfter}: {await answer.Content.ReadAsStringAsync()}");
                    }

                    onRefused?.Invoke();
                }
                catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException)
                {
                    // The server is gone.
                }
            }

            await Task.Delay(3);
        }
    }

    /// <summary>Asks the server something.</summary>
    public async Task<(HttpStatusCode Status, string Body)> GetAsync(string path)
    {
        using HttpResponseMessage answer = await AskAsync(HttpMethod.Get, path, Volatile.Read(ref _reached)!, null);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _client.Dispose();
    }

    /// <summary>Waits until something is so.</summary>
    /// <param name="condition">What.</param>
    /// <param name="what">The same in words.</param>
    public async Task UntilAsync(Func<bool> condition, Func<string> what)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(90));
        while (!condition())
        {
            if (limit.IsCancellationRequested)
            {
                Assert.Fail($"in vain waited for {what()}; the server said last:\n{string.Join('\n', Said.TakeLast(12))}");
            }

            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    private async Task<HttpResponseMessage> AskAsync(HttpMethod method, string path, Reached reached, HttpContent? body)
    {
        using HttpRequestMessage request = new(method, new Uri(reached.Address, path)) { Content = body };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", reached.Token);
        return await _client.SendAsync(request);
    }

    private sealed record Reached(Uri Address, string Token);

    private sealed class ServerLog : IServerLog
    {
        private readonly ConcurrentQueue<string> _lines = new();

        public IEnumerable<string> Lines => _lines;

        public void Information(string message, params ReadOnlySpan<(string Name, object? Value)> fields) => Add(message, fields);

        public void Warning(string message, params ReadOnlySpan<(string Name, object? Value)> fields) => Add(message, fields);

        public void Error(string message, params ReadOnlySpan<(string Name, object? Value)> fields) => Add(message, fields);

        private void Add(string message, ReadOnlySpan<(string Name, object? Value)> fields)
        {
            StringBuilder line = new(message);
            foreach ((string name, object? value) in fields)
            {
                line.Append($"; {name}: {value}");
            }

            _lines.Enqueue(line.ToString());
        }
    }
}
