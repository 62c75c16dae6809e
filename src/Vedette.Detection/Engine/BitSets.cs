namespace Vedette.Detection.Engine;

/// <summary>Sets of rules (or predicates), a bit for each by its place.</summary>
internal static class BitSets
{
    /// <summary>Words of a block, which is what sets are made of: as many bits as a processor takes at once.</summary>
    public const int BlockWords = 4;

    private const int BlockBits = BlockWords * 64;

    /// <summary>Words for so many, whole blocks.</summary>
    public static int Words(int count) => (count + BlockBits - 1) / BlockBits * BlockWords;

    /// <summary>All of so many.</summary>
    public static ulong[] All(int count)
    {
        ulong[] bits = new ulong[Words(count)];
        bits.AsSpan(0, count / 64).Fill(ulong.MaxValue);
        if (count % 64 != 0)
        {
            bits[count / 64] = (1UL << (count % 64)) - 1;
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
