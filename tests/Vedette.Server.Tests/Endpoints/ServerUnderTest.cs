using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Vedette.Detection.Engine;
using Vedette.Detection.Sigma;
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

    private readonly string _folder;
    private readonly HttpHost _host;

    private ServerUnderTest(string folder, RunningServer server, HttpHost host, FailingFiles disk)
    {
        (_folder, Server, _host, Disk) = (folder, server, host, disk);
        Client = new HttpClient { BaseAddress = new Uri($"http://{host.Address}") };
    }

    public RunningServer Server { get; }

    public HttpClient Client { get; }

    public FailingFiles Disk { get; }

    public IPEndPoint Address => _host.Address;

    public IEnumerable<string> Routes => _host.Routes;

    public string AdminToken => File.ReadAllText(Path.Combine(_folder, "data.token")).Trim();

    public static async Task<ServerUnderTest> StartAsync(Func<ServerSettings, ServerSettings>? change = null, Func<string?>? reload = null)
    {
        string folder = Directory.CreateTempSubdirectory("vedette-server-").FullName;
        ServerSettings settings = new() { Data = Path.Combine(folder, "data"), Listen = new IPEndPoint(IPAddress.Loopback, 0) };
        FailingFiles disk = new();
        ServerParts parts = new("test", disk, TimeProvider.System, new Silence(), () => Stream.Null, Stream.Null, _ => new LoadedRules(Compile(), "r"));
        RunningServer server = await RunningServer.StartAsync(change?.Invoke(settings) ?? settings, parts);
        return new ServerUnderTest(folder, server, await HttpHost.StartAsync(server, null, "test", _ => Task.FromResult(reload?.Invoke()), CancellationToken.None), disk);
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

    private sealed class Silence : IServerLog
    {
        public void Information(string message, params ReadOnlySpan<(string Name, object? Value)> fields)
        {
        }

        public void Warning(string message, params ReadOnlySpan<(string Name, object? Value)> fields)
        {
        }

        public void Error(string message, params ReadOnlySpan<(string Name, object? Value)> fields)
        {
        }
    }
}
