using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Vedette.Documents.Settings;
using Vedette.Server.Access;
using Vedette.Server.Hosting;
using Vedette.Server.Settings;
using Vedette.Server.Tests.Endpoints;
using Xunit;

namespace Vedette.Server.Tests.Hosting;

/// <summary>TLS as kube-apiserver and attackers meet it: who is let in by a client certificate, who is not, and certificates that are replaced while the server runs.</summary>
public sealed class TlsTests : IDisposable
{
    private const string Stage = "0123456789abcdef-stage";

    private readonly string _folder = Directory.CreateTempSubdirectory("vedette-tls-").FullName;
    private readonly TestAuthority _servers = new("servers of the test");
    private readonly TestAuthority _clients = new("clients of the test");
    private int _events;

    public TlsTests()
    {
        Renew("first");
        File.WriteAllText(PathOf("clients.crt"), _clients.Pem);
    }

    public void Dispose()
    {
        _servers.Dispose();
        _clients.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_client_certificate_sends_for_its_cluster_alone()
    {
        await using ServerUnderTest server = await StartAsync();
        using X509Certificate2 certificate = _clients.ForClient("O=system:masters, CN=apiserver-prod");
        using Sender sender = new(server, _servers, certificate);
        Assert.Equal(HttpStatusCode.OK, await PostAsync(sender, "/audit/prod"));
        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(sender, "/audit/stage"));
        Assert.Equal(HttpStatusCode.NotFound, await PostAsync(sender, "/audit/other"));
        using HttpResponseMessage api = await sender.Client.GetAsync("/api/v1/findings", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Forbidden, api.StatusCode);
        Assert.Equal(1, server.Server.Store.Events.End);
    }

    [Fact]
    public async Task An_authority_between_is_believed_when_the_client_sends_it_along()
    {
        await using ServerUnderTest server = await StartAsync();
        using TestAuthority between = new("between", _clients);
        using X509Certificate2 certificate = between.ForClient("CN=apiserver-prod");
        using Sender sender = new(server, _servers, certificate, between.Certificate);
        Assert.Equal(HttpStatusCode.OK, await PostAsync(sender, "/audit/prod"));
    }

    [Fact]
    public async Task A_certificate_of_another_authority_an_old_one_and_one_for_servers_end_the_connection_and_are_in_vedettes_own_audit_log()
    {
        await using ServerUnderTest server = await StartAsync();
        using TestAuthority other = new("clients of the test");
        (X509Certificate2 Certificate, string Reason)[] refused =
        [
            (other.ForClient("CN=apiserver-prod, OU=other"), "of no authority in clientCA"),
            (_clients.ForClient("CN=apiserver-prod, OU=old", fromDays: -3, toDays: -2), "has expired"),
            (_clients.ForClient("CN=apiserver-prod, OU=early", fromDays: 2, toDays: 3), "not valid yet"),
            (_clients.ForClient("CN=apiserver-prod, OU=server", isForServers: true), "not for clients"),
            (other.ForClient("CN=apiserver-prod, O=\u001b[2J\u202e\"\n"), "of no authority in clientCA"),
        ];
        foreach ((X509Certificate2 certificate, _) in refused)
        {
            using Sender sender = new(server, _servers, certificate);
            await Assert.ThrowsAsync<HttpRequestException>(() => PostAsync(sender, "/audit/prod"));
        }

        using (X509Certificate2 good = _clients.ForClient("CN=apiserver-prod"))
        using (Sender sender = new(server, _servers, good))
        {
            Assert.Equal(HttpStatusCode.OK, await PostAsync(sender, "/audit/prod"));
        }

        await ServerUnderTest.UntilAsync(() => server.AccessLog().Count(character => character == '\n') >= refused.Length, () => $"refusals in the log: {server.AccessLog()}");
        string[] lines = server.AccessLog().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(refused.Length, lines.Length);
        for (int i = 0; i < lines.Length; i++)
        {
            Assert.DoesNotContain(lines[i], character => char.IsControl(character) || character == '\u202e');
            using JsonDocument entry = JsonDocument.Parse(lines[i]);
            Assert.Equal(("TLS", 403, "127.0.0.1", JsonValueKind.Null), (
                entry.RootElement.GetProperty("method").GetString(), entry.RootElement.GetProperty("status").GetInt32(), entry.RootElement.GetProperty("address").GetString(),
                entry.RootElement.GetProperty("who").ValueKind));
            Assert.Contains(refused[i].Reason, entry.RootElement.GetProperty("reason").GetString(), StringComparison.Ordinal);
            Assert.Contains("CN=apiserver-prod", entry.RootElement.GetProperty("reason").GetString(), StringComparison.Ordinal);
            refused[i].Certificate.Dispose();
        }

        Assert.Equal(refused.Length, server.Metric("vedette_connections_ended_total{reason=\"client_certificate\"}"));
        Assert.Equal(1, server.Server.Store.Events.End);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("CN=nobody")]
    [InlineData("OU=apiserver-prod")]
    [InlineData("CN=APISERVER-PROD")]
    [InlineData("CN=apiserver-prod, CN=apiserver-stage")]
    [InlineData("CN=x, CN=apiserver-prod")]
    public async Task Without_a_certificate_of_a_known_name_the_answer_is_401_and_in_vedettes_own_audit_log(string? subject)
    {
        await using ServerUnderTest server = await StartAsync();
        using X509Certificate2? certificate = subject is null ? null : _clients.ForClient(subject);
        using Sender sender = new(server, _servers, certificate);
        Assert.Equal(HttpStatusCode.Unauthorized, await PostAsync(sender, "/audit/prod"));
        await ServerUnderTest.UntilAsync(() => server.AccessLog().EndsWith('\n'), () => "the refusal in the log");
        using JsonDocument entry = JsonDocument.Parse(server.AccessLog());
        Assert.Equal(401, entry.RootElement.GetProperty("status").GetInt32());
        Assert.Equal(JsonValueKind.Null, entry.RootElement.GetProperty("who").ValueKind);
        Assert.Equal(0, server.Server.Store.Events.End);

        // Who shows no certificate may have a token.
        Assert.Equal(HttpStatusCode.OK, await PostAsync(sender, "/audit/stage/" + Stage));
    }

    [Fact]
    public async Task Nothing_is_fetched_from_where_a_certificate_says_that_its_authority_is()
    {
        await using ServerUnderTest server = await StartAsync();
        using TcpListener elsewhere = new(IPAddress.Loopback, 0);
        elsewhere.Start();
        using TestAuthority other = new("nobody knows this one");
        using X509Certificate2 certificate = other.ForClient("CN=apiserver-prod", issuerAt: new Uri($"http://{elsewhere.LocalEndpoint}/ca.crt"));
        using Sender sender = new(server, _servers, certificate);
        await Assert.ThrowsAsync<HttpRequestException>(() => PostAsync(sender, "/audit/prod"));
        await ServerUnderTest.UntilAsync(() => server.AccessLog().EndsWith('\n'), () => "the refusal in the log");
        Assert.False(elsewhere.Pending());
    }

    [Fact]
    public async Task Plain_HTTP_old_TLS_and_rubbish_are_refused_and_counted_and_others_are_undisturbed()
    {
        await using ServerUnderTest server = await StartAsync();
        foreach (byte[] rubbish in new[] { "POST /audit/prod HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray(), [0x16, 3, 1, 255, 255, .. new byte[100]], new byte[5000] })
        {
            Assert.DoesNotContain("HTTP/1.1 2", await RawConnection.AskAsync(server.Address, rubbish, isAll: true), StringComparison.Ordinal);
        }

        using (TcpClient client = new())
        {
            await client.ConnectAsync(server.Address, TestContext.Current.CancellationToken);
            await using SslStream old = new(client.GetStream());
#pragma warning disable SYSLIB0039, CA5397 // That it is refused is what is tested.
            await Assert.ThrowsAnyAsync<Exception>(() => old.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", EnabledSslProtocols = System.Security.Authentication.SslProtocols.Tls11 }, TestContext.Current.CancellationToken));
#pragma warning restore SYSLIB0039, CA5397
        }

        using X509Certificate2 good = _clients.ForClient("CN=apiserver-prod");
        using Sender sender = new(server, _servers, good);
        Assert.Equal(HttpStatusCode.OK, await PostAsync(sender, "/audit/prod"));
        await ServerUnderTest.UntilAsync(() => server.Metric("vedette_connections_ended_total{") >= 4, server.Metrics);
    }

    [Fact]
    public async Task Handshakes_that_do_not_end_are_ended_and_others_are_answered_meanwhile()
    {
        await using ServerUnderTest server = await StartAsync();
        using X509Certificate2 certificate = _clients.ForClient("CN=apiserver-prod");

        // Nothing; a record's head; the head of a ClientHello of 16 KB, that comes byte by byte.
        byte[][] beginnings = [[], [0x16, 3, 1], [0x16, 3, 1, 0x40, 0, 1, 0, 0x3f, 0xfc, 3, 3]];
        Task[] drips = [.. beginnings.SelectMany(beginning => Enumerable.Repeat(beginning, 10)).Select(beginning => DripAsync(server, beginning))];
        Task all = Task.WhenAll(drips);
        int answered = 0;
        while (!all.IsCompleted)
        {
            using Sender sender = new(server, _servers, certificate);
            Assert.Equal(HttpStatusCode.OK, await PostAsync(sender, "/audit/prod"));
            answered++;
            await Task.WhenAny(all, Task.Delay(200, TestContext.Current.CancellationToken));
        }

        await all;
        Assert.Equal(answered, server.Server.Store.Events.End);
        await ServerUnderTest.UntilAsync(() => server.Metric("vedette_connections_ended_total{reason=\"tls_handshake_failed\"}") >= drips.Length, server.Metrics);
    }

    [Fact]
    public async Task A_certificate_that_is_replaced_is_shown_to_new_connections_and_a_broken_one_is_not()
    {
        await using ServerUnderTest server = await StartAsync(new HastyClock());
        using Reloader reloader = new(server.Server, server.Certificates, [], () => (server.Server.Settings, new SettingsContext("", _ => null)));
        using CancellationTokenSource end = new();
        Task following = reloader.FollowAsync(end.Token);
        using X509Certificate2 certificate = _clients.ForClient("CN=apiserver-prod");
        using Sender old = new(server, _servers, certificate);
        Assert.Equal(HttpStatusCode.OK, await PostAsync(old, "/audit/prod"));
        Assert.Equal(["CN=first"], old.Shown);

        // The old ones are gone from the disk in the same moment, as with a mounted Secret.
        Renew("second");
        await UntilShownAsync("CN=second");
        Assert.Equal(HttpStatusCode.OK, await PostAsync(old, "/audit/prod"));
        Assert.Equal(["CN=first"], old.Shown);
        Assert.Equal(1, server.Metric("vedette_settings_last_reload_successful"));

        // Broken: half written; then a key that belongs to another.
        string whole = await File.ReadAllTextAsync(PathOf("tls.crt"), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(PathOf("tls.crt"), whole[..(whole.Length / 2)], TestContext.Current.CancellationToken);
        await UntilSaidAsync("\"level\":\"error\",\"msg\":\"the new settings cannot be used; those in use stay\"", 1);
        await File.WriteAllTextAsync(PathOf("tls.crt"), _servers.ForServer("third").Certificate, TestContext.Current.CancellationToken);
        await UntilSaidAsync("no PEM certificate and key that belong together", 2);
        Assert.Contains(PathOf("tls.crt"), server.Log, StringComparison.Ordinal);
        Assert.Equal(0, server.Metric("vedette_settings_last_reload_successful"));
        using (Sender sender = new(server, _servers, certificate))
        {
            Assert.Equal(HttpStatusCode.OK, await PostAsync(sender, "/audit/prod"));
            Assert.Equal(["CN=second"], sender.Shown);
        }

        // Authorities of clients are replaced too: who was let in by the old one is not any more, in new connections.
        using TestAuthority others = new("other clients");
        await File.WriteAllTextAsync(PathOf("clients.crt"), others.Pem, TestContext.Current.CancellationToken);
        Renew("fourth");
        using X509Certificate2 renewed = others.ForClient("CN=apiserver-prod");
        await UntilShownAsync("CN=fourth", renewed);
        using (Sender sender = new(server, _servers, certificate))
        {
            await Assert.ThrowsAsync<HttpRequestException>(() => PostAsync(sender, "/audit/prod"));
        }

        Assert.Equal(1, server.Metric("vedette_settings_last_reload_successful"));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(old, "/audit/prod"));
        Assert.Equal(["CN=first"], old.Shown);
        await end.CancelAsync();
        await following;

        async Task UntilShownAsync(string name, X509Certificate2? by = null)
        {
            string shown = "";
            long started = TimeProvider.System.GetTimestamp();
            while (shown != name)
            {
                Assert.True(TimeProvider.System.GetElapsedTime(started) < ServerUnderTest.Patience, $"{name} is not shown: {server.Log}");
                using Sender sender = new(server, _servers, by ?? certificate);
                try
                {
                    Assert.Equal(HttpStatusCode.OK, await PostAsync(sender, "/audit/prod"));
                    shown = sender.Shown.Single();
                }
                catch (HttpRequestException) when (by is not null)
                {
                    // Not yet believed.
                }
            }
        }

        Task UntilSaidAsync(string text, int times) => ServerUnderTest.UntilAsync(() => server.Log.Split(text).Length > times, () => $"{text} is not said: {server.Log}");
    }

    private static async Task DripAsync(ServerUnderTest server, byte[] beginning)
    {
        using RawConnection connection = await RawConnection.OpenAsync(server.Address);
        Task<string> answer = connection.ReadToEndAsync();
        await connection.SendAsync(beginning);
        while (!answer.IsCompleted)
        {
            await Task.WhenAny(answer, Task.Delay(500, TestContext.Current.CancellationToken));
            await connection.SendAsync(beginning.Length > 3 ? new byte[1] : ReadOnlyMemory<byte>.Empty);
        }

        await answer;
    }

    private string PathOf(string name) => Path.Combine(_folder, name);

    private void Renew(string name)
    {
        (string certificate, string key) = _servers.ForServer(name);
        string next = Directory.CreateDirectory(PathOf($"..{name}")).FullName;
        File.WriteAllText(Path.Combine(next, "tls.crt"), certificate);
        File.WriteAllText(Path.Combine(next, "tls.key"), key);
        foreach (string file in new[] { "tls.crt", "tls.key" })
        {
            // Key and certificate are replaced one after the other: what is read between them does not belong together, and is not taken.
            File.Move(Path.Combine(next, file), PathOf(file), overwrite: true);
        }
    }

    private Task<ServerUnderTest> StartAsync(TimeProvider? time = null) => ServerUnderTest.StartAsync(
        settings => settings with
        {
            Tls = new TlsSettings(PathOf("tls.crt"), PathOf("tls.key"), PathOf("clients.crt")),
            Clusters = [new ClusterSettings("prod", [new CertificateCredential("apiserver-prod")]), new ClusterSettings("stage", [new CertificateCredential("apiserver-stage"), Credential.OfToken(Stage)])],
        },
        time: time);

    private async Task<HttpStatusCode> PostAsync(Sender sender, string path)
    {
        using HttpResponseMessage answer = await sender.Client.PostAsync(path, new StringContent(ServerUnderTest.Event($"{++_events}")), TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }

    /// <summary>A sender that believes one authority, shows a certificate, and keeps its connection.</summary>
    private sealed class Sender : IDisposable
    {
        private readonly ConcurrentQueue<string> _shown = [];

        public Sender(ServerUnderTest server, TestAuthority believed, X509Certificate2? certificate, params X509Certificate2[] between)
        {
            SocketsHttpHandler handler = new() { PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan };
            handler.SslOptions.TargetHost = "localhost";
            handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, chain, _) =>
            {
                _shown.Enqueue(shown!.Subject);
                return believed.Signed(shown, chain);
            };
            if (certificate is not null)
            {
                handler.SslOptions.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, [.. between], offline: true);
            }

            Client = new HttpClient(handler) { BaseAddress = new Uri($"https://localhost:{server.Address.Port}"), DefaultRequestVersion = HttpVersion.Version20 };
        }

        public HttpClient Client { get; }

        /// <summary>Subjects of the certificates that the server has shown, one for each connection.</summary>
        public string[] Shown => [.. _shown];

        public void Dispose() => Client.Dispose();
    }
}
