using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Vedette.Audit.Blocks;

/// <summary>
/// What is a string and what is not, told from the masks of one block after the other: bit arithmetic instead of a loop over bytes
/// (Langdale and Lemire, "Parsing gigabytes of JSON per second", 2019). What one block hands on to the next is carried by the caller.
/// </summary>
internal static class BlockBits
{
    /// <summary>The quotes that no backslash takes away.</summary>
    /// <param name="quotes">Positions of quotes.</param>
    /// <param name="backslashes">Positions of backslashes.</param>
    /// <param name="escaping">Carried, 0 at first: bit 0 says that the first byte of this block is escaped by the last of the one before.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong NotEscaped(ulong quotes, ulong backslashes, ref ulong escaping)
    {
        if ((backslashes | escaping) == 0)
        {
            return quotes;
        }

        // Backslashes escape in pairs from the left: add the runs that start at odd places, and carry shows their ends.
        const ulong Even = 0x5555_5555_5555_5555;
        backslashes &= ~escaping;
        ulong follows = backslashes << 1 | escaping;
        ulong oddStarts = backslashes & ~Even & ~follows;
        ulong sum = oddStarts + backslashes;
        escaping = sum < oddStarts ? 1UL : 0UL;
        return quotes & ~((Even ^ sum << 1) & follows);
    }

    /// <summary>The bytes of strings: from an opening quote up to, not including, its closing one.</summary>
    /// <param name="quotes">Positions of quotes that are not escaped.</param>
    /// <param name="inString">Carried, 0 at first: all ones when this block starts inside a string.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Strings(ulong quotes, ref ulong inString)
    {
        ulong strings = PrefixXor(quotes) ^ inString;
        inString = (ulong)((long)strings >> 63);
        return strings;
    }

    /// <summary>How many bits are set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Count(ulong bits)
    {
        if (Popcnt.X64.IsSupported)
        {
            return (int)Popcnt.X64.PopCount(bits);
        }

        if (AdvSimd.Arm64.IsSupported)
        {
            return BitOperations.PopCount(bits);
        }

        // Where the processor is asked at run time, BitOperations.PopCount has a call beside the instruction, and a loop with a call in it keeps nothing in registers.
        bits -= bits >> 1 & 0x5555_5555_5555_5555;
        bits = (bits & 0x3333_3333_3333_3333) + (bits >> 2 & 0x3333_3333_3333_3333);
        return (int)((bits + (bits >> 4) & 0x0F0F_0F0F_0F0F_0F0F) * 0x0101_0101_0101_0101 >> 56);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong PrefixXor(ulong bits)
    {
        if (Pclmulqdq.IsSupported)
        {
            return Pclmulqdq.CarrylessMultiply(Vector128.CreateScalar(bits), Vector128.Create(ulong.MaxValue), 0).ToScalar();
        }

        bits ^= bits << 1;
        bits ^= bits << 2;
        bits ^= bits << 4;
        bits ^= bits << 8;
        bits ^= bits << 16;
        return bits ^ bits << 32;
    }
}
