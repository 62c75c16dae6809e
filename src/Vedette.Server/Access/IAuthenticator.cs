using System.Security.Cryptography.X509Certificates;

namespace Vedette.Server.Access;

/// <summary>Says who somebody is. The one seam for all ways to find that out.</summary>
public interface IAuthenticator
{
    /// <summary>Who shows this; null when nobody is known by it.</summary>
    /// <param name="proof">What the request shows.</param>
    /// <param name="cancellation">Ends the asking, where others must be asked.</param>
    ValueTask<Principal?> AuthenticateAsync(Proof proof, CancellationToken cancellation);
}

/// <summary>What a request shows of who makes it.</summary>
/// <param name="Token">Bearer or path token.</param>
/// <param name="Certificate">Client certificate, already checked to be of an authority that is believed.</param>
public readonly record struct Proof(string? Token, X509Certificate2? Certificate);
