using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Vedette.Server.Access;

/// <summary>How somebody is known. Of a token only its hash is kept in memory.</summary>
public abstract record Credential
{
    /// <summary>Shortest token that is taken: shorter ones can be guessed.</summary>
    public const int MinTokenLength = 16;

    /// <summary>Prefix of a hash in settings: <c>sha256:</c> and 64 hexadecimal digits, as <c>printf %s TOKEN | sha256sum</c> prints them.</summary>
    public const string HashPrefix = "sha256:";

    private static readonly SearchValues<char> s_hexadecimal = SearchValues.Create("0123456789abcdefABCDEF");

    /// <summary>A token.</summary>
    public static Credential OfToken(string token) => new TokenCredential(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    /// <summary>A token of which only the hash is known; null when this is none.</summary>
    public static Credential? OfHash(string hash) =>
        hash.Length == HashPrefix.Length + 64 && hash.StartsWith(HashPrefix, StringComparison.Ordinal) && !hash.AsSpan(HashPrefix.Length).ContainsAnyExcept(s_hexadecimal)
            ? new TokenCredential(Convert.FromHexString(hash.AsSpan(HashPrefix.Length)))
            : null;
}

/// <summary>A bearer token.</summary>
/// <param name="Hash">SHA-256 of its UTF-8.</param>
public sealed record TokenCredential(byte[] Hash) : Credential;

/// <summary>A client certificate of an authority that is believed.</summary>
/// <param name="CommonName">Its subject's common name.</param>
public sealed record CertificateCredential(string CommonName) : Credential;
