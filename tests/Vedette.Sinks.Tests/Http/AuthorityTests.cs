using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Vedette.Sinks.Http;
using Xunit;

namespace Vedette.Sinks.Tests.Http;

public class AuthorityTests
{
    [Fact]
    public async Task A_receiver_of_ones_own_authority_is_trusted_by_its_file_and_not_without()
    {
        using RSA key = RSA.Create(2048);
        CertificateRequest request = new("CN=receiver", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        SubjectAlternativeNameBuilder names = new();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using X509Certificate2 certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        Task serving = ServeAsync(listener, certificate, 2);
        string directory = Directory.CreateTempSubdirectory("vedette-authority-").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(directory, "ca.pem"), certificate.ExportCertificatePem(), TestContext.Current.CancellationToken);

            SinkAnswer trusted = await SendAsync($"webhook: {{url: 'https://{listener.LocalEndpoint}/x', caFile: '{directory}/ca.pem'}}");
            SinkAnswer unknown = await SendAsync($"webhook: {{url: 'https://{listener.LocalEndpoint}/x'}}");

            Assert.Equal(SinkAnswer.Delivered, trusted);
            Assert.Equal(SinkVerdict.TryLater, unknown.Verdict);
            Assert.Contains("certificate", unknown.Problem, StringComparison.OrdinalIgnoreCase);
            await serving;
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<SinkAnswer> SendAsync(string yaml)
    {
        using ISink sink = new SinkFactory(HttpHandlers.Create, Stream.Null, TimeProvider.System).Create(Settings.Sink(yaml));
        return await sink.SendAsync([Findings.One()], TestContext.Current.CancellationToken);
    }

    private static async Task ServeAsync(TcpListener listener, X509Certificate2 certificate, int connections)
    {
        for (int i = 0; i < connections; i++)
        {
            using TcpClient client = await listener.AcceptTcpClientAsync();
            await using SslStream tls = new(client.GetStream());
            try
            {
                await tls.AuthenticateAsServerAsync(certificate);
                byte[] buffer = new byte[16 * 1024];
                StringBuilder request = new();
                while (!request.ToString().EndsWith(']') && await tls.ReadAsync(buffer) is var read and > 0)
                {
                    request.Append(Encoding.UTF8.GetString(buffer, 0, read));
                }

                await tls.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray());
            }
            catch (Exception exception) when (exception is IOException or System.Security.Authentication.AuthenticationException)
            {
                // A client that does not trust goes away in the handshake.
            }
        }
    }
}
