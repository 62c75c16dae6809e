using System.Buffers;
using System.Collections.Immutable;
using Vedette.Detection.Packing;

namespace Vedette.Detection.Stateful;

/// <summary>The values of some fields of an event, packed: many matches wait for their place in order with them. The names of the fields are those of all matches of the same rules.</summary>
public readonly record struct FieldValues
{
    private readonly byte[] _block;
    private readonly int _start;
    private readonly int _length;

    /// <summary>Values that are packed in a block.</summary>
    /// <param name="fields">The names of the fields.</param>
    /// <param name="block">The block, which is not copied.</param>
    /// <param name="start">Where they begin.</param>
    /// <param name="length">How long they are.</param>
    internal FieldValues(ImmutableArray<string> fields, byte[] block, int start, int length) => (Fields, _block, _start, _length) = (fields, block, start, length);

    /// <summary>The names of the fields.</summary>
    internal ImmutableArray<string> Fields { get; }

    /// <summary>The packed values.</summary>
    internal ReadOnlySpan<byte> Packed => _block.AsSpan(_start, _length);

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

        return new FieldValues(fields.MoveToImmutable(), packed.WrittenSpan.ToArray(), 0, packed.WrittenCount);
    }

    /// <summary>Unpacks the values in place of those that were there.</summary>
    internal void Unpack(UnpackedValues into)
    {
        into.Clear();
        PackedReader reader = new(Packed);
        foreach (string field in Fields)
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
