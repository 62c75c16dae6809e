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

    /// <summary>So many events have room at first.</summary>
    private const int FirstWaiting = 512;

    /// <summary>The room of so many is kept.</summary>
    private const int MaxIdle = 4096;

    private readonly Polyval _sum;
    private readonly Aes _cipher;
    private readonly ICryptoTransform _encryptor;
    private readonly byte[] _block = new byte[Polyval.BlockLength];
    private byte[] _sums = [];
    private int _waiting;

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

    /// <summary>Takes an event whose identity is asked for with those of others: the cipher takes longer to begin than for a block.</summary>
    /// <param name="cluster">Name of its cluster.</param>
    /// <param name="json">Its original bytes.</param>
    public void Add(ReadOnlySpan<byte> cluster, ReadOnlySpan<byte> json)
    {
        int at = _waiting * Polyval.BlockLength;
        if (at == _sums.Length)
        {
            Array.Resize(ref _sums, Math.Max(FirstWaiting * Polyval.BlockLength, 2 * at));
        }

        _sum.Sum(cluster, Content(json), _sums.AsSpan(at, Polyval.BlockLength));
        _waiting++;
    }

    /// <summary>Forgets the events whose identity was not asked for.</summary>
    public void Clear()
    {
        _waiting = 0;
        if (_sums.Length > MaxIdle * Polyval.BlockLength)
        {
            _sums = [];
        }
    }

    /// <summary>The identities of the events added since the last call, each as <see cref="Of"/> has it, in order. Good until one is added.</summary>
    public ReadOnlySpan<byte> Take()
    {
        int length = _waiting * Polyval.BlockLength;
        _waiting = 0;
        if (length > 0)
        {
            _encryptor.TransformBlock(_sums, 0, length, _sums, 0);
        }

        return _sums.AsSpan(0, length);
    }

    /// <summary>An identity as <see cref="Take"/> gives it.</summary>
    public static UInt128 Read(ReadOnlySpan<byte> identities, int index) => BinaryPrimitives.ReadUInt128LittleEndian(identities[(index * Polyval.BlockLength)..]);

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
