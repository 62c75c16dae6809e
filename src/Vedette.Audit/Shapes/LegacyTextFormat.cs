using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Vedette.Audit.Shapes;

/// <summary>
/// Reads lines of kube-apiserver's legacy text format (--audit-log-format=legacy; EventString in staging/src/k8s.io/apiserver/pkg/audit/format.go) back into events. The line
/// has the request's times, user, first address, URI and code; level, bodies and annotations are not in it and stay absent.
/// </summary>
internal static class LegacyTextFormat
{
    /// <summary>Builds the event of a line; false when it is no such line.</summary>
    public static bool TryRead(ReadOnlySpan<byte> line, IBufferWriter<byte> into)
    {
        int mark = line.IndexOf(" AUDIT: "u8);
        if (mark is < 20 or > 40 || !char.IsAsciiDigit((char)line[0]))
        {
            return false;
        }

        string time = Encoding.UTF8.GetString(line[..mark]);
        Dictionary<string, string> pairs = new(StringComparer.Ordinal);
        string rest = Encoding.UTF8.GetString(line[(mark + 8)..]);
        for (int at = 0; at < rest.Length;)
        {
            int equals = rest.IndexOf('=', at);
            if (equals < 0 || !TryUnquote(rest, equals + 1, out string value, out int end))
            {
                return false;
            }

            pairs[rest[at..equals].Trim()] = value;
            at = end;
            while (at < rest.Length && rest[at] == ' ')
            {
                at++;
            }
        }

        if (!pairs.TryGetValue("id", out string? id) || !pairs.TryGetValue("stage", out string? stage) || !pairs.TryGetValue("method", out string? verb))
        {
            return false;
        }

        using Utf8JsonWriter writer = new(into, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        writer.WriteStartObject();
        writer.WriteString("kind", "Event");
        writer.WriteString("apiVersion", "audit.k8s.io/v1");
        writer.WriteString("auditID", id);
        writer.WriteString("stage", stage);
        Known(writer, pairs, "uri", "requestURI", "");
        Known(writer, pairs, "method", "verb", "");
        WriteUser(writer, pairs);
        if (pairs.TryGetValue("ip", out string? ip) && ip is not ("" or "<unknown>"))
        {
            writer.WriteStartArray("sourceIPs");
            writer.WriteStringValue(ip);
            writer.WriteEndArray();
        }

        Known(writer, pairs, "user-agent", "userAgent", "");
        RequestPath.WriteObjectRef(writer, pairs.GetValueOrDefault("uri"), verb);
        if (pairs.TryGetValue("response", out string? response) && int.TryParse(response, NumberStyles.None, CultureInfo.InvariantCulture, out int code))
        {
            writer.WriteStartObject("responseStatus");
            writer.WriteNumber("code", code);
            writer.WriteEndObject();
        }

        writer.WriteString("requestReceivedTimestamp", time);
        writer.WriteEndObject();
        return true;
    }

    private static void WriteUser(Utf8JsonWriter writer, Dictionary<string, string> pairs)
    {
        writer.WriteStartObject("user");
        Known(writer, pairs, "user", "username", "<none>");
        WriteGroups(writer, pairs.GetValueOrDefault("groups"));
        writer.WriteEndObject();
        if (pairs.TryGetValue("as", out string? actedAs) && actedAs != "<self>")
        {
            writer.WriteStartObject("impersonatedUser");
            writer.WriteString("username", actedAs);
            WriteGroups(writer, pairs.GetValueOrDefault("asgroups"));
            writer.WriteEndObject();
        }
    }

    private static void WriteGroups(Utf8JsonWriter writer, string? list)
    {
        if (list is null or "" or "<none>" or "<lookup>")
        {
            return;
        }

        writer.WriteStartArray("groups");
        for (int at = 0; at < list.Length && TryUnquote(list, at, out string group, out int end); at = end + 1)
        {
            writer.WriteStringValue(group);
        }

        writer.WriteEndArray();
    }

    private static void Known(Utf8JsonWriter writer, Dictionary<string, string> pairs, string key, string member, string unknown)
    {
        if (pairs.TryGetValue(key, out string? value) && value.Length > 0 && value != unknown)
        {
            writer.WriteString(member, value);
        }
    }

    /// <summary>Go's %q (strconv.Quote).</summary>
    private static bool TryUnquote(string text, int start, out string value, out int end)
    {
        value = "";
        end = start;
        if (start >= text.Length || text[start] != '"')
        {
            return false;
        }

        List<byte> bytes = [];
        Span<byte> utf8 = stackalloc byte[4];
        for (int at = start + 1; at < text.Length; at++)
        {
            if (text[at] == '"')
            {
                value = Encoding.UTF8.GetString([.. bytes]);
                end = at + 1;
                return true;
            }

            if (text[at] != '\\' || at + 1 == text.Length)
            {
                Rune.DecodeFromUtf16(text.AsSpan(at), out Rune rune, out int used);
                bytes.AddRange(utf8[..rune.EncodeToUtf8(utf8)]);
                at += used - 1;
                continue;
            }

            char escape = text[++at];
            int digits = escape switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
            if (digits == 0)
            {
                bytes.Add((byte)(escape switch { 'a' => '\a', 'b' => '\b', 'f' => '\f', 'n' => '\n', 'r' => '\r', 't' => '\t', 'v' => '\v', _ => escape }));
            }
            else if (at + digits < text.Length && uint.TryParse(text.AsSpan(at + 1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint number))
            {
                at += digits;
                if (digits == 2)
                {
                    bytes.Add((byte)number);
                }
                else
                {
                    Rune rune = Rune.TryCreate(number, out Rune exact) ? exact : Rune.ReplacementChar;
                    bytes.AddRange(utf8[..rune.EncodeToUtf8(utf8)]);
                }
            }
            else
            {
                return false;
            }
        }

        return false;
    }
}
