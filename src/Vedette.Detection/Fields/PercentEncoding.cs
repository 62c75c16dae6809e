using System.Buffers;

namespace Vedette.Detection.Fields;

/// <summary>The escapes of URIs (RFC 3986 section 2.1).</summary>
internal static class PercentEncoding
{
    /// <summary>Decodes in place. Broken escapes stay as they are.</summary>
    /// <param name="text">The text, and then what it says.</param>
    /// <param name="plusIsBlank">True for queries, where a form's blanks are written so.</param>
    /// <returns>The number of bytes that remain.</returns>
    public static int Decode(Span<byte> text, bool plusIsBlank)
    {
        int written = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '%' && i + 2 < text.Length
                && Convert.FromHexString(text.Slice(i + 1, 2), text.Slice(written, 1), out _, out _) == OperationStatus.Done)
            {
                written++;
                i += 2;
            }
            else
            {
                text[written++] = plusIsBlank && text[i] == '+' ? (byte)' ' : text[i];
            }
        }

        return written;
    }
}
