using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Vedette.Server.Tests.Hosting;

/// <summary>An authority of a test, that gives certificates to servers and clients.</summary>
internal sealed class TestAuthority : IDisposable
{
    private const string ForServers = "1.3.6.1.5.5.7.3.1";
    private const string ForClients = "1.3.6.1.5.5.7.3.2";

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public TestAuthority(string name, TestAuthority? of = null)
    {
        CertificateRequest request = new($"CN={name}", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        (DateTimeOffset from, DateTimeOffset to) = (TimeProvider.System.GetUtcNow().AddDays(-30), TimeProvider.System.GetUtcNow().AddDays(30));
        if (of is null)
        {
            Certificate = request.CreateSelfSigned(from, to);
        }
        else
        {
            // Within its issuer's time, which may be of the second before.
            using X509Certificate2 signed = of.Sign(request, from.AddDays(1), to.AddDays(-1));
            Certificate = signed.CopyWithPrivateKey(_key);
        }
    }

    public X509Certificate2 Certificate { get; }

    public string Pem => Certificate.ExportCertificatePem() + "\n";

    /// <summary>A certificate for localhost and its key, in PEM.</summary>
    public (string Certificate, string Key) ForServer(string name = "vedette")
    {
        using X509Certificate2 certificate = Issue($"CN={name}", purpose: ForServers);
        return (certificate.ExportCertificatePem() + "\n", certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem() + "\n");
    }

    /// <summary>A client's certificate.</summary>
    /// <param name="subject">Whose.</param>
    /// <param name="fromDays">Valid from so many days from now on.</param>
    /// <param name="toDays">Valid until then.</param>
    /// <param name="isForServers">Is it not for clients?</param>
    /// <param name="issuerAt">Where it says that its authority's certificate can be fetched.</param>
    public X509Certificate2 ForClient(string subject, int fromDays = -1, int toDays = 1, bool isForServers = false, Uri? issuerAt = null) =>
        Issue(subject, fromDays, toDays, isForServers ? ForServers : ForClients, issuerAt);

    /// <summary>Is a server's certificate one of this authority's? For who connects.</summary>
    public bool Signed(X509Certificate? shown, X509Chain? chain)
    {
        chain!.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(Certificate);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build((X509Certificate2)shown!);
    }

    public void Dispose()
    {
        Certificate.Dispose();
        _key.Dispose();
    }

    private X509Certificate2 Issue(string subject, int fromDays = -1, int toDays = 1, string purpose = ForClients, Uri? issuerAt = null)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], critical: false));
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        if (issuerAt is not null)
        {
            request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension(null, [issuerAt.ToString()]));
        }

        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using X509Certificate2 signed = Sign(request, now.AddDays(fromDays), now.AddDays(toDays));
        using X509Certificate2 whole = signed.CopyWithPrivateKey(key);

        // With a key that is not only in memory, as SslStream wants it.
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), password: null, X509KeyStorageFlags.Exportable);
    }

    private X509Certificate2 Sign(CertificateRequest request, DateTimeOffset from, DateTimeOffset to) =>
        request.Create(Certificate, from, to, RandomNumberGenerator.GetBytes(16).Select((part, i) => i == 0 ? (byte)(part & 0x7f | 1) : part).ToArray());
}
