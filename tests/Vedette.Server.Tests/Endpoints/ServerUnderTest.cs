using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Vedette.Detection.Engine;
using Vedette.Detection.Sigma;
using Vedette.Pipeline.Watching;
using Vedette.Server.Hosting;
using Vedette.Server.Logging;
using Vedette.Server.Settings;
using Vedette.Storage.Journals;
using Xunit;

namespace Vedette.Server.Tests.Endpoints;

/// <summary>A server in this process, on loopback, on a free port, with a rule that fires on every read of a Secret.</summary>
internal sealed class ServerUnderTest : IAsyncDisposable
{
    public const string Rule = "title: Secret read\nid: 6b1c3b3e-0000-4000-8000-000000000001\nlogsource: {product: kubernetes, service: audit}\ndetection: {s: {verb: get, objectRef.resource: secrets}, condition: s}\nlevel: high\n";

    /// <summary>How long something may take that must happen.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly string _folder;
    private readonly HttpHost _host;
    private readonly MemoryStream _log;

    private ServerUnderTest(string folder, RunningServer server, HttpHost host, FailingFiles disk, Certificates? certificates, MemoryStream log)
    {
        (_folder, Server, _host, Disk, Certificates, _log) = (folder, server, host, disk, certificates, log);
        Client = new HttpClient { BaseAddress = new Uri($"http://{host.Address}") };
    }

    /// <summary>With TLS.</summary>
    public Certificates? Certificates { get; }

    /// <summary>Its log so far.</summary>
    public string Log
    {
        get
        {
            lock (_log)
            {
                return Encoding.UTF8.GetString(_log.ToArray());
            }
        }
    }

    public RunningServer Server { get; }

    public HttpClient Client { get; }

    public FailingFiles Disk { get; }

    public IPEndPoint Address => _host.Address;

    public IEnumerable<string> Routes => _host.Routes;

    public ReceiveBuffers ReceiveBuffers => _host.ReceiveBuffers;

    public string AdminToken => File.ReadAllText(Path.Combine(_folder, "data.token")).Trim();

    public static async Task<ServerUnderTest> StartAsync(Func<ServerSettings, ServerSettings>? change = null, Func<string?>? reload = null, TimeProvider? time = null)
    {
        string folder = Directory.CreateTempSubdirectory("vedette-server-").FullName;
        ServerSettings settings = new() { Data = Path.Combine(folder, "data"), Listen = new IPEndPoint(IPAddress.Loopback, 0) };
        settings = change?.Invoke(settings) ?? settings;
        FailingFiles disk = new();
        MemoryStream log = new();
        JsonLog json = new(new Locked(log), TimeProvider.System);
        ServerParts parts = new("test", disk, time ?? TimeProvider.System, json, () => Stream.Null, Stream.Null, _ => new LoadedRules(Compile(), "r"));
        Certificates? certificates = settings.Tls is { } tls ? Certificates.Load(tls) : null;
        RunningServer server = await RunningServer.StartAsync(settings, parts);
        return new ServerUnderTest(folder, server, await HttpHost.StartAsync(server, certificates, "test", _ => Task.FromResult(reload?.Invoke()), CancellationToken.None), disk, certificates, log);
    }

    /// <summary>Waits until something is so.</summary>
    public static async Task UntilAsync(Func<bool> isSo, Func<string> what)
    {
        long started = TimeProvider.System.GetTimestamp();
        while (!isSo())
        {
            if (TimeProvider.System.GetElapsedTime(started) > Patience)
            {
                Assert.Fail(what());
            }

            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>The metrics, as Prometheus reads them.</summary>
    public string Metrics()
    {
        ArrayBufferWriter<byte> text = new();
        Server.Metrics.Registry.Write(text, MetricFormat.Prometheus);
        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    /// <summary>The sum of the series that begin like this.</summary>
    public double Metric(string series) =>
        Metrics().Split('\n').Where(line => line.StartsWith(series, StringComparison.Ordinal)).Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));

    /// <summary>Vedette's own audit log so far.</summary>
    public string AccessLog()
    {
        string path = Path.Combine(Server.Settings.Data, "access", "access.jsonl");
        if (!File.Exists(path))
        {
            return "";
        }

        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using StreamReader reader = new(file);
        return reader.ReadToEnd();
    }

    private static CompiledRules Compile()
    {
        SigmaRuleSet rules = SigmaLoader.Load([new SigmaFile("r.yml", Rule)], new SigmaOptions());
        Assert.Empty(rules.Diagnostics);
        return CompiledRules.Compile(rules);
    }

    public static string Event(string id, string verb = "get", string more = "") =>
        $$$"""{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"{{{id}}}","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/n/secrets/s","verb":"{{{verb}}}","user":{"username":"u","groups":["g"]},"sourceIPs":["203.0.113.9"],"objectRef":{"resource":"secrets","namespace":"n","name":"s","apiVersion":"v1"},"responseStatus":{"code":200},"requestReceivedTimestamp":"2026-11-23T10:00:00.000000Z","stageTimestamp":"2026-11-23T10:00:00.500000Z"{{{more}}}}""";

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? token, HttpContent? body = null)
    {
        using HttpRequestMessage request = new(method, path) { Content = body };
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        return await Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public async Task<HttpStatusCode> PostAsync(string path, string? token, byte[] body, string? encoding = null)
    {
        ByteArrayContent content = new(body);
        if (encoding is not null)
        {
            content.Headers.ContentEncoding.Add(encoding);
        }

        using HttpResponseMessage answer = await SendAsync(HttpMethod.Post, path, token, content);
        return answer.StatusCode;
    }

    public Task<HttpStatusCode> PostAsync(string path, string? token, string body) => PostAsync(path, token, Encoding.UTF8.GetBytes(body));

    public async Task<JsonElement> GetAsync(string path, string? token = null)
    {
        using HttpResponseMessage answer = await SendAsync(HttpMethod.Get, path, token ?? AdminToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;
    }

    /// <summary>Waits until everything stored has been evaluated.</summary>
    public async Task DetectedAsync()
    {
        while (Server.Detection.Position < Server.Store.Events.End)
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    public static string[] Stored(Journal journal)
    {
        using JournalReader reader = journal.Read(0);
        List<string> stored = [];
        while (reader.TryRead(out JournalRecord record))
        {
            stored.Add(Encoding.UTF8.GetString(record.Bytes));
        }

        return [.. stored];
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _host.DisposeAsync();
        await Server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>A log that is read while it is written.</summary>
    private sealed class Locked(MemoryStream to) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count)
        {
            lock (to)
            {
                to.Write(buffer, offset, count);
            }
        }
    }
}
