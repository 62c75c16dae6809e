using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Vedette.Server.Settings;

namespace Vedette.Server.Hosting;

/// <summary>The server's certificate and the authorities of its clients, replaced as a whole when their files change.</summary>
public sealed class Certificates
{
    private Loaded _loaded;

    private Certificates(Loaded loaded) => _loaded = loaded;

    /// <summary>Reads the files.</summary>
    /// <exception cref="InvalidDataException">They cannot be used; the message says which and why.</exception>
    public static Certificates Load(TlsSettings settings) => new(Read(settings));

    /// <summary>Reads the files again; new connections get what they hold. The old ones stay when this throws.</summary>
    /// <exception cref="InvalidDataException">They cannot be used.</exception>
    public void Reload(TlsSettings settings) => Volatile.Write(ref _loaded, Read(settings));

    /// <summary>Do these files hold what can be used?</summary>
    /// <exception cref="InvalidDataException">They do not.</exception>
    public static void Check(TlsSettings settings) => Read(settings);

    /// <summary>What a connection is begun with.</summary>
    /// <param name="refused">Told of a client certificate that is not believed: its subject, and why.</param>
    public SslServerAuthenticationOptions Options(Action<string, string> refused)
    {
        Loaded loaded = Volatile.Read(ref _loaded);
        return new SslServerAuthenticationOptions
        {
            ServerCertificateContext = loaded.Server,
            ClientCertificateRequired = loaded.ClientAuthorities is not null,
            CertificateChainPolicy = loaded.ClientPolicy(),
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
            {
                // Who shows none may have a token; without authorities none is asked for.
                if (certificate is null || (errors == SslPolicyErrors.None && loaded.ClientAuthorities is not null))
                {
                    return true;
                }

                refused(certificate.Subject, Why(chain));
                return false;
            },
            EnabledSslProtocols = System.Security.Authentication.SslProtocols.Tls12 | System.Security.Authentication.SslProtocols.Tls13,
        };
    }

    private static string Why(X509Chain? chain)
    {
        X509ChainStatusFlags flags = (chain?.ChainStatus ?? []).Aggregate(X509ChainStatusFlags.NoError, (all, status) => all | status.Status);
        return (flags & (X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.NotSignatureValid)) != X509ChainStatusFlags.NoError ? "it is of no authority in clientCA"
            : (flags & X509ChainStatusFlags.NotTimeValid) != X509ChainStatusFlags.NoError ? "it has expired, or is not valid yet"
            : (flags & X509ChainStatusFlags.NotValidForUsage) != X509ChainStatusFlags.NoError ? "it is not for clients"
            : flags == X509ChainStatusFlags.NoError ? "it cannot be checked"
            : flags.ToString();
    }

    private static Loaded Read(TlsSettings settings)
    {
        string reading = settings.Certificate;
        try
        {
            X509Certificate2Collection chain = [];
            chain.ImportFromPemFile(settings.Certificate);
            reading = $"{settings.Certificate} with {settings.Key}";
            using X509Certificate2 fromPem = X509Certificate2.CreateFromPemFile(settings.Certificate, settings.Key);
            // SslStream wants a key that is not ephemeral on some platforms; the round trip gives one that works on all.
            X509Certificate2 server = X509CertificateLoader.LoadPkcs12(fromPem.Export(X509ContentType.Pkcs12), password: null);
            X509Certificate2Collection? authorities = null;
            if (settings.ClientCa is { } clientCa)
            {
                reading = clientCa;
                authorities = [];
                authorities.ImportFromPemFile(clientCa);
                if (authorities.Count == 0)
                {
                    throw new InvalidDataException($"{clientCa}: no certificate is in it");
                }
            }

            return new Loaded(SslStreamCertificateContext.Create(server, [.. chain.Skip(1)], offline: true), authorities);
        }
        catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new InvalidDataException($"{reading}: no PEM certificate and key that belong together can be read: {exception.Message}", exception);
        }
    }

    private sealed record Loaded(SslStreamCertificateContext Server, X509Certificate2Collection? ClientAuthorities)
    {
        /// <summary>How a client's certificate is checked: of one of our authorities, in its time, and for clients. Nothing is fetched over the network: where a certificate says it could be is its sender's word.</summary>
        public X509ChainPolicy ClientPolicy()
        {
            X509ChainPolicy policy = new()
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                DisableCertificateDownloads = true,
            };
            policy.CustomTrustStore.AddRange(ClientAuthorities ?? []);
            policy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.2"));
            return policy;
        }
    }
}
