using System.Numerics;
using System.Runtime.InteropServices;

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

    /// <summary>Puts one in.</summary>
    public static void Set(Span<ulong> bits, int place) => bits[place >> 6] |= 1UL << place;

    /// <summary>Is it in?</summary>
    public static bool Contains(ReadOnlySpan<ulong> bits, int place) => (bits[place >> 6] >> place & 1) != 0;

    /// <summary>Takes one out.</summary>
    public static void Clear(Span<ulong> bits, int place) => bits[place >> 6] &= ~(1UL << place);

    /// <summary>Leaves only those that are in the other set too.</summary>
    public static void And(Span<ulong> bits, ReadOnlySpan<ulong> other)
    {
        Span<Vector<ulong>> wide = MemoryMarshal.Cast<ulong, Vector<ulong>>(bits);
        ReadOnlySpan<Vector<ulong>> otherWide = MemoryMarshal.Cast<ulong, Vector<ulong>>(other);
        for (int i = 0; i < wide.Length && i < otherWide.Length; i++)
        {
            wide[i] &= otherWide[i];
        }

        for (int i = wide.Length * Vector<ulong>.Count; i < bits.Length; i++)
        {
            bits[i] &= other[i];
        }
    }

    /// <summary>How many are in both sets.</summary>
    public static int CountCommon(ReadOnlySpan<ulong> bits, ReadOnlySpan<ulong> other)
    {
        int count = 0;
        for (int i = 0; i < bits.Length; i++)
        {
            count += BitOperations.PopCount(bits[i] & other[i]);
        }

        return count;
    }
}
