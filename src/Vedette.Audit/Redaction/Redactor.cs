using System.Buffers;
using System.Security.Cryptography;
using Vedette.Audit.Events;

namespace Vedette.Audit.Redaction;

/// <summary>
/// Takes secrets out of events before anything keeps them: values of Secrets, tokens, private keys in certificate requests, bearer material in URIs. In place of a secret stands
/// <c>redacted:v1:</c> and 32 hexadecimal digits of HMAC-SHA-256 over it, so that equal secrets still look equal to who has no key. Every other byte stays as it is. Not thread-safe.
/// </summary>
public sealed class Redactor
{
    /// <summary>Version of the rules of what is a secret, stored with every event.</summary>
    public const int Version = 1;

    /// <summary>Length of the key in bytes.</summary>
    public const int KeyLength = 32;

    internal const string MarkerPattern = "redacted:v1:[0-9a-f]{32}";

    private const int HashLength = 16;

    private static readonly UriSecrets s_defaultUris = new(new RedactionOptions().Compile());

    [ThreadStatic]
    private static SecretRanges? t_secrets;

    private readonly byte[] _key;
    private readonly UriSecrets _uris;
    private readonly SecretRanges _secrets = new();

    /// <summary>A redactor.</summary>
    /// <param name="key">The key, <see cref="KeyLength"/> bytes, which is kept away from what was redacted.</param>
    /// <param name="options">Options; null for the defaults.</param>
    /// <exception cref="ArgumentException">The key has another length, or a pattern is none.</exception>
    /// <exception cref="InvalidOperationException">There are too many patterns.</exception>
    /// <exception cref="NotSupportedException">A pattern needs backtracking.</exception>
    public Redactor(ReadOnlySpan<byte> key, RedactionOptions? options = null)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, KeyLength, nameof(key));
        _key = key.ToArray();
        _uris = options is null ? s_defaultUris : new UriSecrets(options.Compile());
    }

    /// <summary>What a redacted value begins with.</summary>
    internal static ReadOnlySpan<byte> Prefix => "redacted:v1:"u8;

    /// <summary>Writes an event without its secrets.</summary>
    /// <param name="view">The event, all its fields located.</param>
    /// <param name="into">Takes the bytes.</param>
    /// <returns>True when something was redacted; false when the bytes are those of the event.</returns>
    public bool Redact(in EventView view, IBufferWriter<byte> into)
    {
        EventSecrets.Find(view, _uris, _secrets);
        if (_secrets.Count == 0)
        {
            into.Write(view.Json);
            return false;
        }

        Write(view.Json, _secrets, _key, into);
        _secrets.Clear();
        return true;
    }

    /// <summary>
    /// Writes an event with the same mark in place of every secret: what it says apart from its secrets. It is the same for an event and for what any redactor with the default patterns made of it.
    /// </summary>
    /// <returns>False when there is none, and nothing was written.</returns>
    public static bool TryWithoutSecrets(in EventView view, IBufferWriter<byte> into)
    {
        SecretRanges secrets = t_secrets ??= new SecretRanges();
        try
        {
            EventSecrets.Find(view, s_defaultUris, secrets);
            if (secrets.Count > 0)
            {
                Write(view.Json, secrets, default, into);
            }

            return secrets.Count > 0;
        }
        finally
        {
            secrets.Clear();
        }
    }

    private static void Write(ReadOnlySpan<byte> json, SecretRanges secrets, ReadOnlySpan<byte> key, IBufferWriter<byte> into)
    {
        int at = 0;
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Span<byte> digits = stackalloc byte[2 * HashLength];
        for (int i = 0; i < secrets.Count; i++)
        {
            SecretRange secret = secrets[i];
            into.Write(json[at..secret.Start]);
            WriteQuote(secret.Quotes, into);
            into.Write(Prefix);
            if (!key.IsEmpty)
            {
                HMACSHA256.HashData(key, secrets.Content(secret), hash);
                Convert.TryToHexStringLower(hash[..HashLength], digits, out _);
                into.Write(digits);
            }

            WriteQuote(secret.Quotes, into);
            at = secret.End;
        }

        into.Write(json[at..]);
    }

    /// <summary>A quote inside n strings has 2ⁿ − 1 backslashes before it.</summary>
    private static void WriteQuote(int quotes, IBufferWriter<byte> into)
    {
        if (quotes > 0)
        {
            int slashes = (1 << (quotes - 1)) - 1;
            Span<byte> text = into.GetSpan(slashes + 1);
            text[..slashes].Fill((byte)'\\');
            text[slashes] = (byte)'"';
            into.Advance(slashes + 1);
        }
    }
}
