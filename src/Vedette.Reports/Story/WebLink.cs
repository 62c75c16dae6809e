using System.Diagnostics.CodeAnalysis;

namespace Vedette.Reports.Story;

/// <summary>Which references of rules may become links.</summary>
internal static class WebLink
{
    /// <summary>True for absolute http and https addresses without a password; others (javascript:, data:, file:) are shown as text.</summary>
    public static bool TryRead(string text, [NotNullWhen(true)] out string? url)
    {
        url = null;
        if (!Uri.TryCreate(text.Trim(), UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("https" or "http") || uri.UserInfo.Length > 0)
        {
            return false;
        }

        // RFC 3986 has brackets around IPv6 addresses only; Uri leaves them elsewhere too.
        string site = uri.GetLeftPart(UriPartial.Authority);
        url = site + uri.AbsoluteUri[site.Length..].Replace("[", "%5B", StringComparison.Ordinal).Replace("]", "%5D", StringComparison.Ordinal);
        return true;
    }
}
