using System.Buffers.Binary;

namespace Vedette.Storage.Events;

/// <summary>What is stored of input that was no event beside its bytes. Little-endian: kind, arrival (8 bytes), length of the input (4 bytes), then cluster, source and reason, each with its length.</summary>
/// <param name="Cluster">Name of the cluster that the source's credentials are bound to.</param>
/// <param name="Source">Name of the source.</param>
/// <param name="Arrival">When it came, by our clock, to the millisecond.</param>
/// <param name="Reason">Why it was none, by the reason's stable name.</param>
/// <param name="Length">Bytes that came; what is kept is masked and cut.</param>
public sealed record QuarantineLabel(string Cluster, string Source, DateTimeOffset Arrival, string Reason, int Length)
{
    private const byte Kind = 2;
    private const int FixedLength = 13;

    /// <summary>Writes it.</summary>
    internal byte[] ToBytes()
    {
        Span<byte> into = stackalloc byte[EventLabel.MaxLength + sizeof(ushort) + EventLabel.MaxNameLength];
        into[0] = Kind;
        BinaryPrimitives.WriteInt64LittleEndian(into[1..], Arrival.ToUnixTimeMilliseconds());
        BinaryPrimitives.WriteInt32LittleEndian(into[9..], Length);
        int at = FixedLength;
        at += EventLabel.WriteName(Cluster, into[at..]);
        at += EventLabel.WriteName(Source, into[at..]);
        at += EventLabel.WriteName(Reason, into[at..]);
        return into[..at].ToArray();
    }

    /// <summary>Reads one; null when these bytes are none.</summary>
    public static QuarantineLabel? Read(ReadOnlySpan<byte> label)
    {
        if (label.Length < FixedLength || label[0] != Kind)
        {
            return null;
        }

        int at = FixedLength;
        return EventLabel.TryReadName(label, ref at, out string cluster) && EventLabel.TryReadName(label, ref at, out string source) && EventLabel.TryReadName(label, ref at, out string reason)
            ? new QuarantineLabel(
                cluster, source, DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64LittleEndian(label[1..])), reason, BinaryPrimitives.ReadInt32LittleEndian(label[9..]))
            : null;
    }
}
