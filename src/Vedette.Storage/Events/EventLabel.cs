using System.Buffers.Binary;
using System.Text;

namespace Vedette.Storage.Events;

/// <summary>What is stored of an event beside its bytes. Little-endian: kind, flags, redaction version (one byte each), arrival (8 bytes), length and text of cluster, length and text of source.</summary>
/// <param name="Cluster">Name of the cluster that the source's credentials are bound to.</param>
/// <param name="Source">Name of the source.</param>
/// <param name="Arrival">When it came, by our clock, to the millisecond.</param>
/// <param name="IsRedacted">Was something in it redacted?</param>
/// <param name="IsDerived">Was it built from a provider's record, and not written by kube-apiserver byte for byte?</param>
/// <param name="RedactionVersion">The rules of redaction applied.</param>
public sealed record EventLabel(string Cluster, string Source, DateTimeOffset Arrival, bool IsRedacted, bool IsDerived, int RedactionVersion)
{
    /// <summary>Longest name of a cluster or source, in bytes of UTF-8.</summary>
    public const int MaxNameLength = 1024;

    private const byte Kind = 1;
    private const int FixedLength = 11;

    /// <summary>Most bytes of a label.</summary>
    internal const int MaxLength = FixedLength + 2 * (sizeof(ushort) + MaxNameLength);

    /// <summary>Writes it.</summary>
    /// <returns>Bytes written, at most <see cref="MaxLength"/>.</returns>
    /// <exception cref="ArgumentException">A name is too long.</exception>
    internal int Write(Span<byte> into)
    {
        into[0] = Kind;
        into[1] = (byte)((IsRedacted ? 1 : 0) | (IsDerived ? 2 : 0));
        into[2] = (byte)RedactionVersion;
        BinaryPrimitives.WriteInt64LittleEndian(into[3..], Arrival.ToUnixTimeMilliseconds());
        int at = FixedLength;
        at += WriteName(Cluster, into[at..]);
        return at + WriteName(Source, into[at..]);
    }

    /// <summary>Reads one; null when these bytes are none.</summary>
    public static EventLabel? Read(ReadOnlySpan<byte> label)
    {
        if (label.Length < FixedLength || label[0] != Kind)
        {
            return null;
        }

        int at = FixedLength;
        return TryReadName(label, ref at, out string cluster) && TryReadName(label, ref at, out string source)
            ? new EventLabel(
                cluster, source, DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64LittleEndian(label[3..])), (label[1] & 1) != 0, (label[1] & 2) != 0, label[2])
            : null;
    }

    /// <summary>Sets in a label that is written already what is known of its event only later.</summary>
    internal static void Mark(Span<byte> label, bool isRedacted, bool isDerived) => label[1] |= (byte)((isRedacted ? 1 : 0) | (isDerived ? 2 : 0));

    internal static int WriteName(string name, Span<byte> into)
    {
        int length = Encoding.UTF8.GetByteCount(name);
        if (length > MaxNameLength)
        {
            throw new ArgumentException($"a name of {length} bytes; at most {MaxNameLength} are allowed", nameof(name));
        }

        BinaryPrimitives.WriteUInt16LittleEndian(into, (ushort)length);
        Encoding.UTF8.GetBytes(name, into[sizeof(ushort)..]);
        return sizeof(ushort) + length;
    }

    internal static bool TryReadName(ReadOnlySpan<byte> label, ref int at, out string name)
    {
        name = "";
        if (label.Length - at < sizeof(ushort) || label.Length - at - sizeof(ushort) < BinaryPrimitives.ReadUInt16LittleEndian(label[at..]))
        {
            return false;
        }

        int length = BinaryPrimitives.ReadUInt16LittleEndian(label[at..]);
        name = Encoding.UTF8.GetString(label.Slice(at + sizeof(ushort), length));
        at += sizeof(ushort) + length;
        return true;
    }
}
