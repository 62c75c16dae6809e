using Vedette.Audit.Json;

namespace Vedette.Audit.Redaction;

/// <summary>JSON text that secrets are looked for in: the event itself, or what a string of it holds, with where each of its bytes stands in the event.</summary>
internal readonly ref struct SecretText
{
    private readonly ReadOnlySpan<int> _map;

    /// <summary>The event itself.</summary>
    public SecretText(ReadOnlySpan<byte> json) => Bytes = json;

    private SecretText(ReadOnlySpan<byte> bytes, ReadOnlySpan<int> map, int depth)
    {
        Bytes = bytes;
        _map = map;
        Depth = depth;
    }

    /// <summary>The text.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>How many strings it is in.</summary>
    public int Depth { get; }

    /// <summary>Where a part of the text stands in the event. The part must not be empty.</summary>
    public (int Start, int End) PlaceOf(ReadOnlySpan<byte> part)
    {
        Bytes.Overlaps(part, out int start);
        return _map.IsEmpty ? (start, start + part.Length) : (_map[start], _map[start + part.Length]);
    }

    /// <summary>What a string of this text says, escapes resolved.</summary>
    /// <param name="text">The string, which is not empty.</param>
    /// <param name="plain">Room for what it says: as many bytes as are between its quotes.</param>
    /// <param name="map">Room for where that stands: one more.</param>
    public SecretText Inside(JsonValue text, Span<byte> plain, Span<int> map)
    {
        int start = PlaceOf(text.Raw).Start;
        Bytes.Overlaps(text.Raw, out int offset);
        int written = 0;
        int at = 0;
        while (at < text.Raw.Length)
        {
            if (text.Raw[at] != '\\')
            {
                map[written] = _map.IsEmpty ? start + at : _map[offset + at];
                plain[written++] = text.Raw[at++];
                continue;
            }

            int length = EscapeLength(text.Raw[at..]);
            int more = JsonText.Unescape(text.Raw.Slice(at, length), plain[written..]);
            map.Slice(written, more).Fill(_map.IsEmpty ? start + at : _map[offset + at]);
            written += more;
            at += length;
        }

        map[written] = PlaceOf(text.Raw).End;
        return new SecretText(plain[..written], map[..(written + 1)], Depth + 1);
    }

    /// <summary>Length of the escape at the start of a string; a backslash that begins none stands for itself.</summary>
    private static int EscapeLength(ReadOnlySpan<byte> raw)
    {
        if (raw.Length < 2)
        {
            return 1;
        }

        if (raw[1] != 'u')
        {
            return "\"\\/bfnrt"u8.Contains(raw[1]) ? 2 : 1;
        }

        if (!IsUnit(raw))
        {
            return 1;
        }

        bool isPair = raw[2] is (byte)'d' or (byte)'D' && "89abAB"u8.Contains(raw[3]) && IsUnit(raw[6..]) && raw[8] is (byte)'d' or (byte)'D' && "cdefCDEF"u8.Contains(raw[9]);
        return isPair ? 12 : 6;
    }

    private static bool IsUnit(ReadOnlySpan<byte> raw)
    {
        if (raw.Length < 6 || raw[0] != '\\' || raw[1] != 'u')
        {
            return false;
        }

        foreach (byte digit in raw[2..6])
        {
            if (!char.IsAsciiHexDigit((char)digit))
            {
                return false;
            }
        }

        return true;
    }
}
