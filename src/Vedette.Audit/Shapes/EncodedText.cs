using System.IO.Compression;
using System.Text;
using Vedette.Audit.Json;

namespace Vedette.Audit.Shapes;

/// <summary>Texts inside envelopes: JSON strings, base64, gzip in base64.</summary>
internal static class EncodedText
{
    /// <summary>Most bytes taken out of one compressed part. CloudWatch and Pub/Sub send at most a few MB.</summary>
    public const int MaxLength = 256 * 1024 * 1024;

    /// <summary>Decodes; null when it is not base64, not gzip where it looks so, empty or too large.</summary>
    public static byte[]? Decode(JsonValue text)
    {
        byte[] bytes;
        try
        {
            bytes = Convert.FromBase64String(text.AsString() ?? "");
        }
        catch (FormatException)
        {
            return null;
        }

        return bytes is [0x1f, 0x8b, ..] ? Unpack(bytes) : bytes;
    }

    private static byte[]? Unpack(byte[] packed)
    {
        using GZipStream gzip = new(new MemoryStream(packed), CompressionMode.Decompress);
        using MemoryStream plain = new();
        byte[] buffer = new byte[64 * 1024];
        try
        {
            for (int read; (read = gzip.Read(buffer)) > 0;)
            {
                plain.Write(buffer, 0, read);
                if (plain.Length > MaxLength)
                {
                    return null;
                }
            }
        }
        catch (InvalidDataException)
        {
            return null;
        }

        // A gzip that ends inside its header gives nothing and no error.
        return plain.Length == 0 ? null : plain.ToArray();
    }

    /// <summary>A JSON string's text as bytes of its own.</summary>
    public static byte[] Text(JsonValue value)
    {
        byte[] text = new byte[value.Raw.Length];
        return value.IsEscaped ? text[..JsonText.Unescape(value.Raw, text)] : value.Raw.ToArray();
    }

    /// <summary>A text as JSON string bytes are compared.</summary>
    public static bool EqualsIgnoreCase(JsonValue value, ReadOnlySpan<byte> ascii) => value.Kind == JsonKind.String && Ascii.EqualsIgnoreCase(value.Raw, ascii);
}
