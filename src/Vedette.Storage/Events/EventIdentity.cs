using System.Buffers.Binary;
using System.Security.Cryptography;
using Vedette.Audit.Json;

namespace Vedette.Storage.Events;

/// <summary>
/// What makes an event the same as another: its cluster and a keyed 128-bit hash of its original bytes without leading kind and apiVersion, which a log has and a webhook leaves out. The hash is what AES-GCM-SIV makes its
/// tag of (RFC 8452): <see cref="Polyval"/> under one key, encrypted with AES-128 under another. Computed before redaction. Who has no key can neither make two events collide nor try out what a redacted value was.
/// Not thread-safe.
/// </summary>
public sealed class EventIdentity : IDisposable
{
    /// <summary>Length of the key in bytes: that of the sum, then that of the cipher.</summary>
    public const int KeyLength = 2 * Polyval.BlockLength;

    private readonly Polyval _sum;
    private readonly Aes _cipher;
    private readonly ICryptoTransform _encryptor;
    private readonly byte[] _block = new byte[Polyval.BlockLength];

    /// <summary>Identities under a key.</summary>
    /// <param name="key">The key, <see cref="KeyLength"/> bytes.</param>
    public EventIdentity(ReadOnlySpan<byte> key)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, KeyLength, nameof(key));
        _sum = new Polyval(key[..Polyval.BlockLength]);
        _cipher = Aes.Create();

        // One block by itself: there is nothing to chain.
        _cipher.Mode = CipherMode.ECB;
        _cipher.Padding = PaddingMode.None;
        _cipher.Key = key[Polyval.BlockLength..].ToArray();
        _encryptor = _cipher.CreateEncryptor();
    }

    /// <summary>The identity of an event, or of input that is none.</summary>
    /// <param name="cluster">Name of its cluster.</param>
    /// <param name="json">Its original bytes.</param>
    public UInt128 Of(ReadOnlySpan<byte> cluster, ReadOnlySpan<byte> json)
    {
        _sum.Sum(cluster, Content(json), _block);
        _encryptor.TransformBlock(_block, 0, _block.Length, _block, 0);
        return BinaryPrimitives.ReadUInt128LittleEndian(_block);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _encryptor.Dispose();
        _cipher.Dispose();
    }

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
