using System.Diagnostics;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Vedette.Detection.Engine;
using Vedette.Server.Access;
using Vedette.Server.Hosting;
using Vedette.Server.Logging;
using Vedette.Server.Settings;
using Vedette.Storage.Files;
using Vedette.Storage.Journals;
using Vedette.Tests;
using Xunit;

namespace Vedette.Server.Tests.Endpoints;

/// <summary>Those who send otherwise than kube-apiserver, over HTTP: what they are answered, and what is on disk then.</summary>
public sealed class SenderEndpointTests : IAsyncLifetime
{
    private const string Token = "0123456789abcdef-prod";
    private const string Event = """{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"7e4b","stage":"ResponseComplete","requestURI":"/api/v1/pods","verb":"list","user":{"username":"a"}}""";

    private readonly string _folder = Directory.CreateTempSubdirectory("vedette-senders-").FullName;
    private readonly HttpClient _client = new();
    private RunningServer? _server;
    private HttpHost? _host;

    public async ValueTask InitializeAsync()
    {
        ServerSettings settings = new()
        {
            Data = Path.Combine(_folder, "data"),
            Listen = new IPEndPoint(IPAddress.Loopback, 0),
            Clusters = [new ClusterSettings("prod", [Credential.OfToken(Token)]), new ClusterSettings("other", [Credential.OfToken("0123456789abcdef-other")])],
            Limits = new LimitSettings { MaxBody = 16 * 1024 * 1024 },
        };
        ServerParts parts = new("test", LinuxFileSystem.Instance, TimeProvider.System, new Silence(), () => Stream.Null, Stream.Null, _ => new LoadedRules(CompiledRules.Compile([]), "none"));
        _server = await RunningServer.StartAsync(settings, parts);
        _host = await HttpHost.StartAsync(_server, null, "test", _ => Task.FromResult<string?>(null), CancellationToken.None);
        _client.BaseAddress = new Uri($"http://{_host.Address}");
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _host!.DisposeAsync();
        await _server!.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("Basic", "anyone:" + Token)]
    [InlineData("ApiKey", "id:" + Token)]
    [InlineData("Bearer", null)]
    public async Task Filebeat_and_Fluent_Bit_find_an_Elasticsearch_and_their_events_are_on_disk_when_they_are_answered(string scheme, string? pair)
    {
        AuthenticationHeaderValue who = new(scheme, pair is null ? Token : Convert.ToBase64String(Encoding.UTF8.GetBytes(pair)));
        using HttpResponseMessage hello = await SendAsync(HttpMethod.Get, "/elasticsearch/prod/", who, null);
        Assert.Equal(HttpStatusCode.OK, hello.StatusCode);
        Assert.Equal("Elasticsearch", hello.Headers.GetValues("X-Elastic-Product").Single());
        using HttpResponseMessage license = await SendAsync(HttpMethod.Get, "/elasticsearch/prod/_license?human=false", who, null);
        Assert.Equal(HttpStatusCode.OK, license.StatusCode);

        using HttpResponseMessage answer = await SendAsync(HttpMethod.Post, "/elasticsearch/prod/_bulk", who, $$"""{"create":{"_index":"audit"} }""" + "\n" + Event + "\n");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        using JsonDocument json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.False(json.RootElement.GetProperty("errors").GetBoolean());
        Assert.Equal(201, json.RootElement.GetProperty("items")[0].GetProperty("create").GetProperty("status").GetInt32());
        Assert.Equal([Event], Stored(_server!.Store.Events));
    }

    [Fact]
    public async Task Rsyslog_s_own_output_for_Elasticsearch_sends_a_log_that_is_followed()
    {
        Assert.SkipUnless(File.Exists("/usr/sbin/rsyslogd") && Directory.Exists("/usr/lib") && Directory.EnumerateFiles("/usr/lib", "omelasticsearch.so", SearchOption.AllDirectories).Any(), "no rsyslogd with omelasticsearch here");
        string log = Path.Combine(_folder, "audit.log");
        string configuration = Path.Combine(_folder, "rsyslog.conf");
        await File.WriteAllTextAsync(log, string.Concat(Enumerable.Range(0, 500).Select(number => Event.Replace("7e4b", $"{number}") + "\n")), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            configuration,
            $$"""
            global(workDirectory="{{_folder}}" maxMessageSize="1m")
            module(load="imfile" mode="polling" pollingInterval="1")
            module(load="omelasticsearch")
            template(name="line" type="string" string="%msg%")
            input(type="imfile" File="{{log}}" Tag="audit" Ruleset="vedette")
            ruleset(name="vedette") {
              action(type="omelasticsearch" server="http://{{_host!.Address}}/elasticsearch/prod" uid="vedette" pwd="{{Token}}"
                     template="line" searchIndex="audit" searchType="" bulkmode="on" maxbytes="10m" action.resumeRetryCount="-1")
            }
            """,
            TestContext.Current.CancellationToken);
        using Process rsyslog = Process.Start(new ProcessStartInfo("/usr/sbin/rsyslogd", ["-n", "-f", configuration, "-i", Path.Combine(_folder, "rsyslog.pid")]) { UseShellExecute = false, RedirectStandardError = true })!;
        try
        {
            await _server!.Store.Events.WaitAsync(499, TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        }
        finally
        {
            rsyslog.Kill();
            await rsyslog.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal(Enumerable.Range(0, 500).Select(number => Event.Replace("7e4b", $"{number}")), Stored(_server.Store.Events));
    }

    [Fact]
    public async Task An_item_that_is_no_event_is_taken_and_kept_in_quarantine()
    {
        using HttpResponseMessage answer = await SendAsync(HttpMethod.Post, "/elasticsearch/prod/logs/_bulk", Bearer(), "{\"index\":{}}\n{\"message\":\"hello\"}\n{\"index\":{}}\n" + Event + "\n");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("\"errors\":false", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Single(Stored(_server!.Store.Events));
        Assert.Contains("hello", Assert.Single(Stored(_server.Store.Quarantine)));
    }

    [Fact]
    public async Task Firehose_is_answered_as_it_expects()
    {
        using HttpRequestMessage request = new(HttpMethod.Post, "/firehose/prod") { Content = new ByteArrayContent(Gzip(SharedData.Read(SharedData.Third("platforms/samples/eks/firehose-request.json")))) };
        request.Headers.Add("X-Amz-Firehose-Access-Key", Token);
        request.Headers.Add("X-Amz-Firehose-Request-Id", "ed4acda5-034f-9f42-bba1-f29aea6d7d8f");
        request.Content.Headers.ContentEncoding.Add("gzip");
        using HttpResponseMessage answer = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        using JsonDocument json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("ed4acda5-034f-9f42-bba1-f29aea6d7d8f", json.RootElement.GetProperty("requestId").GetString());
        Assert.True(json.RootElement.GetProperty("timestamp").GetInt64() > 0);
        Assert.Equal(4, Stored(_server!.Store.Events).Count);
    }

    [Fact]
    public async Task What_is_no_delivery_of_Firehose_is_answered_with_its_id_and_the_reason()
    {
        using HttpRequestMessage request = new(HttpMethod.Post, "/firehose") { Content = new StringContent("{}") };
        request.Headers.Add("X-Amz-Firehose-Access-Key", Token);
        request.Headers.Add("X-Amz-Firehose-Request-Id", "1-2-3");
        request.Headers.Add("X-Amz-Firehose-Common-Attributes", "{\"commonAttributes\":{\"cluster\":\"prod\"}}");
        using HttpResponseMessage answer = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        string text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("1-2-3", text);
        Assert.Contains("errorMessage", text);
    }

    [Theory]
    [InlineData("/falco/prod/" + Token, false)]
    [InlineData("/falco", true)]
    public async Task An_alert_of_Falco_is_a_finding_once_by_whichever_way_it_comes(string path, bool withHeader)
    {
        foreach (string body in new[] { "senders/falco-http-output.json", "senders/falcosidekick.json" })
        {
            using HttpResponseMessage answer = await SendAsync(HttpMethod.Post, path, withHeader ? Bearer() : null, Encoding.UTF8.GetString(SharedData.ReadCase(body)));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        using JsonDocument finding = JsonDocument.Parse(Assert.Single(Stored(_server!.Store.Findings)));
        Assert.Equal("Terminal shell in container", finding.RootElement.GetProperty("rule").GetProperty("title").GetString());
        Assert.Equal("prod", finding.RootElement.GetProperty("cluster").GetString());
    }

    [Fact]
    public async Task What_Falco_sends_that_is_no_alert_is_kept_in_quarantine()
    {
        using HttpResponseMessage answer = await SendAsync(HttpMethod.Post, "/falco/prod", Bearer(), "16:31:56.746609046: Notice A shell was spawned");
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("A shell", Assert.Single(Stored(_server!.Store.Quarantine)));
    }

    [Theory]
    [InlineData("/elasticsearch/prod/_bulk")]
    [InlineData("/firehose/prod")]
    [InlineData("/falco/prod")]
    public async Task Nobody_sends_without_credentials_for_another_cluster_or_more_than_may_be_sent(string path)
    {
        using HttpResponseMessage nobody = await SendAsync(HttpMethod.Post, path, null, "{}");
        Assert.Equal(HttpStatusCode.Unauthorized, nobody.StatusCode);
        using HttpResponseMessage other = await SendAsync(HttpMethod.Post, path, new AuthenticationHeaderValue("Bearer", "0123456789abcdef-other"), "{}");
        Assert.Equal(HttpStatusCode.Forbidden, other.StatusCode);
        using HttpRequestMessage bomb = new(HttpMethod.Post, path) { Content = new ByteArrayContent(Gzip(new byte[12 * 1024 * 1024])) };
        bomb.Headers.Authorization = Bearer();
        bomb.Content.Headers.ContentEncoding.Add("gzip");
        using HttpResponseMessage refused = await _client.SendAsync(bomb, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, refused.StatusCode);
        Assert.Empty(Stored(_server!.Store.Events));
    }

    private static AuthenticationHeaderValue Bearer() => new("Bearer", Token);

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, AuthenticationHeaderValue? who, string? body)
    {
        using HttpRequestMessage request = new(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = who;
        return await _client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static List<string> Stored(Journal journal)
    {
        List<string> stored = [];
        using JournalReader reader = journal.Read(0);
        while (reader.TryRead(out JournalRecord record))
        {
            stored.Add(Encoding.UTF8.GetString(record.Bytes));
        }

        return stored;
    }

    private static byte[] Gzip(byte[] plain)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Optimal))
        {
            gzip.Write(plain);
        }

        return packed.ToArray();
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
