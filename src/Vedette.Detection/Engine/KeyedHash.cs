using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using Vedette.Audit.Events;
using Vedette.Audit.Json;

namespace Vedette.Detection.Engine;

/// <summary>
/// Values as 192 bits: three times the hash NH of UMAC (Black et al., "UMAC: Fast and secure message authentication", 1999), each with secrets shifted by one more word. Whatever two values are, they look alike for
/// one in 2^93 draws of the secrets, which nobody outside the process learns anything about: no client can make up a value that passes for another. So a value need not be kept and compared to be recognised.
/// Values are short and of all lengths, and a branch on a length would often be guessed wrong: each is taken as blocks of 32 bytes, one for most, without regard to where in it the value ends. One per thread.
/// </summary>
internal sealed class KeyedHash
{
    /// <summary>Longest values, all of those longer than a block together, in bytes as they stand in the log.</summary>
    public const int MaxLength = 1024;

    /// <summary>Most fields of a facet.</summary>
    public const int MaxFields = 16;

    /// <summary>Words that only the process knows.</summary>
    public const int SecretWords = (MaxBlocks * BlockWords) + Passes - 1;

    private const int BlockSize = 32;
    private const int BlockWords = BlockSize / sizeof(ulong);
    private const int Passes = 3;

    // A value of several blocks has one more that says how long it is, and its last may hold a single byte.
    private const int MaxBlocks = (2 * MaxFields) + (MaxLength / BlockSize);

    // In the last byte of a block that holds a whole value the kind stands above the length.
    private const int KindShift = 5;

    private static readonly ulong[] s_secrets = MemoryMarshal.Cast<byte, ulong>(RandomNumberGenerator.GetBytes(SecretWords * sizeof(ulong))).ToArray();

    private readonly ulong[] _secrets;
    private readonly byte[] _tail = new byte[2 * BlockSize];

    /// <summary>Of nothing yet.</summary>
    /// <param name="secrets">As many as <see cref="SecretWords"/>; those drawn for the process where they are not given.</param>
    public KeyedHash(ulong[]? secrets = null) => _secrets = secrets?[..SecretWords] ?? s_secrets;

    /// <summary>What was read last, and in the last place 0.</summary>
    public Vector256<ulong> Words { get; private set; }

    /// <summary>Reads the values of an event's fields.</summary>
    /// <returns>False when they are too long or too many, or the event is shorter than a block.</returns>
    public bool TryRead(ReadOnlySpan<AuditField> fields, in EventView view)
    {
        ReadOnlySpan<byte> json = view.Json;
        if (json.Length < BlockSize || fields.Length > MaxFields)
        {
            return false;
        }

        ref ulong secrets = ref MemoryMarshal.GetArrayDataReference(_secrets);
        Vector256<ulong> first = Vector256<ulong>.Zero;
        Vector256<ulong> second = Vector256<ulong>.Zero;
        Vector256<ulong> third = Vector256<ulong>.Zero;
        int room = MaxLength;
        foreach (AuditField field in fields)
        {
            JsonRange range = view.RangeOf(field);
            ReadOnlySpan<byte> value = json.Slice(range.Start, range.Length);
            ref byte start = ref MemoryMarshal.GetReference(value);
            Vector256<uint> block;
            if (value.Length < BlockSize)
            {
                int readable = json.Length - range.Start;
                block = Short(readable < BlockSize ? LastOf(json, readable) : Vector256.LoadUnsafe(ref start), value.Length, range.Kind);
            }
            else
            {
                room -= value.Length;
                if (room < 0)
                {
                    return false;
                }

                block = Vector256.CreateScalar((ulong)range.Kind << 32 | (uint)value.Length).AsUInt32();
                for (int from = 0; from < value.Length; from += BlockSize)
                {
                    secrets = ref Add(block, ref secrets, ref first, ref second, ref third);
                    // The last one begins before the one before it ends.
                    block = Vector256.LoadUnsafe(ref start, (nuint)Math.Min(from, value.Length - BlockSize)).AsUInt32();
                }
            }

            secrets = ref Add(block, ref secrets, ref first, ref second, ref third);
        }

        Words = Sums(first, second, third);
        return true;
    }

    /// <summary>Reads a text.</summary>
    /// <param name="text">The text, of <see cref="MaxLength"/> bytes at most.</param>
    public void Read(ReadOnlySpan<byte> text)
    {
        if (text.Length > MaxLength)
        {
            throw new ArgumentException($"longer than {MaxLength} bytes", nameof(text));
        }

        if (text.Length < BlockSize)
        {
            _tail.AsSpan().Clear();
            text.CopyTo(_tail);
        }

        ref byte start = ref MemoryMarshal.GetReference(text.Length < BlockSize ? _tail : text);
        ref ulong secrets = ref MemoryMarshal.GetArrayDataReference(_secrets);
        Vector256<ulong> first = Vector256<ulong>.Zero;
        Vector256<ulong> second = Vector256<ulong>.Zero;
        Vector256<ulong> third = Vector256<ulong>.Zero;
        Vector256<uint> block = Vector256.CreateScalar((ulong)text.Length).AsUInt32();
        for (int from = 0; from < text.Length; from += BlockSize)
        {
            secrets = ref Add(block, ref secrets, ref first, ref second, ref third);
            block = Vector256.LoadUnsafe(ref start, (nuint)Math.Clamp(text.Length - BlockSize, 0, from)).AsUInt32();
        }

        Add(block, ref secrets, ref first, ref second, ref third);
        Words = Sums(first, second, third);
    }

    /// <summary>A value shorter than a block: zeros behind it, and what it is in the last byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Short(Vector256<byte> block, int length, JsonKind kind)
    {
        Vector256<byte> isWithin = Vector256.LessThan(Vector256<sbyte>.Indices, Vector256.Create((sbyte)length)).AsByte();
        Vector256<byte> isLast = Vector256.Equals(Vector256<byte>.Indices, Vector256.Create((byte)(BlockSize - 1)));
        return ((block & isWithin) | (Vector256.Create((byte)((int)kind << KindShift | length)) & isLast)).AsUInt32();
    }

    /// <summary>The last bytes of an event, and after them whatever.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector256<byte> LastOf(ReadOnlySpan<byte> json, int length)
    {
        ref byte tail = ref MemoryMarshal.GetArrayDataReference(_tail);
        Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(json), (nuint)(json.Length - BlockSize)).StoreUnsafe(ref tail);
        return Vector256.LoadUnsafe(ref tail, (nuint)(BlockSize - length));
    }

    /// <summary>Adds a block to the three sums.</summary>
    /// <returns>The secrets for the next one.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref ulong Add(Vector256<uint> block, ref ulong secrets, scoped ref Vector256<ulong> first, scoped ref Vector256<ulong> second, scoped ref Vector256<ulong> third)
    {
        first += Products(block, ref secrets, 0);
        second += Products(block, ref secrets, 1);
        third += Products(block, ref secrets, 2);
        return ref Unsafe.Add(ref secrets, BlockWords);
    }

    /// <summary>The sums of the three, and 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> Sums(Vector256<ulong> first, Vector256<ulong> second, Vector256<ulong> third)
    {
        if (!Avx2.IsSupported)
        {
            return Vector256.Create(Vector256.Sum(first), Vector256.Sum(second), Vector256.Sum(third), 0);
        }

        // All at once, and without a way through registers of the other kind.
        Vector256<ulong> both = Avx2.UnpackLow(first, second) + Avx2.UnpackHigh(first, second);
        Vector256<ulong> last = Avx2.UnpackLow(third, Vector256<ulong>.Zero) + Avx2.UnpackHigh(third, Vector256<ulong>.Zero);
        return Avx2.Permute2x128(both, last, 0x20) + Avx2.Permute2x128(both, last, 0x31);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> Products(Vector256<uint> block, ref ulong secrets, nuint shift)
    {
        Vector256<uint> masked = block + Vector256.LoadUnsafe(ref secrets, shift).AsUInt32();
        Vector256<ulong> upper = masked.AsUInt64() >>> 32;
        if (Avx2.IsSupported)
        {
            return Avx2.Multiply(masked, upper.AsUInt32());
        }

        return Sse2.IsSupported
            ? Vector256.Create(Sse2.Multiply(masked.GetLower(), upper.GetLower().AsUInt32()), Sse2.Multiply(masked.GetUpper(), upper.GetUpper().AsUInt32()))
            : (masked.AsUInt64() & Vector256.Create((ulong)uint.MaxValue)) * upper;
    }
}
