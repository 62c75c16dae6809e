using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Vedette.Audit.Decoding;

/// <summary>Which instructions build the structural index.</summary>
internal enum SimdWidth
{
    /// <summary>None.</summary>
    Scalar,

    /// <summary>128 bits.</summary>
    Vector128,

    /// <summary>256 bits.</summary>
    Vector256,

    /// <summary>512 bits.</summary>
    Vector512,
}

/// <summary>
/// The first pass over an event: the positions of all quotes that open or close a string, and of all braces and brackets outside strings.
/// Everything the walker needs to step over a value of any size is there, and 64 bytes cost a handful of instructions
/// (the method of Langdale and Lemire, "Parsing gigabytes of JSON per second", 2019; unlike theirs the index has both quotes of a
/// string and no commas and colons, so that a string's end is read instead of searched).
/// </summary>
internal sealed class StructuralIndex
{
    /// <summary>Bytes looked at together.</summary>
    public const int BlockSize = 64;

    private readonly Builder _build;
    private uint[] _positions = new uint[4096];

    private delegate bool Builder(StructuralIndex index, ReadOnlySpan<byte> json);

    /// <summary>An index built with the widest instructions of this processor.</summary>
    public StructuralIndex()
        : this(Widest)
    {
    }

    /// <summary>An index built with these instructions.</summary>
    /// <exception cref="PlatformNotSupportedException">This processor lacks them.</exception>
    public StructuralIndex(SimdWidth width)
    {
        if (!IsSupported(width))
        {
            throw new PlatformNotSupportedException($"This processor has no {width} instructions.");
        }

        _build = width switch
        {
            SimdWidth.Vector512 => static (index, json) => index.Build<Vector512Kernel>(json),
            SimdWidth.Vector256 => static (index, json) => index.Build<Vector256Kernel>(json),
            SimdWidth.Vector128 => static (index, json) => index.Build<Vector128Kernel>(json),
            _ => static (index, json) => index.Build<ScalarKernel>(json),
        };
    }

    /// <summary>The widest instructions of this processor.</summary>
    public static SimdWidth Widest { get; } =
        Vector512Kernel.IsSupported ? SimdWidth.Vector512
        : Vector256Kernel.IsSupported ? SimdWidth.Vector256
        : Vector128Kernel.IsSupported ? SimdWidth.Vector128
        : SimdWidth.Scalar;

    /// <summary>Number of positions.</summary>
    public int Count { get; private set; }

    /// <summary>The positions, in order.</summary>
    public ReadOnlySpan<uint> Positions => _positions.AsSpan(0, Count);

    /// <summary>Can this processor run these instructions?</summary>
    public static bool IsSupported(SimdWidth width) => width switch
    {
        SimdWidth.Vector512 => Vector512Kernel.IsSupported,
        SimdWidth.Vector256 => Vector256Kernel.IsSupported,
        SimdWidth.Vector128 => Vector128Kernel.IsSupported,
        _ => true,
    };

    /// <summary>Replaces the positions by those of this text.</summary>
    /// <returns>False when the text ends inside a string.</returns>
    public bool Build(ReadOnlySpan<byte> json) => _build(this, json);

    private bool Build<TKernel>(ReadOnlySpan<byte> json)
        where TKernel : IBlockKernel
    {
        // At most one position a byte, and room to write whole groups of eight past the last one.
        int needed = checked(json.Length + BlockSize);
        if (_positions.Length < needed)
        {
            _positions = new uint[Math.Max(needed, (int)Math.Min(Array.MaxLength, _positions.Length * 2L))];
        }

        ref uint next = ref MemoryMarshal.GetArrayDataReference(_positions);
        ref byte source = ref MemoryMarshal.GetReference(json);
        ulong escaping = 0;
        ulong inString = 0;
        nint written = 0;
        int at = 0;
        for (; at <= json.Length - BlockSize; at += BlockSize)
        {
            TKernel.Classify(ref Unsafe.Add(ref source, at), out ulong backslashes, out ulong quotes, out ulong containers);
            ulong marks = Marks(backslashes, quotes, containers, ref escaping, ref inString);
            written = Write(ref next, written, marks, (uint)at);
        }

        if (at < json.Length)
        {
            Span<byte> tail = stackalloc byte[BlockSize];
            tail.Fill((byte)' ');
            json[at..].CopyTo(tail);
            TKernel.Classify(ref MemoryMarshal.GetReference(tail), out ulong backslashes, out ulong quotes, out ulong containers);
            ulong marks = Marks(backslashes, quotes, containers, ref escaping, ref inString);
            written = Write(ref next, written, marks, (uint)at);
        }

        Count = (int)written;
        return inString == 0;
    }

    /// <summary>Quotes that are not escaped, and containers that are not inside a string.</summary>
    /// <param name="backslashes">Positions of backslashes.</param>
    /// <param name="quotes">Positions of quotes.</param>
    /// <param name="containers">Positions of braces and brackets.</param>
    /// <param name="escaping">Carried: bit 0 says that the first byte of this block is escaped by the last of the one before.</param>
    /// <param name="inString">Carried: all ones when this block starts inside a string.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Marks(ulong backslashes, ulong quotes, ulong containers, ref ulong escaping, ref ulong inString)
    {
        if ((backslashes | escaping) != 0)
        {
            // Backslashes escape in pairs from the left: add the runs that start at odd places, and carry shows their ends.
            const ulong Even = 0x5555_5555_5555_5555;
            backslashes &= ~escaping;
            ulong follows = backslashes << 1 | escaping;
            ulong oddStarts = backslashes & ~Even & ~follows;
            ulong sum = oddStarts + backslashes;
            escaping = sum < oddStarts ? 1UL : 0UL;
            quotes &= ~((Even ^ sum << 1) & follows);
        }

        // From an opening quote up to, not including, its closing one.
        ulong strings = PrefixXor(quotes) ^ inString;
        inString = (ulong)((long)strings >> 63);
        return quotes | (containers & ~strings);
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nint Write(ref uint positions, nint written, ulong marks, uint offset)
    {
        nint end = written + BitOperations.PopCount(marks);
        // Whole groups of eight without asking how many are left: what is written too much is overwritten by the next block.
        while (marks != 0)
        {
            ref uint group = ref Unsafe.Add(ref positions, written);
            for (int i = 0; i < 8; i++)
            {
                Unsafe.Add(ref group, i) = offset + (uint)BitOperations.TrailingZeroCount(marks);
                marks &= marks - 1;
            }

            written += 8;
        }

        return end;
    }
}
