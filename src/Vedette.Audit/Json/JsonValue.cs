using System.Buffers;
using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Vedette.Audit.Json;

/// <summary>
/// One JSON value as a slice of somebody else's bytes. Nothing is copied or unescaped before it is asked for; a value is
/// good for as long as the buffer below it.
/// </summary>
public readonly ref struct JsonValue
{
    private readonly ref readonly byte _start;
    private readonly JsonExtent _extent;

    /// <summary>Wraps the bytes of a value; for strings without the quotes.</summary>
    /// <param name="raw">The value's text; for strings the still escaped characters between the quotes.</param>
    /// <param name="kind">What the text is.</param>
    public JsonValue(ReadOnlySpan<byte> raw, JsonKind kind)
        : this(raw, kind, isEscaped: true, following: 0)
    {
    }

    /// <summary>Wraps the bytes of a value that stands in a longer text.</summary>
    /// <param name="raw">The value's text, a slice of the longer one.</param>
    /// <param name="kind">What it is.</param>
    /// <param name="isEscaped">False for a string that is known to have no escapes.</param>
    /// <param name="following">How far the longer text goes on behind the value, in bytes.</param>
    internal JsonValue(ReadOnlySpan<byte> raw, JsonKind kind, bool isEscaped, int following)
    {
        _start = ref MemoryMarshal.GetReference(raw);
        _extent = new JsonExtent(raw.Length, kind, isEscaped, following);
    }

    /// <summary>Wraps the bytes of a value that was found in a text.</summary>
    /// <param name="token">Its first byte, of a string the opening quote.</param>
    /// <param name="extent">How far it goes.</param>
    internal JsonValue(ref readonly byte token, JsonExtent extent)
    {
        _start = ref Unsafe.Add(ref Unsafe.AsRef(in token), extent.Kind == JsonKind.String ? 1 : 0);
        _extent = extent;
    }

    /// <summary>How far the text goes on behind the value, in bytes, <see cref="JsonExtent.MaxFollowing"/> at most; of a text or a scalar by itself 0.</summary>
    internal int Following => _extent.Following;

    /// <summary>The value and what stands behind it in the text that it is a slice of.</summary>
    internal ReadOnlySpan<byte> WithWhatFollows => MemoryMarshal.CreateReadOnlySpan(in _start, _extent.Length + _extent.Following);

    /// <summary>The value's bytes: for strings what stands between the quotes, escapes not resolved.</summary>
    public ReadOnlySpan<byte> Raw => MemoryMarshal.CreateReadOnlySpan(in _start, _extent.Length);

    /// <summary>What the value is.</summary>
    public JsonKind Kind => _extent.Kind;

    /// <summary>True when there is a value, <c>null</c> included.</summary>
    public bool Exists => Kind != JsonKind.Missing;

    /// <summary>True for a string that holds at least one backslash escape.</summary>
    public bool IsEscaped => Kind == JsonKind.String && !_extent.IsPlain && Raw.Contains((byte)'\\');

    /// <summary>Compares a string with plain UTF-8 text, byte for byte after unescaping. Other kinds are never equal.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool StringEquals(ReadOnlySpan<byte> text) =>
        _extent.IsPlainString ? Raw.SequenceEqual(text) : UnescapedEquals(text);

    private bool UnescapedEquals(ReadOnlySpan<byte> text)
    {
        // An escape is never longer unescaped than escaped, so a shorter raw text cannot be equal.
        if (Kind != JsonKind.String || Raw.Length < text.Length)
        {
            return false;
        }

        if (!IsEscaped)
        {
            return Raw.SequenceEqual(text);
        }

        byte[] rented = ArrayPool<byte>.Shared.Rent(Raw.Length);
        int written = JsonText.Unescape(Raw, rented);
        bool equal = rented.AsSpan(0, written).SequenceEqual(text);
        ArrayPool<byte>.Shared.Return(rented);
        return equal;
    }

    /// <summary>
    /// The string as .NET text: escapes resolved, invalid UTF-8 and lone surrogates replaced by U+FFFD. Numbers, literals,
    /// objects and arrays give their JSON text; null and missing give <see langword="null"/>.
    /// </summary>
    public string? AsString()
    {
        switch (Kind)
        {
            case JsonKind.Missing or JsonKind.Null:
                return null;
            case JsonKind.String when IsEscaped:
                byte[] rented = ArrayPool<byte>.Shared.Rent(Raw.Length);
                int written = JsonText.Unescape(Raw, rented);
                string text = Encoding.UTF8.GetString(rented, 0, written);
                ArrayPool<byte>.Shared.Return(rented);
                return text;
            default:
                return Encoding.UTF8.GetString(Raw);
        }
    }

    /// <summary>As <see cref="AsString"/>, in UTF-8, without a copy unless there are escapes; nothing for null and missing. Bytes that are not valid UTF-8 stay as they are.</summary>
    public ReadOnlySpan<byte> Utf8Text()
    {
        if (!IsEscaped)
        {
            return Kind == JsonKind.Null ? default : Raw;
        }

        byte[] text = new byte[Raw.Length];
        return text.AsSpan(0, JsonText.Unescape(Raw, text));
    }

    /// <summary>A whole number that fits; false for fractions, exponents, other kinds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGetInt64(out long value)
    {
        value = 0;
        return Kind == JsonKind.Number && TryParse(Raw, out value);
    }

    private static bool TryParse(ReadOnlySpan<byte> raw, out long value) => Utf8Parser.TryParse(raw, out value, out int used) && used == raw.Length;

    /// <summary>The elements of an array; nothing for every other kind.</summary>
    public JsonElements Elements() => new(this);

    /// <summary>The members of an object in the order they are written, duplicates included; nothing for every other kind.</summary>
    public JsonMembers Members() => new(this);

    /// <summary>The member of this object with exactly this name. Of duplicates the last one wins, as in RFC 8259 readers such as Go's.</summary>
    /// <param name="name">The name, unescaped UTF-8.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public JsonValue Member(ReadOnlySpan<byte> name) => LastMember(this, name);

    // Static, so that the object is passed in registers.
    private static JsonValue LastMember(JsonValue of, ReadOnlySpan<byte> name)
    {
        JsonValue found = default;
        foreach (JsonMember member in of.Members())
        {
            if (member.NameEquals(name))
            {
                found = member.Value;
            }
        }

        return found;
    }

    /// <summary>Walks plain names downward: <c>Path("spec"u8, "nodeName"u8)</c>. Arrays end the walk.</summary>
    public JsonValue Member(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) => Member(first).Member(second);

    /// <inheritdoc />
    public override string ToString() => AsString() ?? Kind.ToString();
}
