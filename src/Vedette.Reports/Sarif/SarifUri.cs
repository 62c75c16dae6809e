using System.Text;

namespace Vedette.Reports.Sarif;

/// <summary>Names of inputs as URI references.</summary>
internal static class SarifUri
{
    /// <summary>A relative path stays relative (GitHub wants paths from the root of the repository), an absolute one becomes a file: URI, standard input <c>stdin</c>.</summary>
    public static string Of(string input)
    {
        if (input is "-" or "")
        {
            return "stdin";
        }

        string path = input;
        while (path.StartsWith("./", StringComparison.Ordinal))
        {
            path = path[2..];
        }

        string escaped = string.Join('/', path.Split('/').Select(Escape));
        // Several slashes at the beginning are one: behind file: two of them would name a host.
        return escaped.StartsWith('/') ? $"file:///{escaped.TrimStart('/')}" : escaped.Length > 0 ? escaped : ".";
    }

    /// <summary>One segment with everything but unreserved characters as percent escapes; what is no valid UTF-16 becomes U+FFFD.</summary>
    public static string Escape(string segment) => Uri.EscapeDataString(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(segment)));
}
