using System.Buffers.Text;
using System.Text;
using Vedette.Audit.Blocks;

namespace Vedette.Audit.Json;

/// <summary>The text level of JSON (RFC 8259 section 7): unescaping and escaping of strings.</summary>
public static class JsonText
{
    /// <summary>
    /// Resolves the escapes of a JSON string into UTF-8. A lone surrogate becomes U+FFFD, as Go's encoding/json does; an escape that
    /// JSON does not know stays as it is written. Bytes that are not valid UTF-8 are copied as they are.
    /// </summary>
    /// <param name="raw">What stands between the quotes.</param>
    /// <param name="destination">At least as long as <paramref name="raw"/>.</param>
    /// <returns>The number of bytes written.</returns>
    public static int Unescape(ReadOnlySpan<byte> raw, Span<byte> destination)
    {
        int written = 0;
        while (true)
        {
            int slash = raw.IndexOf((byte)'\\');
            if (slash < 0 || slash + 1 >= raw.Length)
            {
                raw.CopyTo(destination[written..]);
                return written + raw.Length;
            }

            raw[..slash].CopyTo(destination[written..]);
            written += slash;
            raw = raw[slash..];
            byte plain = raw[1] switch
            {
                (byte)'"' => (byte)'"',
                (byte)'\\' => (byte)'\\',
                (byte)'/' => (byte)'/',
                (byte)'b' => (byte)'\b',
                (byte)'f' => (byte)'\f',
                (byte)'n' => (byte)'\n',
                (byte)'r' => (byte)'\r',
                (byte)'t' => (byte)'\t',
                _ => 0,
            };
            if (plain != 0)
            {
                destination[written++] = plain;
                raw = raw[2..];
            }
            else if (raw[1] == (byte)'u' && TryReadHex4(raw[2..], out int unit))
            {
                raw = raw[6..];
                Rune rune;
                if (char.IsHighSurrogate((char)unit) && raw.Length >= 6 && raw[0] == '\\' && raw[1] == 'u'
                    && TryReadHex4(raw[2..], out int low) && char.IsLowSurrogate((char)low))
                {
                    rune = new Rune((char)unit, (char)low);
                    raw = raw[6..];
                }
                else if (!Rune.TryCreate(unit, out rune))
                {
                    rune = Rune.ReplacementChar;
                }

                written += rune.EncodeToUtf8(destination[written..]);
            }
            else
            {
                destination[written++] = (byte)'\\';
                raw = raw[1..];
            }
        }
    }

    /// <summary>Copies JSON text without the white space between its tokens.</summary>
    /// <param name="json">JSON text.</param>
    /// <param name="destination">At least as long.</param>
    /// <returns>The number of bytes written.</returns>
    public static int Compact(ReadOnlySpan<byte> json, Span<byte> destination)
    {
        if (BlockScan.IsCompact(json))
        {
            // As API servers and webhooks write it.
            json.CopyTo(destination);
            return json.Length;
        }

        int written = 0;
        while (!json.IsEmpty)
        {
            int next = json.IndexOfAny("\" \t\r\n"u8);
            if (next < 0)
            {
                next = json.Length;
            }

            json[..next].CopyTo(destination[written..]);
            written += next;
            json = json[next..];
            if (json.IsEmpty)
            {
                break;
            }

            int length = json[0] == '"' ? StringLength(json) : 0;
            json[..length].CopyTo(destination[written..]);
            written += length;
            json = json[Math.Max(length, 1)..];
        }

        return written;
    }

    /// <summary>Length of the string that starts here, quotes included; all of the text when it is not closed.</summary>
    private static int StringLength(ReadOnlySpan<byte> json)
    {
        int at = 1;
        while (at < json.Length)
        {
            int mark = json[at..].IndexOfAny((byte)'"', (byte)'\\');
            if (mark < 0)
            {
                return json.Length;
            }

            at += mark;
            if (json[at] == '"')
            {
                return at + 1;
            }

            at += 2;
        }

        return json.Length;
    }

    private static bool TryReadHex4(ReadOnlySpan<byte> text, out int value)
    {
        value = 0;
        return text.Length >= 4 && Utf8Parser.TryParse(text[..4], out value, out int used, 'x') && used == 4;
    }
}
