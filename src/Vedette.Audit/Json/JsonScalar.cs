namespace Vedette.Audit.Json;

/// <summary>Recognises the literals and the number grammar of RFC 8259 sections 3 and 6.</summary>
internal static class JsonScalar
{
    /// <summary>What this text is; <see cref="JsonKind.Missing"/> when it is neither a literal nor a number.</summary>
    public static JsonKind KindOf(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
        {
            return JsonKind.Missing;
        }

        return text[0] switch
        {
            (byte)'t' => text.SequenceEqual("true"u8) ? JsonKind.True : JsonKind.Missing,
            (byte)'f' => text.SequenceEqual("false"u8) ? JsonKind.False : JsonKind.Missing,
            (byte)'n' => text.SequenceEqual("null"u8) ? JsonKind.Null : JsonKind.Missing,
            _ => IsNumber(text) ? JsonKind.Number : JsonKind.Missing,
        };
    }

    private static bool IsNumber(ReadOnlySpan<byte> text)
    {
        int at = text[0] == '-' ? 1 : 0;
        int digits = CountDigits(text[at..]);
        if (digits == 0 || (digits > 1 && text[at] == '0'))
        {
            return false;
        }

        at += digits;
        if (at < text.Length && text[at] == '.')
        {
            digits = CountDigits(text[(at + 1)..]);
            if (digits == 0)
            {
                return false;
            }

            at += 1 + digits;
        }

        if (at < text.Length && text[at] is (byte)'e' or (byte)'E')
        {
            at++;
            if (at < text.Length && text[at] is (byte)'+' or (byte)'-')
            {
                at++;
            }

            digits = CountDigits(text[at..]);
            if (digits == 0)
            {
                return false;
            }

            at += digits;
        }

        return at == text.Length;
    }

    private static int CountDigits(ReadOnlySpan<byte> text)
    {
        int end = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return end < 0 ? text.Length : end;
    }
}
