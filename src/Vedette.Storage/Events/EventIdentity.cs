using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Vedette.Audit.Json;

namespace Vedette.Storage.Events;

/// <summary>
/// What makes an event the same as another: its cluster and a keyed 128-bit hash (HMAC-SHA-256, cut) of its original bytes without leading kind and apiVersion, which a log has and a webhook leaves
/// out. Computed before redaction. Who has no key can neither make two events collide nor try out what a redacted value was. Not thread-safe.
/// </summary>
public sealed class EventIdentity : IDisposable
{
    private readonly IncrementalHash _hash;

    /// <summary>Identities under a key.</summary>
    public EventIdentity(ReadOnlySpan<byte> key) => _hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);

    /// <summary>The identity of an event, or of input that is none.</summary>
    /// <param name="cluster">Its cluster.</param>
    /// <param name="json">Its original bytes.</param>
    public UInt128 Of(string cluster, ReadOnlySpan<byte> json)
    {
        Span<byte> name = stackalloc byte[Encoding.UTF8.GetMaxByteCount(EventLabel.MaxNameLength)];
        int length = Encoding.UTF8.GetBytes(cluster, name);
        name[length] = 0;
        _hash.AppendData(name[..(length + 1)]);
        _hash.AppendData(Content(json));
        _hash.GetHashAndReset(name);
        return BinaryPrimitives.ReadUInt128LittleEndian(name);
    }

    /// <inheritdoc />
    public void Dispose() => _hash.Dispose();

    /// <summary>The bytes from the first member on that is neither kind nor apiVersion.</summary>
    private static ReadOnlySpan<byte> Content(ReadOnlySpan<byte> json)
    {
        json = json.Trim(" \t\r\n"u8);
        foreach (JsonMember member in new JsonValue(json, JsonKind.Object).Members())
        {
            if (!member.NameEquals("kind"u8) && !member.NameEquals("apiVersion"u8))
            {
                json.Overlaps(member.RawName, out int start);
                return start > 0 ? json[(start - 1)..] : json;
            }
        }

        return json;
    }
}
