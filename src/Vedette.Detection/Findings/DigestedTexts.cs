using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Vedette.Audit.Json;

namespace Vedette.Detection.Findings;

/// <summary>Texts on their way into a digest, each behind its length in UTF-16, so that different ones give different bytes. Costs no allocation.</summary>
/// <param name="longest">What <see cref="LongestOf(JsonValue)"/> and <see cref="LongestOf(string)"/> say of all that will be appended.</param>
internal ref struct DigestedTexts(int longest)
{
    private readonly byte[] _bytes = ArrayPool<byte>.Shared.Rent(longest);
    private int _length;

    /// <summary>Most bytes that a value's text takes.</summary>
    public static int LongestOf(JsonValue value) => checked(sizeof(int) + value.Raw.Length);

    /// <summary>Most bytes that a text takes.</summary>
    public static int LongestOf(string text) => checked(sizeof(int) + Encoding.UTF8.GetMaxByteCount(text.Length));

    /// <summary>Appends a value's text, escapes resolved; an empty one for null and missing.</summary>
    public void Append(JsonValue value)
    {
        Span<byte> into = _bytes.AsSpan(_length + sizeof(int));
        int length = 0;
        if (value.IsEscaped)
        {
            length = JsonText.Unescape(value.Raw, into);
        }
        else if (value.Kind != JsonKind.Null)
        {
            value.Raw.CopyTo(into);
            length = value.Raw.Length;
        }

        AppendLength(Encoding.UTF8.GetCharCount(into[..length]));
        _length += length;
    }

    /// <summary>Appends a text.</summary>
    public void Append(string text)
    {
        AppendLength(text.Length);
        _length += Encoding.UTF8.GetBytes(text, _bytes.AsSpan(_length));
    }

    /// <summary>Appends that there is no text.</summary>
    public void AppendNothing() => AppendLength(-1);

    /// <summary>Makes the digest. The last call.</summary>
    /// <param name="digest">Gets SHA-256 of what was appended.</param>
    public readonly void Finish(Span<byte> digest)
    {
        SHA256.HashData(_bytes.AsSpan(0, _length), digest);
        ArrayPool<byte>.Shared.Return(_bytes);
    }

    private void AppendLength(int length)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(_length), length);
        _length += sizeof(int);
    }
}
