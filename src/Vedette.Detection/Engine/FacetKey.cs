using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Vedette.Audit.Events;
using Vedette.Audit.Json;

namespace Vedette.Detection.Engine;

/// <summary>The values of a facet's fields as one text that is different for different ones. One per thread.</summary>
internal sealed class FacetKey
{
    // Values are copied in whole blocks, so what is copied may be longer than what is kept.
    private const int BlockSize = 16;

    private readonly byte[] _bytes = new byte[FacetMemory.MaxKeyLength + BlockSize];

    /// <summary>Reads the values of an event's fields.</summary>
    /// <param name="fields">The fields.</param>
    /// <param name="view">The event.</param>
    /// <param name="kind">Of a single field, what its value is; belongs to the text.</param>
    /// <param name="text">The text, good until the next one is read.</param>
    /// <returns>False when they are longer than <see cref="FacetMemory.MaxKeyLength"/>.</returns>
    public bool TryRead(AuditField[] fields, in EventView view, out int kind, out ReadOnlySpan<byte> text)
    {
        if (fields is [var single])
        {
            JsonRange value = view.RangeOf(single);
            kind = (int)value.Kind;
            text = view.Json.Slice(value.Start, value.Length);
            return value.Length <= FacetMemory.MaxKeyLength;
        }

        kind = 0;
        return TryJoin(fields, view, out text);
    }

    private bool TryJoin(AuditField[] fields, in EventView view, out ReadOnlySpan<byte> text)
    {
        text = default;
        int length = 0;
        foreach (AuditField field in fields)
        {
            JsonRange value = view.RangeOf(field);
            if (length + value.Length + sizeof(int) > FacetMemory.MaxKeyLength)
            {
                return false;
            }

            // Kind and length first, so that no two combinations are written alike.
            MemoryMarshal.Write(_bytes.AsSpan(length), (int)value.Kind << 16 | value.Length);
            length += sizeof(int);
            Copy(view.Json, value, _bytes.AsSpan(length));
            length += value.Length;
        }

        text = _bytes.AsSpan(0, length);
        return true;
    }

    private static void Copy(ReadOnlySpan<byte> json, JsonRange value, Span<byte> to)
    {
        // Not at the event's very end: whole blocks, without a call.
        if (value.Start + value.Length > json.Length - BlockSize)
        {
            json.Slice(value.Start, value.Length).CopyTo(to);
            return;
        }

        ref byte source = ref Unsafe.Add(ref MemoryMarshal.GetReference(json), value.Start);
        for (int at = 0; at < value.Length; at += BlockSize)
        {
            Vector128.LoadUnsafe(ref source, (nuint)at).CopyTo(to[at..]);
        }
    }
}
