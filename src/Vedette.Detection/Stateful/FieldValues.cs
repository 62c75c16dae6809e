using System.Buffers;
using System.Collections.Immutable;
using Vedette.Detection.Packing;

namespace Vedette.Detection.Stateful;

/// <summary>The values of some fields of an event, packed: many matches wait for their place in order with them. The names of the fields are those of all matches of the same rules.</summary>
public sealed class FieldValues
{
    private readonly ImmutableArray<string> _fields;
    private readonly byte[] _packed;

    internal FieldValues(ImmutableArray<string> fields, ReadOnlySpan<byte> packed) => (_fields, _packed) = (fields, packed.ToArray());

    /// <summary>Bytes that they take.</summary>
    internal int Size => 32 + StateMemory.SizeOf(_packed);

    /// <summary>Packs values.</summary>
    public static FieldValues Of(params ReadOnlySpan<FieldTexts> values)
    {
        ArrayBufferWriter<byte> packed = new();
        PackedWriter writer = new(packed);
        ImmutableArray<string>.Builder fields = ImmutableArray.CreateBuilder<string>(values.Length);
        foreach (FieldTexts texts in values)
        {
            fields.Add(texts.Field);
            writer.Texts(texts.Values);
        }

        return new FieldValues(fields.MoveToImmutable(), packed.WrittenSpan);
    }

    /// <summary>Unpacks the values in place of those that were there.</summary>
    internal void Unpack(UnpackedValues into)
    {
        into.Clear();
        PackedReader reader = new(_packed);
        foreach (string field in _fields)
        {
            into.BeginField(field);
            for (int left = reader.Count(); left > 0; left--)
            {
                into.Add(reader.Text());
            }
        }
    }
}

/// <summary>A field's values as texts, exact: numbers and booleans as written, objects as compact JSON.</summary>
/// <param name="Field">Name of the field as the rule writes it.</param>
/// <param name="Values">The values, each once; those of an array each by itself.</param>
public readonly record struct FieldTexts(string Field, ImmutableArray<string> Values);
