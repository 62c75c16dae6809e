using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Vedette.Audit.Decoding;

/// <summary>
/// Looks at one block of 64 bytes and says, one bit a byte, where the backslashes, the quotes and the braces and brackets are.
/// The four implementations give the same answer; a processor picks the widest it has.
/// </summary>
internal interface IBlockKernel
{
    /// <summary>Can this processor run it?</summary>
    static abstract bool IsSupported { get; }

    /// <summary>Reads 64 bytes from <paramref name="block"/> on.</summary>
    static abstract void Classify(ref byte block, out ulong backslashes, out ulong quotes, out ulong containers);
}

/// <summary>Byte by byte: the plain statement of what the others do.</summary>
internal readonly struct ScalarKernel : IBlockKernel
{
    public static bool IsSupported => true;

    public static void Classify(ref byte block, out ulong backslashes, out ulong quotes, out ulong containers)
    {
        backslashes = 0;
        quotes = 0;
        containers = 0;
        ReadOnlySpan<byte> bytes = MemoryMarshal.CreateReadOnlySpan(ref block, StructuralIndex.BlockSize);
        for (int i = 0; i < bytes.Length; i++)
        {
            ulong bit = 1UL << i;
            switch (bytes[i])
            {
                case (byte)'\\':
                    backslashes |= bit;
                    break;
                case (byte)'"':
                    quotes |= bit;
                    break;
                case (byte)'{' or (byte)'}' or (byte)'[' or (byte)']':
                    containers |= bit;
                    break;
            }
        }
    }
}

/// <summary>Four times 16 bytes: SSE2, NEON, WebAssembly.</summary>
internal readonly struct Vector128Kernel : IBlockKernel
{
    public static bool IsSupported => Vector128.IsHardwareAccelerated;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Classify(ref byte block, out ulong backslashes, out ulong quotes, out ulong containers)
    {
        Classify(ref block, 0, out ulong b0, out ulong q0, out ulong c0);
        Classify(ref block, 16, out ulong b1, out ulong q1, out ulong c1);
        Classify(ref block, 32, out ulong b2, out ulong q2, out ulong c2);
        Classify(ref block, 48, out ulong b3, out ulong q3, out ulong c3);
        backslashes = b0 | b1 << 16 | b2 << 32 | b3 << 48;
        quotes = q0 | q1 << 16 | q2 << 32 | q3 << 48;
        containers = c0 | c1 << 16 | c2 << 32 | c3 << 48;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Classify(ref byte block, nuint offset, out ulong backslashes, out ulong quotes, out ulong containers)
    {
        Vector128<byte> bytes = Vector128.LoadUnsafe(ref block, offset);
        // '[' and '{', ']' and '}' differ in bit 5 only.
        Vector128<byte> folded = bytes | Vector128.Create((byte)0x20);
        backslashes = Vector128.Equals(bytes, Vector128.Create((byte)'\\')).ExtractMostSignificantBits();
        quotes = Vector128.Equals(bytes, Vector128.Create((byte)'"')).ExtractMostSignificantBits();
        containers = (Vector128.Equals(folded, Vector128.Create((byte)'{')) | Vector128.Equals(folded, Vector128.Create((byte)'}')))
            .ExtractMostSignificantBits();
    }
}

/// <summary>Twice 32 bytes: AVX2.</summary>
internal readonly struct Vector256Kernel : IBlockKernel
{
    // Avx2.IsSupported and not Vector256.IsHardwareAccelerated: compiled ahead of time only the former is asked at run time.
    public static bool IsSupported => Avx2.IsSupported;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Classify(ref byte block, out ulong backslashes, out ulong quotes, out ulong containers)
    {
        Classify(ref block, 0, out uint b0, out uint q0, out uint c0);
        Classify(ref block, 32, out uint b1, out uint q1, out uint c1);
        backslashes = b0 | (ulong)b1 << 32;
        quotes = q0 | (ulong)q1 << 32;
        containers = c0 | (ulong)c1 << 32;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Classify(ref byte block, nuint offset, out uint backslashes, out uint quotes, out uint containers)
    {
        Vector256<byte> bytes = Vector256.LoadUnsafe(ref block, offset);
        Vector256<byte> folded = Avx2.Or(bytes, Vector256.Create((byte)0x20));
        backslashes = (uint)Avx2.MoveMask(Avx2.CompareEqual(bytes, Vector256.Create((byte)'\\')));
        quotes = (uint)Avx2.MoveMask(Avx2.CompareEqual(bytes, Vector256.Create((byte)'"')));
        containers = (uint)Avx2.MoveMask(Avx2.Or(
            Avx2.CompareEqual(folded, Vector256.Create((byte)'{')),
            Avx2.CompareEqual(folded, Vector256.Create((byte)'}'))));
    }
}

/// <summary>64 bytes at once: AVX-512.</summary>
internal readonly struct Vector512Kernel : IBlockKernel
{
    public static bool IsSupported => Avx512BW.IsSupported;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Classify(ref byte block, out ulong backslashes, out ulong quotes, out ulong containers)
    {
        Vector512<byte> bytes = Vector512.LoadUnsafe(ref block);
        Vector512<byte> folded = Avx512F.Or(bytes, Vector512.Create((byte)0x20));
        backslashes = Avx512BW.CompareEqual(bytes, Vector512.Create((byte)'\\')).ExtractMostSignificantBits();
        quotes = Avx512BW.CompareEqual(bytes, Vector512.Create((byte)'"')).ExtractMostSignificantBits();
        containers = Avx512BW.CompareEqual(folded, Vector512.Create((byte)'{')).ExtractMostSignificantBits()
            | Avx512BW.CompareEqual(folded, Vector512.Create((byte)'}')).ExtractMostSignificantBits();
    }
}
