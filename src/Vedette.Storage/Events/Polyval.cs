using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using ArmAes = System.Runtime.Intrinsics.Arm.Aes;

namespace Vedette.Storage.Events;

/// <summary>
/// POLYVAL (RFC 8452, section 3) of two texts as AES-GCM-SIV applies it (section 4): each padded with zeros to whole blocks, then a block of their lengths in bits. Under a secret key, two different pairs of texts
/// of n blocks have the same sum with a probability of (n + 1) / 2¹²⁸. Who sees sums can work out the key: they must be encrypted before anybody does.
/// </summary>
internal sealed class Polyval
{
    /// <summary>Bytes of a block, a key and a sum.</summary>
    public const int BlockLength = 16;

    /// <summary>Blocks whose products are added before they are reduced.</summary>
    private const int Stride = 32;

    // x¹²⁸ + x¹²⁷ + x¹²⁶ + x¹²¹ + 1, the part of it above x⁶⁴.
    private static readonly Vector128<ulong> s_polynomial = Vector128.Create(0xC200_0000_0000_0000, 0UL);

    // The last is the key itself.
    private readonly Vector128<ulong>[] _powers = new Vector128<ulong>[Stride];
    private readonly bool _byInstruction;

    /// <summary>A sum under a key.</summary>
    /// <param name="key">The key, <see cref="BlockLength"/> bytes.</param>
    /// <param name="byInstruction">May it use the processor's instruction for products? False for tests.</param>
    public Polyval(ReadOnlySpan<byte> key, bool byInstruction = true)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, BlockLength, nameof(key));
        _byInstruction = byInstruction && (Pclmulqdq.IsSupported || ArmAes.IsSupported);
        _powers[^1] = Vector128.Create(key).AsUInt64();
        Span<byte> power = stackalloc byte[BlockLength];
        for (int i = Stride - 1; i > 0; i--)
        {
            _powers[i].AsByte().CopyTo(power);
            _powers[i - 1] = Add(Vector128<ulong>.Zero, power, _powers.AsSpan(Stride - 1));
        }
    }

    /// <summary>Writes the sum of two texts.</summary>
    public void Sum(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, Span<byte> into)
    {
        // The end of the second text and the lengths are one stride.
        Span<byte> end = stackalloc byte[2 * BlockLength];
        ReadOnlySpan<byte> whole = second[..^(second.Length % BlockLength)];
        ReadOnlySpan<byte> tail = second[whole.Length..];
        end.Clear();
        tail.CopyTo(end);
        BinaryPrimitives.WriteInt64LittleEndian(end[BlockLength..], 8L * first.Length);
        BinaryPrimitives.WriteInt64LittleEndian(end[(BlockLength + sizeof(long))..], 8L * second.Length);
        Add(Add(Add(Vector128<ulong>.Zero, first, _powers), whole, _powers), tail.IsEmpty ? end[BlockLength..] : end, _powers).AsByte().CopyTo(into);
    }

    private Vector128<ulong> Add(Vector128<ulong> sum, ReadOnlySpan<byte> text, ReadOnlySpan<Vector128<ulong>> powers) =>
        !_byInstruction ? Add<PortableProduct>(sum, text, powers)
        : Pclmulqdq.IsSupported ? Add<X86Product>(sum, text, powers)
        : Add<ArmProduct>(sum, text, powers);

    /// <summary>Adds a text. A block that stands n blocks before the end of its stride is multiplied by the (n + 1)th power of the key, which is what multiplying by the key after each block comes to.</summary>
    private static Vector128<ulong> Add<TProduct>(Vector128<ulong> sum, ReadOnlySpan<byte> text, ReadOnlySpan<Vector128<ulong>> powers)
        where TProduct : ICarrylessProduct
    {
        ReadOnlySpan<Vector128<ulong>> blocks = MemoryMarshal.Cast<byte, Vector128<ulong>>(text);
        text = text[(blocks.Length * BlockLength)..];
        while (!blocks.IsEmpty)
        {
            ReadOnlySpan<Vector128<ulong>> stride = blocks[..Math.Min(blocks.Length, powers.Length)];
            ReadOnlySpan<Vector128<ulong>> factors = powers[^stride.Length..];
            (Vector128<ulong> low, Vector128<ulong> middle, Vector128<ulong> high) = (default, default, default);
            for (int i = 0; i < stride.Length; i++)
            {
                Vector128<ulong> block = sum ^ stride[i];
                Vector128<ulong> power = factors[i];
                low ^= TProduct.OfLower(block, power);
                middle ^= TProduct.OfLower(block ^ Swap(block), power ^ Swap(power));
                high ^= TProduct.OfUpper(block, power);
                sum = default;
            }

            // Karatsuba: the products of the sums of both halves, less those of each half.
            middle ^= low ^ high;
            sum = Reduce<TProduct>(low ^ Vector128.Create(0UL, middle[0]), high ^ Vector128.Create(middle[1], 0UL));
            blocks = blocks[stride.Length..];
        }

        if (text.IsEmpty)
        {
            return sum;
        }

        Span<byte> padded = stackalloc byte[BlockLength];
        padded.Clear();
        text.CopyTo(padded);
        return Add<TProduct>(sum, padded, powers);
    }

    /// <summary>A product of 256 bits times x⁻¹²⁸, modulo the polynomial (Gueron and Kounavis): twice the lower 64 bits are cleared by adding a multiple of the polynomial.</summary>
    private static Vector128<ulong> Reduce<TProduct>(Vector128<ulong> low, Vector128<ulong> high)
        where TProduct : ICarrylessProduct
    {
        low = Swap(low) ^ TProduct.OfLower(low, s_polynomial);
        low = Swap(low) ^ TProduct.OfLower(low, s_polynomial);
        return high ^ low;
    }

    private static Vector128<ulong> Swap(Vector128<ulong> value) => Vector128.Shuffle(value, Vector128.Create(1UL, 0UL));

    /// <summary>Products of polynomials over GF(2).</summary>
    private interface ICarrylessProduct
    {
        /// <summary>The product of the lower 64 bits of each.</summary>
        static abstract Vector128<ulong> OfLower(Vector128<ulong> left, Vector128<ulong> right);

        /// <summary>The product of the upper 64 bits of each.</summary>
        static abstract Vector128<ulong> OfUpper(Vector128<ulong> left, Vector128<ulong> right);
    }

    private readonly struct X86Product : ICarrylessProduct
    {
        public static Vector128<ulong> OfLower(Vector128<ulong> left, Vector128<ulong> right) => Pclmulqdq.CarrylessMultiply(left, right, 0x00);

        public static Vector128<ulong> OfUpper(Vector128<ulong> left, Vector128<ulong> right) => Pclmulqdq.CarrylessMultiply(left, right, 0x11);
    }

    private readonly struct ArmProduct : ICarrylessProduct
    {
        public static Vector128<ulong> OfLower(Vector128<ulong> left, Vector128<ulong> right) => ArmAes.PolynomialMultiplyWideningLower(left.GetLower(), right.GetLower());

        public static Vector128<ulong> OfUpper(Vector128<ulong> left, Vector128<ulong> right) => ArmAes.PolynomialMultiplyWideningUpper(left, right);
    }

    /// <summary>Bit by bit, without branches that depend on the bits: time must not tell the key.</summary>
    private readonly struct PortableProduct : ICarrylessProduct
    {
        public static Vector128<ulong> OfLower(Vector128<ulong> left, Vector128<ulong> right) => Of(left[0], right[0]);

        public static Vector128<ulong> OfUpper(Vector128<ulong> left, Vector128<ulong> right) => Of(left[1], right[1]);

        private static Vector128<ulong> Of(ulong left, ulong right)
        {
            (ulong low, ulong high) = (0, 0);
            for (int bit = 0; bit < 64; bit++)
            {
                ulong taken = right & (0UL - ((left >> bit) & 1));
                low ^= taken << bit;
                high ^= (taken >> 1) >> (63 - bit);
            }

            return Vector128.Create(low, high);
        }
    }
}
