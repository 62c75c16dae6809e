using System.Buffers.Binary;
using System.Numerics;

namespace Vedette.Storage.Journals;

/// <summary>CRC-32C (Castagnoli, RFC 3720 appendix B.4), by the processor's instruction where it has one.</summary>
internal static class Crc32C
{
    /// <summary>The checksum of some bytes.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes) => End(Add(Initial, bytes));

    /// <summary>What a checksum made piece by piece begins with.</summary>
    public const uint Initial = uint.MaxValue;

    /// <summary>Adds a piece.</summary>
    public static uint Add(uint crc, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        foreach (byte next in bytes)
        {
            crc = BitOperations.Crc32C(crc, next);
        }

        return crc;
    }

    /// <summary>The checksum of all pieces.</summary>
    public static uint End(uint crc) => ~crc;
}
