using System.Text;
using Microsoft.AspNetCore.Http;
using Vedette.Sources.Firehose;

namespace Vedette.Server.Access;

/// <summary>
/// Finds the token of a request, in whatever way its sender can carry one: <c>Authorization: Bearer TOKEN</c>; <c>Basic</c>, whose password it is, whoever the user; Elasticsearch's <c>ApiKey</c>, whose key it is;
/// Firehose's access key; the path, for senders that can set no header.
/// </summary>
public static class RequestToken
{
    /// <summary>Longest header that is decoded.</summary>
    private const int MaxLength = 8 * 1024;

    /// <summary>The token; null where there is none.</summary>
    public static string? Of(HttpContext context)
    {
        string header = context.Request.Headers.Authorization.ToString();
        int blank = header.IndexOf(' ', StringComparison.Ordinal);
        if (blank > 0 && header.Length <= MaxLength)
        {
            string value = header[(blank + 1)..].Trim();
            switch (header[..blank].ToUpperInvariant())
            {
                case "BEARER":
                    return value;
                case "BASIC" or "APIKEY":
                    return Secret(value);
            }
        }

        string accessKey = context.Request.Headers[FirehoseRequest.AccessKeyHeader].ToString();
        return accessKey.Length > 0 ? accessKey : context.Request.RouteValues.TryGetValue("token", out object? inPath) ? inPath as string : null;
    }

    /// <summary>What stands behind the colon.</summary>
    private static string? Secret(string encoded)
    {
        byte[] bytes = new byte[encoded.Length];
        if (!Convert.TryFromBase64String(encoded, bytes, out int length))
        {
            return null;
        }

        string pair = Encoding.UTF8.GetString(bytes, 0, length);
        int colon = pair.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? null : pair[(colon + 1)..];
    }
}
