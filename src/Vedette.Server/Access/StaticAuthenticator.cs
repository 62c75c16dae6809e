using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Vedette.Server.Settings;

namespace Vedette.Server.Access;

/// <summary>Those whom the settings name: tokens by their hashes, certificates by their common names.</summary>
public sealed class StaticAuthenticator : IAuthenticator
{
    private const string CommonNameId = "2.5.4.3";

    private readonly List<(byte[] Hash, Principal Who)> _tokens = [];
    private readonly Dictionary<string, Principal> _certificates = new(StringComparer.Ordinal);

    /// <summary>Those of the settings.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="adminToken">A token that is good for everything; null: none.</param>
    public StaticAuthenticator(ServerSettings settings, string? adminToken)
    {
        foreach (UserSettings user in settings.Users)
        {
            Add(user.Credential, new Principal(user.Name, user.Role, user.Clusters));
        }

        foreach (ClusterSettings cluster in settings.Clusters)
        {
            foreach (Credential credential in cluster.Credentials)
            {
                Add(credential, new Principal($"cluster:{cluster.Name}", Role.Sender, [cluster.Name]));
            }
        }

        if (adminToken is not null)
        {
            Add(Credential.OfToken(adminToken), new Principal("admin", Role.Admin, []));
        }
    }

    /// <inheritdoc />
    public ValueTask<Principal?> AuthenticateAsync(Proof proof, CancellationToken cancellation)
    {
        if (proof.Token is { } token)
        {
            // All are compared, and only hashes: how long it takes tells nothing of a token.
            byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(token));
            Principal? known = null;
            foreach ((byte[] expected, Principal who) in _tokens)
            {
                known = CryptographicOperations.FixedTimeEquals(hash, expected) ? who : known;
            }

            return new(known);
        }

        return new(proof.Certificate is { } certificate && CommonName(certificate) is { } name ? _certificates.GetValueOrDefault(name) : null);
    }

    /// <summary>The common name of a certificate's subject; null where there is none, or more than one. No other name stands in for it.</summary>
    private static string? CommonName(X509Certificate2 certificate)
    {
        string? name = null;
        foreach (X500RelativeDistinguishedName part in certificate.SubjectName.EnumerateRelativeDistinguishedNames())
        {
            if (part.HasMultipleElements)
            {
                return null;
            }

            if (part.GetSingleElementType().Value == CommonNameId)
            {
                if (name is not null)
                {
                    return null;
                }

                name = part.GetSingleElementValue();
            }
        }

        return name;
    }

    private void Add(Credential credential, Principal who)
    {
        switch (credential)
        {
            case TokenCredential token:
                _tokens.Add((token.Hash, who));
                break;
            case CertificateCredential certificate:
                _certificates[certificate.CommonName] = who;
                break;
        }
    }
}
