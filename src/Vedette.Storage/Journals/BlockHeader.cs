using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Vedette.Storage.Journals;

/// <summary>
/// What stands before the records that were made durable together: 64 bytes, then the identity of each record, then the records, compressed or not. Little-endian.
/// A block is written by one write and made durable by one fdatasync before the next is begun, so at most the last one of a journal is torn.
/// </summary>
/// <param name="Salt">That of the segment it is in.</param>
/// <param name="First">Sequence of its first record.</param>
/// <param name="Records">Number of records.</param>
/// <param name="PlainLength">Bytes of the records.</param>
/// <param name="StoredLength">Bytes of the records as stored; equal to <paramref name="PlainLength"/> when they are not compressed (zstd).</param>
/// <param name="Written">When it was written, in milliseconds since 1970 by our clock, which may jump.</param>
/// <param name="Checksum">CRC-32C of the records as stored.</param>
internal readonly record struct BlockHeader(long Salt, long First, int Records, int PlainLength, int StoredLength, long Written, uint Checksum)
{
    /// <summary>Length of the header without identities.</summary>
    public const int Length = 64;

    /// <summary>Length of an identity.</summary>
    public const int IdentityLength = 16;

    private const uint Magic = 0x4B_4C_42_56; // VBLK

    /// <summary>Sequence of the record after its last.</summary>
    public long Next => First + Records;

    /// <summary>Length of header and identities.</summary>
    public int HeadLength => Length + Records * IdentityLength;

    /// <summary>Length of the whole block, up to where the next may begin.</summary>
    public long TotalLength => Segment.Align((long)HeadLength + StoredLength);

    /// <summary>Are the records compressed?</summary>
    public bool IsCompressed => StoredLength != PlainLength;

    /// <summary>Writes it before its identities, which must stand there already: they are under its checksum.</summary>
    public void Write(Span<byte> head)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(head, Magic);
        BinaryPrimitives.WriteInt64LittleEndian(head[8..], Salt);
        BinaryPrimitives.WriteInt64LittleEndian(head[16..], First);
        BinaryPrimitives.WriteInt32LittleEndian(head[24..], Records);
        BinaryPrimitives.WriteInt32LittleEndian(head[28..], PlainLength);
        BinaryPrimitives.WriteInt32LittleEndian(head[32..], StoredLength);
        BinaryPrimitives.WriteInt64LittleEndian(head[40..], Written);
        BinaryPrimitives.WriteUInt32LittleEndian(head[48..], Checksum);
        BinaryPrimitives.WriteUInt32LittleEndian(head[4..], Crc32C.Of(head[8..HeadLength]));
    }

    /// <summary>Reads the fixed part; whether it is a block at all is known only after <see cref="IsWhole"/>.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out BlockHeader header)
    {
        header = default;
        if (bytes.Length < Length || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic)
        {
            return false;
        }

        header = new BlockHeader(
            BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]), BinaryPrimitives.ReadInt32LittleEndian(bytes[24..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[28..]), BinaryPrimitives.ReadInt32LittleEndian(bytes[32..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[40..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[48..]));
        return header is { Records: > 0, PlainLength: >= 0, StoredLength: >= 0, First: >= 0 } && header.Records <= (int.MaxValue - Length) / IdentityLength;
    }

    /// <summary>Do header and identities bear their checksum?</summary>
    public bool IsWhole(ReadOnlySpan<byte> head) => head.Length >= HeadLength && BinaryPrimitives.ReadUInt32LittleEndian(head[4..]) == Crc32C.Of(head[8..HeadLength]);

    /// <summary>The identities behind a header.</summary>
    public ReadOnlySpan<UInt128> Identities(ReadOnlySpan<byte> head) => MemoryMarshal.Cast<byte, UInt128>(head[Length..HeadLength]);
}
