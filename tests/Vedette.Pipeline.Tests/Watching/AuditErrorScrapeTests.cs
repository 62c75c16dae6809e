using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Vedette.Pipeline.Watching;
using Xunit;

namespace Vedette.Pipeline.Tests.Watching;

public sealed class AuditErrorScrapeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vedette-scrape").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task What_is_more_than_at_the_last_look_was_lost_between()
    {
        Answers answers = new(
            "apiserver_audit_error_total{plugin=\"webhook\"} 400\n",
            "# TYPE apiserver_audit_error_total counter\napiserver_audit_error_total{plugin=\"webhook\"} 443\napiserver_audit_error_total{plugin=\"buffered\"} 1.594e+03\n",
            "apiserver_audit_error_total{plugin=\"webhook\"} 7\napiserver_audit_error_total{plugin=\"buffered\"} 1594\n");
        using AuditErrorScrape scrape = new(new ApiServerAddress("prod", new Uri("http://127.0.0.1/metrics"), null, null), answers);
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        Assert.Empty(await scrape.LookAsync(cancellation));
        Assert.Equal([("webhook", 43), ("buffered", 1594)], await scrape.LookAsync(cancellation));
        Assert.Equal([("webhook", 7)], await scrape.LookAsync(cancellation));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100_000)]
    public async Task Lines_are_found_however_the_answer_is_cut(int piece)
    {
        string text = "apiserver_audit_error_total{plugin=\"a\"} 1\nother{plugin=\"x\"} 9\n" + new string('x', 3 * AuditErrorScrape.MaxLineLength)
            + "\napiserver_audit_error_total{plugin=\"b\"} 2 1700000000\napiserver_audit_error_total{plugin=\"c\"} NaN\napiserver_audit_error_total{plugin=\napiserver_audit_error_total_x{plugin=\"d\"} 1\n";
        Dictionary<string, long> errors = await AuditErrorScrape.ReadAsync(new Pieces(Encoding.UTF8.GetBytes(text), piece), TestContext.Current.CancellationToken);
        Assert.Equal(["a=1", "b=2"], errors.Select(item => $"{item.Key}={item.Value}").Order());
    }

    [Fact]
    public async Task An_answer_without_end_is_given_up() =>
        await Assert.ThrowsAsync<IOException>(() => AuditErrorScrape.ReadAsync(new Endless(), TestContext.Current.CancellationToken));

    [Fact]
    public async Task A_refusal_says_what_the_token_needs_and_not_the_token()
    {
        string file = Path.Combine(_folder, "token");
        await File.WriteAllTextAsync(file, "hush\n", TestContext.Current.CancellationToken);
        Answers answers = new() { Status = HttpStatusCode.Forbidden };
        using AuditErrorScrape scrape = new(new ApiServerAddress("prod", new Uri("https://10.0.0.1:6443/metrics"), file, null), answers);
        IOException problem = await Assert.ThrowsAsync<IOException>(() => scrape.LookAsync(TestContext.Current.CancellationToken));
        Assert.Equal("https://10.0.0.1:6443/metrics answered 403: the token needs get on the path /metrics", problem.Message);
        Assert.Equal("Bearer hush", answers.Authorization);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Over_TLS_only_a_certificate_of_the_named_authority_is_trusted(bool isTrusted)
    {
        using RSA key = RSA.Create(2048);
        CertificateRequest request = new("CN=127.0.0.1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        SubjectAlternativeNameBuilder names = new();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using RSA otherKey = RSA.Create(2048);
        using X509Certificate2 other = new CertificateRequest("CN=other", otherKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        string file = Path.Combine(_folder, "ca.pem");
        await File.WriteAllTextAsync(file, (isTrusted ? certificate : other).ExportCertificatePem(), TestContext.Current.CancellationToken);
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        Task server = ServeAsync(listener, certificate);
        using AuditErrorScrape scrape = new(new ApiServerAddress("prod", new Uri($"https://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/metrics"), null, file));
        if (isTrusted)
        {
            Assert.Empty(await scrape.LookAsync(TestContext.Current.CancellationToken));
        }
        else
        {
            await Assert.ThrowsAsync<IOException>(() => scrape.LookAsync(TestContext.Current.CancellationToken));
        }

        await server;
    }

    private static async Task ServeAsync(TcpListener listener, X509Certificate2 certificate)
    {
        using TcpClient client = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        await using SslStream tls = new(client.GetStream());
        try
        {
            await tls.AuthenticateAsServerAsync(certificate);
            int read = await tls.ReadAsync(new byte[4096], TestContext.Current.CancellationToken);
            if (read > 0)
            {
                await tls.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
            }
        }
        catch (Exception exception) when (exception is IOException or System.Security.Authentication.AuthenticationException)
        {
            // The client turned away.
        }
    }

    private sealed class Answers(params string[] texts) : HttpMessageHandler
    {
        private int _next;

        public HttpStatusCode Status { get; init; } = HttpStatusCode.OK;

        public string? Authorization { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Authorization = request.Headers.Authorization?.ToString();
            return Task.FromResult(new HttpResponseMessage(Status) { Content = new StringContent(_next < texts.Length ? texts[_next++] : "") });
        }
    }

    private sealed class Pieces(byte[] content, int piece) : MemoryStream(content)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, piece)], cancellationToken);
    }

    private sealed class Endless : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            buffer.Span.Fill((byte)'\n');
            return ValueTask.FromResult(buffer.Length);
        }
    }
}
