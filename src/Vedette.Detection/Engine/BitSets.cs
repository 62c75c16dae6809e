namespace Vedette.Detection.Engine;

/// <summary>Sets of rules (or predicates), a bit for each by its place.</summary>
internal static class BitSets
{
    /// <summary>Words for so many.</summary>
    public static int Words(int count) => (count + 63) / 64;

    /// <summary>All of so many.</summary>
    public static ulong[] All(int count)
    {
        ulong[] bits = new ulong[Words(count)];
        Array.Fill(bits, ulong.MaxValue);
        if (count % 64 != 0)
        {
            bits[^1] = (1UL << (count % 64)) - 1;
        }

        return bits;
    }

    /// <summary>These, of so many.</summary>
    public static ulong[] Of(int count, IEnumerable<int> places)
    {
        ulong[] bits = new ulong[Words(count)];
        foreach (int place in places)
        {
            Set(bits, place);
        }

        return bits;
    }

    /// <summary>Puts one in.</summary>
    public static void Set(Span<ulong> bits, int place) => bits[place >> 6] |= 1UL << place;

    /// <summary>Is it in?</summary>
    public static bool Contains(ReadOnlySpan<ulong> bits, int place) => (bits[place >> 6] >> place & 1) != 0;

    /// <summary>Takes one out.</summary>
    public static void Clear(Span<ulong> bits, int place) => bits[place >> 6] &= ~(1UL << place);
}
