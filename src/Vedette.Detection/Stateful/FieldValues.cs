using System.Buffers;
using System.Collections.Immutable;
using Vedette.Detection.Packing;

namespace Vedette.Detection.Stateful;

/// <summary>The values of some fields of an event, packed: many matches wait for their place in order with them.</summary>
public sealed class FieldValues
{
    private readonly byte[] _packed;

    internal FieldValues(ReadOnlySpan<byte> packed) => _packed = packed.ToArray();

    /// <summary>Bytes that they take.</summary>
    internal int Size => 24 + StateMemory.SizeOf(_packed);

    /// <summary>Packs values.</summary>
    public static FieldValues Of(params ReadOnlySpan<FieldTexts> values)
    {
        ArrayBufferWriter<byte> packed = new();
        PackedWriter writer = new(packed);
        writer.Number(values.Length);
        foreach (FieldTexts texts in values)
        {
            writer.Text(texts.Field);
            writer.Texts(texts.Values);
        }

        return new FieldValues(packed.WrittenSpan);
    }

    /// <summary>The values, field by field.</summary>
    public ImmutableArray<FieldTexts> Unpack()
    {
        PackedReader reader = new(_packed);
        ImmutableArray<FieldTexts>.Builder values = ImmutableArray.CreateBuilder<FieldTexts>(reader.Count());
        for (int i = 0; i < values.Capacity; i++)
        {
            values.Add(new FieldTexts(reader.Text(), reader.Texts()));
        }

        return values.MoveToImmutable();
    }
}

/// <summary>A field's values as texts, exact: numbers and booleans as written, objects as compact JSON.</summary>
/// <param name="Field">Name of the field as the rule writes it.</param>
/// <param name="Values">The values, each once; those of an array each by itself.</param>
public readonly record struct FieldTexts(string Field, ImmutableArray<string> Values);
