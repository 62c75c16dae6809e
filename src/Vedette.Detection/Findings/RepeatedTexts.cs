using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Numerics;
using System.Text;
using Vedette.Audit.Json;

namespace Vedette.Detection.Findings;

/// <summary>
/// Texts taken out of events, each made once as long as it keeps its place: users, verbs, resources and programs are the same in thousands of matches. Bounded; a text drives out the one that had its
/// place. One set per thread.
/// </summary>
internal sealed class RepeatedTexts
{
    /// <summary>Most texts, and most lists of texts, per thread; a power of two.</summary>
    private const int MaxTexts = 1024;

    /// <summary>Longest text kept, in bytes; longer ones hardly repeat.</summary>
    private const int MaxLength = 256;

    [ThreadStatic]
    private static RepeatedTexts? t_instance;

    private readonly string?[] _texts = new string?[MaxTexts];
    private readonly (byte[] Raw, ImmutableArray<string> Texts)[] _lists = new (byte[], ImmutableArray<string>)[MaxTexts];

    private RepeatedTexts()
    {
    }

    /// <summary>Those of the calling thread.</summary>
    public static RepeatedTexts Instance => t_instance ??= new RepeatedTexts();

    /// <summary>A text.</summary>
    public string Of(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > MaxLength)
        {
            return Encoding.UTF8.GetString(utf8);
        }

        ref string? kept = ref _texts[PlaceOf(utf8)];
        return kept is not null && Ascii.Equals(utf8, kept) ? kept : kept = Encoding.UTF8.GetString(utf8);
    }

    /// <summary>A value's text, escapes resolved; null for null and missing.</summary>
    public string? Of(JsonValue value) => value.IsEscaped || value.Kind is JsonKind.Missing or JsonKind.Null ? value.AsString() : Of(value.Raw);

    /// <summary>What was made of a list that is written so; null when it is not known.</summary>
    /// <param name="raw">The list's bytes in the event.</param>
    public ImmutableArray<string>? ListOf(ReadOnlySpan<byte> raw) =>
        raw.Length <= MaxLength && _lists[PlaceOf(raw)] is { Raw: { } kept, Texts: var texts } && raw.SequenceEqual(kept) ? texts : null;

    /// <summary>Keeps what was made of a list.</summary>
    public void Keep(ReadOnlySpan<byte> raw, ImmutableArray<string> texts)
    {
        if (raw.Length <= MaxLength)
        {
            _lists[PlaceOf(raw)] = (raw.ToArray(), texts);
        }
    }

    /// <summary>The place of a text. Whoever makes up texts that have the same gains nothing: they drive each other out.</summary>
    private static int PlaceOf(ReadOnlySpan<byte> bytes)
    {
        // Words, each mixed in by a multiplication with an odd number, the golden ratio's fraction.
        const ulong Factor = 0x9E37_79B9_7F4A_7C15;
        ulong hash = (ulong)bytes.Length;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
        {
            hash = (BitOperations.RotateLeft(hash, 29) ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes)) * Factor;
        }

        ulong rest = 0;
        foreach (byte value in bytes)
        {
            rest = rest << 8 | value;
        }

        return (int)((BitOperations.RotateLeft(hash, 29) ^ rest) * Factor >> 40) & (MaxTexts - 1);
    }
}
