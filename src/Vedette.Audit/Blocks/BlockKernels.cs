using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Vedette.Audit.Blocks;

/// <summary>
/// Looks at one block of 64 bytes and says, one bit a byte, where the backslashes, the quotes and the braces and brackets are.
/// The four implementations give the same answer; a processor picks the widest it has.
/// </summary>
internal interface IBlockKernel
{
    /// <summary>Bytes looked at together: as many as a mask has bits.</summary>
    const int BlockSize = 64;

    /// <summary>Bytes of which it can be told together that they are plain: two blocks.</summary>
    const int RunSize = 2 * BlockSize;

    /// <summary>Can this processor run it?</summary>
    static abstract bool IsSupported { get; }

    /// <summary>Reads 64 bytes from <paramref name="block"/> on: is one of them this?</summary>
    static abstract bool Contains(ref byte block, byte value);

    /// <summary>Reads 64 bytes from <paramref name="block"/> on: where this is.</summary>
    static abstract ulong Find(ref byte block, byte value);

    /// <summary>Reads 32 bytes from <paramref name="half"/> on: backslashes and quotes only.</summary>
    static abstract void QuotesOfHalf(ref byte half, out uint backslashes, out uint quotes);

    /// <summary>Reads 128 bytes from <paramref name="run"/> on: is each of them ASCII, and none a control character? As signed numbers all others are less than a blank.</summary>
    static abstract bool IsPlainRun(ref byte run);

    /// <summary>Reads 64 bytes from <paramref name="block"/> on: line feeds, and bytes that are not ASCII.</summary>
    static abstract void Lines(ref byte block, out ulong lineFeeds, out ulong nonAscii);

    /// <summary>Reads 64 bytes from <paramref name="block"/> on: <c>{</c> and <c>[</c> apart from <c>}</c> and <c>]</c>.</summary>
    static abstract void Brackets(ref byte block, out ulong opening, out ulong closing);
}

/// <summary>Byte by byte: the plain statement of what the others do.</summary>
internal readonly struct ScalarKernel : IBlockKernel
{
    public static bool IsSupported => true;

    public static bool Contains(ref byte block, byte value) => Find(ref block, value) != 0;

    public static ulong Find(ref byte block, byte value)
    {
        ulong found = 0;
        ReadOnlySpan<byte> bytes = MemoryMarshal.CreateReadOnlySpan(ref block, IBlockKernel.BlockSize);
        for (int i = 0; i < bytes.Length; i++)
        {
            found |= bytes[i] == value ? 1UL << i : 0;
        }

        return found;
    }

    public static void QuotesOfHalf(ref byte half, out uint backslashes, out uint quotes)
    {
        backslashes = 0;
        quotes = 0;
        ReadOnlySpan<byte> bytes = MemoryMarshal.CreateReadOnlySpan(ref half, IBlockKernel.BlockSize / 2);
        for (int i = 0; i < bytes.Length; i++)
        {
            backslashes |= bytes[i] == '\\' ? 1U << i : 0;
            quotes |= bytes[i] == '"' ? 1U << i : 0;
        }
    }

    public static bool IsPlainRun(ref byte run) => MemoryMarshal.CreateReadOnlySpan(ref run, IBlockKernel.RunSize).IndexOfAnyExceptInRange((byte)' ', (byte)0x7F) < 0;

    public static void Lines(ref byte block, out ulong lineFeeds, out ulong nonAscii)
    {
        lineFeeds = 0;
        nonAscii = 0;
        ReadOnlySpan<byte> bytes = MemoryMarshal.CreateReadOnlySpan(ref block, IBlockKernel.BlockSize);
        for (int i = 0; i < bytes.Length; i++)
        {
            lineFeeds |= bytes[i] == '\n' ? 1UL << i : 0;
            nonAscii |= bytes[i] >= 0x80 ? 1UL << i : 0;
        }
    }

    public static void Brackets(ref byte block, out ulong opening, out ulong closing)
    {
        opening = 0;
        closing = 0;
        ReadOnlySpan<byte> bytes = MemoryMarshal.CreateReadOnlySpan(ref block, IBlockKernel.BlockSize);
        for (int i = 0; i < bytes.Length; i++)
        {
            opening |= bytes[i] is (byte)'{' or (byte)'[' ? 1UL << i : 0;
            closing |= bytes[i] is (byte)'}' or (byte)']' ? 1UL << i : 0;
        }
    }
}

/// <summary>Four times 16 bytes: SSE2, NEON, WebAssembly.</summary>
internal readonly struct Vector128Kernel : IBlockKernel
{
    public static bool IsSupported => Vector128.IsHardwareAccelerated;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Contains(ref byte block, byte value)
    {
        Vector128<byte> wanted = Vector128.Create(value);
        Vector128<byte> found = Vector128.Equals(Vector128.LoadUnsafe(ref block), wanted) | Vector128.Equals(Vector128.LoadUnsafe(ref block, 16), wanted)
            | Vector128.Equals(Vector128.LoadUnsafe(ref block, 32), wanted) | Vector128.Equals(Vector128.LoadUnsafe(ref block, 48), wanted);
        return found.ExtractMostSignificantBits() != 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Find(ref byte block, byte value) =>
        Find(Vector128.LoadUnsafe(ref block), Vector128.LoadUnsafe(ref block, 16), Vector128.LoadUnsafe(ref block, 32), Vector128.LoadUnsafe(ref block, 48), value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void QuotesOfHalf(ref byte half, out uint backslashes, out uint quotes)
    {
        Vector128<byte> low = Vector128.LoadUnsafe(ref half);
        Vector128<byte> high = Vector128.LoadUnsafe(ref half, 16);
        backslashes = Vector128.Equals(low, Vector128.Create((byte)'\\')).ExtractMostSignificantBits()
            | Vector128.Equals(high, Vector128.Create((byte)'\\')).ExtractMostSignificantBits() << 16;
        quotes = Vector128.Equals(low, Vector128.Create((byte)'"')).ExtractMostSignificantBits()
            | Vector128.Equals(high, Vector128.Create((byte)'"')).ExtractMostSignificantBits() << 16;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsPlainRun(ref byte run)
    {
        // SSE2 has the least of unsigned bytes only.
        Vector128<byte> least = Vector128.LoadUnsafe(ref run);
        Vector128<byte> all = least;
        for (int at = Vector128<byte>.Count; at < IBlockKernel.RunSize; at += Vector128<byte>.Count)
        {
            Vector128<byte> bytes = Vector128.LoadUnsafe(ref run, (nuint)at);
            least = Vector128.Min(least, bytes);
            all |= bytes;
        }

        return Vector128.Equals(Vector128.Max(least, Vector128.Create((byte)' ')), least).ExtractMostSignificantBits() == 0xFFFF && all.ExtractMostSignificantBits() == 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Lines(ref byte block, out ulong lineFeeds, out ulong nonAscii)
    {
        lineFeeds = Find(ref block, (byte)'\n');
        nonAscii = Vector128.LoadUnsafe(ref block).ExtractMostSignificantBits()
            | (ulong)Vector128.LoadUnsafe(ref block, 16).ExtractMostSignificantBits() << 16
            | (ulong)Vector128.LoadUnsafe(ref block, 32).ExtractMostSignificantBits() << 32
            | (ulong)Vector128.LoadUnsafe(ref block, 48).ExtractMostSignificantBits() << 48;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Brackets(ref byte block, out ulong opening, out ulong closing)
    {
        // A bit makes a bracket a brace.
        Vector128<byte> fold = Vector128.Create((byte)0x20);
        Vector128<byte> first = Vector128.LoadUnsafe(ref block) | fold;
        Vector128<byte> second = Vector128.LoadUnsafe(ref block, 16) | fold;
        Vector128<byte> third = Vector128.LoadUnsafe(ref block, 32) | fold;
        Vector128<byte> fourth = Vector128.LoadUnsafe(ref block, 48) | fold;
        opening = Find(first, second, third, fourth, (byte)'{');
        closing = Find(first, second, third, fourth, (byte)'}');
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Find(Vector128<byte> first, Vector128<byte> second, Vector128<byte> third, Vector128<byte> fourth, byte value)
    {
        Vector128<byte> wanted = Vector128.Create(value);
        uint low = Vector128.Equals(first, wanted).ExtractMostSignificantBits() | Vector128.Equals(second, wanted).ExtractMostSignificantBits() << 16;
        uint high = Vector128.Equals(third, wanted).ExtractMostSignificantBits() | Vector128.Equals(fourth, wanted).ExtractMostSignificantBits() << 16;
        return low | (ulong)high << 32;
    }
}

/// <summary>Twice 32 bytes: AVX2.</summary>
internal readonly struct Vector256Kernel : IBlockKernel
{
    // Avx2.IsSupported and not Vector256.IsHardwareAccelerated: compiled ahead of time only the former is asked at run time.
    public static bool IsSupported => Avx2.IsSupported;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Contains(ref byte block, byte value)
    {
        Vector256<byte> wanted = Vector256.Create(value);
        return Avx2.MoveMask(Avx2.Or(Avx2.CompareEqual(Vector256.LoadUnsafe(ref block), wanted), Avx2.CompareEqual(Vector256.LoadUnsafe(ref block, 32), wanted))) != 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Find(ref byte block, byte value) => Find(Vector256.LoadUnsafe(ref block), Vector256.LoadUnsafe(ref block, 32), value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void QuotesOfHalf(ref byte half, out uint backslashes, out uint quotes)
    {
        Vector256<byte> bytes = Vector256.LoadUnsafe(ref half);
        backslashes = (uint)Avx2.MoveMask(Avx2.CompareEqual(bytes, Vector256.Create((byte)'\\')));
        quotes = (uint)Avx2.MoveMask(Avx2.CompareEqual(bytes, Vector256.Create((byte)'"')));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsPlainRun(ref byte run)
    {
        Vector256<sbyte> least = Vector256.Min(
            Vector256.Min(Vector256.LoadUnsafe(ref run).AsSByte(), Vector256.LoadUnsafe(ref run, 32).AsSByte()),
            Vector256.Min(Vector256.LoadUnsafe(ref run, 64).AsSByte(), Vector256.LoadUnsafe(ref run, 96).AsSByte()));
        return Vector256.GreaterThanOrEqualAll(least, Vector256.Create((sbyte)' '));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Lines(ref byte block, out ulong lineFeeds, out ulong nonAscii)
    {
        Vector256<byte> low = Vector256.LoadUnsafe(ref block);
        Vector256<byte> high = Vector256.LoadUnsafe(ref block, 32);
        lineFeeds = Find(low, high, (byte)'\n');
        nonAscii = (uint)Avx2.MoveMask(low) | (ulong)(uint)Avx2.MoveMask(high) << 32;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Brackets(ref byte block, out ulong opening, out ulong closing)
    {
        Vector256<byte> low = Avx2.Or(Vector256.LoadUnsafe(ref block), Vector256.Create((byte)0x20));
        Vector256<byte> high = Avx2.Or(Vector256.LoadUnsafe(ref block, 32), Vector256.Create((byte)0x20));
        opening = Find(low, high, (byte)'{');
        closing = Find(low, high, (byte)'}');
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Find(Vector256<byte> low, Vector256<byte> high, byte value) =>
        (uint)Avx2.MoveMask(Avx2.CompareEqual(low, Vector256.Create(value)))
        | (ulong)(uint)Avx2.MoveMask(Avx2.CompareEqual(high, Vector256.Create(value))) << 32;
}

/// <summary>64 bytes at once: AVX-512. Written without its intrinsics, so that it can be tested where they are missing.</summary>
internal readonly struct Vector512Kernel : IBlockKernel
{
    public static bool IsSupported => Avx512BW.IsSupported;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Contains(ref byte block, byte value) => Vector512.EqualsAny(Vector512.LoadUnsafe(ref block), Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Find(ref byte block, byte value) => Vector512.Equals(Vector512.LoadUnsafe(ref block), Vector512.Create(value)).ExtractMostSignificantBits();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void QuotesOfHalf(ref byte half, out uint backslashes, out uint quotes)
    {
        Vector256<byte> bytes = Vector256.LoadUnsafe(ref half);
        backslashes = Vector256.Equals(bytes, Vector256.Create((byte)'\\')).ExtractMostSignificantBits();
        quotes = Vector256.Equals(bytes, Vector256.Create((byte)'"')).ExtractMostSignificantBits();
    }

    // 64 bytes that are not aligned lie in two lines of the cache each time, 32 every other time.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsPlainRun(ref byte run) => Vector256Kernel.IsPlainRun(ref run);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Lines(ref byte block, out ulong lineFeeds, out ulong nonAscii)
    {
        Vector512<byte> bytes = Vector512.LoadUnsafe(ref block);
        lineFeeds = Vector512.Equals(bytes, Vector512.Create((byte)'\n')).ExtractMostSignificantBits();
        nonAscii = bytes.ExtractMostSignificantBits();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Brackets(ref byte block, out ulong opening, out ulong closing)
    {
        Vector512<byte> folded = Vector512.LoadUnsafe(ref block) | Vector512.Create((byte)0x20);
        opening = Vector512.Equals(folded, Vector512.Create((byte)'{')).ExtractMostSignificantBits();
        closing = Vector512.Equals(folded, Vector512.Create((byte)'}')).ExtractMostSignificantBits();
    }
}
