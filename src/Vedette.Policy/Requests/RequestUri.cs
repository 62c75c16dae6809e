using System.Text;

namespace Vedette.Policy.Requests;

/// <summary>The target of a request as Go's server parses it (net/url, ParseRequestURI and ParseQuery).</summary>
internal readonly struct RequestUri
{
    private readonly string _query;

    private RequestUri(string path, string query)
    {
        Path = path;
        _query = query;
    }

    /// <summary>The decoded path. <c>//</c> and dot segments stay.</summary>
    public string Path { get; }

    /// <summary>Parses it.</summary>
    /// <param name="text">The URI as sent.</param>
    /// <param name="uri">The parts.</param>
    /// <param name="error">Why Go refuses it; such requests never reach auditing.</param>
    public static bool TryParse(string text, out RequestUri uri, out string? error)
    {
        uri = new RequestUri("", "");
        error = null;
        if (text.Length == 0)
        {
            error = "parse \"\": empty url";
            return false;
        }

        if (text.AsSpan().ContainsAnyInRange('\0', '\x1F') || text.Contains('\x7F', StringComparison.Ordinal))
        {
            error = "net/url: invalid control character in URL";
            return false;
        }

        int question = text.IndexOf('?', StringComparison.Ordinal);
        string query = question < 0 ? "" : text[(question + 1)..];
        string path = question < 0 ? text : text[..question];
        if (path == "*")
        {
            uri = new RequestUri("*", query);
            return true;
        }

        if (path.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || path.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
        {
            // The absolute form that proxies send.
            int slash = path.IndexOf('/', path.IndexOf("//", StringComparison.Ordinal) + 2);
            path = slash < 0 ? "" : path[slash..];
        }
        else if (!path.StartsWith('/'))
        {
            error = "invalid URI for request";
            return false;
        }

        if (!TryUnescape(path, plusIsBlank: false, out string decoded, out string? bad))
        {
            error = $"invalid URL escape \"{bad}\"";
            return false;
        }

        uri = new RequestUri(decoded, query);
        return true;
    }

    /// <summary>The first value of a query parameter; null when it is not there. Parameters that cannot be decoded are not there.</summary>
    public string? Parameter(string name)
    {
        foreach (Range range in _query.AsSpan().Split('&'))
        {
            ReadOnlySpan<char> pair = _query.AsSpan()[range];
            int equals = pair.IndexOf('=');
            ReadOnlySpan<char> key = equals < 0 ? pair : pair[..equals];
            if (!pair.IsEmpty && !pair.Contains(';')
                && TryUnescape(key.ToString(), plusIsBlank: true, out string decoded, out _) && decoded == name
                && TryUnescape(equals < 0 ? "" : pair[(equals + 1)..].ToString(), plusIsBlank: true, out string value, out _))
            {
                return value;
            }
        }

        return null;
    }

    private static bool TryUnescape(string text, bool plusIsBlank, out string decoded, out string? bad)
    {
        decoded = text;
        bad = null;
        if (!text.AsSpan().ContainsAny('%', '+'))
        {
            return true;
        }

        byte[] bytes = Encoding.UTF8.GetBytes(text);
        int written = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] != '%')
            {
                bytes[written++] = plusIsBlank && bytes[i] == '+' ? (byte)' ' : bytes[i];
            }
            else if (i + 2 < bytes.Length && char.IsAsciiHexDigit((char)bytes[i + 1]) && char.IsAsciiHexDigit((char)bytes[i + 2]))
            {
                bytes[written++] = (byte)(Convert.FromHexString([(char)bytes[i + 1], (char)bytes[i + 2]])[0]);
                i += 2;
            }
            else
            {
                bad = Encoding.UTF8.GetString(bytes.AsSpan(i, Math.Min(3, bytes.Length - i)));
                return false;
            }
        }

        decoded = Encoding.UTF8.GetString(bytes, 0, written);
        return true;
    }
}
