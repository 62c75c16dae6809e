using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Vedette.Sinks.Http;

/// <summary>Makes what speaks HTTP with a receiver. Each sink has one of its own, so that a slow receiver holds up no other.</summary>
public static class HttpHandlers
{
    /// <summary>Most connections to a receiver.</summary>
    public const int MaxConnections = 4;

    /// <summary>Most kilobytes of response headers.</summary>
    public const int MaxResponseHeaderKilobytes = 32;

    private static readonly TimeSpan s_connectTimeout = TimeSpan.FromSeconds(10);

    // Long enough to pay, short enough to follow a name that moves.
    private static readonly TimeSpan s_connectionLifetime = TimeSpan.FromMinutes(5);

    /// <summary>Makes one.</summary>
    public static HttpMessageHandler Create(HttpSettings settings)
    {
        SocketsHttpHandler handler = new()
        {
            // A redirect would carry credentials and findings to wherever the receiver points.
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = s_connectTimeout,
            PooledConnectionLifetime = s_connectionLifetime,
            MaxConnectionsPerServer = MaxConnections,
            MaxResponseHeadersLength = MaxResponseHeaderKilobytes,
        };
        if (settings.Authorities is { } pem)
        {
            X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.ImportFromPem(pem);
            handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
        }

        return handler;
    }
}
