using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Vedette.Sinks.Http;

namespace Vedette.Sinks.Webhook;

/// <summary>
/// Signs what a webhook sends: <c>X-Vedette-Signature: t=SECONDS,v1=HEX</c>, where HEX is HMAC-SHA256 with the shared secret over the seconds since 1970, a dot and the body. Who checks it also
/// refuses a time that is more than some minutes off, so that a recorded request cannot be sent again.
/// </summary>
public static class WebhookSignature
{
    /// <summary>Name of the header.</summary>
    public const string HeaderName = "X-Vedette-Signature";

    /// <summary>The header for a body.</summary>
    public static HttpHeader Of(string secret, DateTimeOffset time, ReadOnlySpan<byte> body)
    {
        string seconds = time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        using IncrementalHash hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret));
        hash.AppendData(Encoding.UTF8.GetBytes(seconds + "."));
        hash.AppendData(body);
        return new HttpHeader(HeaderName, $"t={seconds},v1={Convert.ToHexStringLower(hash.GetHashAndReset())}");
    }
}
