using System.Buffers.Text;
using System.Text;
using Vedette.Audit.Json;

namespace Vedette.Audit.Redaction;

/// <summary>
/// Finds bearer material in a request's URI: what a client passed to a program by exec, or to a service behind the proxy. The patterns see the URI with its escapes, of JSON and of the URI,
/// resolved, a + as a blank, and parameters separated by &amp;.
/// </summary>
internal sealed class UriSecrets(UriPattern[] patterns)
{
    /// <summary>Longest URI that is looked at, in bytes; kube-apiserver takes no longer request lines than its header limit of 1 MB. Of a longer one the whole query is a secret.</summary>
    public const int MaxLength = 1 << 20;

    /// <summary>Most bytes of an escape that stands for one byte: <c>\u0041</c>.</summary>
    private const int MaxEscape = 6;

    /// <summary>Finds the secrets of a URI.</summary>
    public void Find(SecretText text, JsonValue uri, SecretRanges into)
    {
        if (uri.Kind != JsonKind.String || uri.Raw.IndexOfAny("?%\\"u8) < 0)
        {
            return;
        }

        if (uri.Raw.Length > MaxEscape * MaxLength)
        {
            TakeQuery(text, uri, into);
            return;
        }

        using ShortRoom<byte> bytes = new(uri.Raw.Length);
        using ShortRoom<int> map = new(uri.Raw.Length + 1);
        SecretText inside = text.Inside(uri, bytes.Span, map.Span);
        if (inside.Bytes.Length > MaxLength)
        {
            TakeQuery(text, uri, into);
            return;
        }

        using ShortRoom<byte> plain = new(inside.Bytes.Length);
        using ShortRoom<int> places = new(inside.Bytes.Length + 1);
        using ShortRoom<char> decoded = new(inside.Bytes.Length);
        int length = Decode(inside.Bytes, plain.Span, places.Span);
        Encoding.Latin1.GetChars(plain.Span[..length], decoded.Span);
        if (MayMatch(decoded.Span[..length]))
        {
            Find(new string(decoded.Span[..length]), plain.Span, places.Span, inside, into);
        }
    }

    private void Find(string decoded, ReadOnlySpan<byte> plain, ReadOnlySpan<int> places, SecretText inside, SecretRanges into)
    {
        int from = 0;
        foreach ((int start, int end) in Matches(decoded))
        {
            // What overlaps an earlier one begins after it.
            int first = Math.Max(start, from);
            if (first < end)
            {
                (int rawStart, int rawEnd) = inside.PlaceOf(inside.Bytes[places[first]..places[end]]);
                into.Add(rawStart, rawEnd, 0, plain[first..end]);
                from = end;
            }
        }
    }

    private bool MayMatch(ReadOnlySpan<char> uri)
    {
        foreach (UriPattern pattern in patterns)
        {
            if (pattern.MayMatch(uri))
            {
                return true;
            }
        }

        return false;
    }

    private static void TakeQuery(SecretText text, JsonValue uri, SecretRanges into)
    {
        ReadOnlySpan<byte> query = uri.Raw[uri.Raw.IndexOfAny("?%\\"u8)..];
        (int start, int end) = text.PlaceOf(query);
        into.Add(start, end, 0, query);
    }

    private IEnumerable<(int Start, int End)> Matches(string uri) =>
        patterns.SelectMany(pattern => pattern.Secrets(uri)).OrderBy(place => place.Start).ThenByDescending(place => place.End);

    /// <summary>Resolves percent-encoding until there is none left that means something, noting for each byte where it begins in what was given.</summary>
    private static int Decode(ReadOnlySpan<byte> uri, Span<byte> plain, Span<int> places)
    {
        int written = 0;
        int at = 0;
        while (at < uri.Length)
        {
            places[written] = at;
            int length = Unit(uri[at..], out byte value);
            plain[written++] = value;
            at += length;
        }

        places[written] = at;
        return written;
    }

    /// <summary>One byte, perhaps percent-encoded, perhaps several times (%2520).</summary>
    private static int Unit(ReadOnlySpan<byte> uri, out byte value)
    {
        value = uri[0] == '+' ? (byte)' ' : uri[0];
        int at = 1;
        while (uri[0] == '%' && uri.Length >= at + 4 && uri.Slice(at, 2).SequenceEqual("25"u8))
        {
            // An encoded percent sign: what follows may be encoded again.
            at += 2;
        }

        if (uri[0] == '%' && uri.Length >= at + 2 && Utf8Parser.TryParse(uri.Slice(at, 2), out byte decoded, out int used, 'x') && used == 2)
        {
            value = decoded;
            return at + 2;
        }

        return 1;
    }
}
