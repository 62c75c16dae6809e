using System.Buffers.Binary;
using System.Collections.Immutable;
using Vedette.Detection.Findings;

namespace Vedette.Detection.Packing;

/// <summary>Reads what <see cref="PackedWriter"/> wrote.</summary>
/// <param name="bytes">The bytes.</param>
/// <exception cref="InvalidDataException">From every member: it is damaged, or something else stands there.</exception>
internal ref struct PackedReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _left = bytes;

    /// <summary>What was not read yet.</summary>
    public readonly ReadOnlySpan<byte> Left => _left;

    /// <summary>Reads true or false.</summary>
    public bool Flag() => Byte() switch
    {
        0 => false,
        1 => true,
        _ => throw new InvalidDataException("neither true nor false"),
    };

    /// <summary>Reads one byte.</summary>
    public byte Byte() => Take(1)[0];

    /// <summary>Reads a number.</summary>
    public long Number()
    {
        ulong value = 0;
        for (int i = 0; i < _left.Length && i < 10; i++)
        {
            value |= (ulong)(_left[i] & 0x7F) << (7 * i);
            if (_left[i] < 0x80)
            {
                _left = _left[(i + 1)..];
                return (long)(value >> 1) ^ -(long)(value & 1);
            }
        }

        throw new InvalidDataException("a number that does not end");
    }

    /// <summary>Reads a number that an <see cref="int"/> holds.</summary>
    public int Small() => Number() is var number and >= int.MinValue and <= int.MaxValue ? (int)number : throw new InvalidDataException("a number out of range");

    /// <summary>Reads how many things follow, of which each has one byte at least.</summary>
    public int Count() => Number() is var number && number >= 0 && number <= _left.Length ? (int)number : throw new InvalidDataException("more than there are bytes");

    /// <summary>Reads a time that can be told, in ticks of 100 ns since the year 1.</summary>
    public long Ticks() => Number() is var ticks && ticks >= 0 && ticks <= DateTime.MaxValue.Ticks ? ticks : throw new InvalidDataException("a time out of range");

    /// <summary>Reads 128 bits.</summary>
    public UInt128 Identity() => BinaryPrimitives.ReadUInt128LittleEndian(Take(16));

    /// <summary>Reads 128 bits, or that there are none.</summary>
    public UInt128? IdentityOrNull() => Flag() ? Identity() : null;

    /// <summary>Reads bytes behind their number.</summary>
    public ReadOnlySpan<byte> Bytes() => Take(Count());

    /// <summary>Reads a text.</summary>
    public string Text() => RepeatedTexts.Instance.Of(Bytes());

    /// <summary>Reads a text, or that there is none.</summary>
    public string? TextOrNull() => Number() switch
    {
        -1 => null,
        var length and >= 0 when length <= _left.Length => RepeatedTexts.Instance.Of(Take((int)length)),
        _ => throw new InvalidDataException("a text longer than there are bytes"),
    };

    /// <summary>Reads texts behind their number.</summary>
    public ImmutableArray<string> Texts()
    {
        string[] texts = new string[Count()];
        for (int i = 0; i < texts.Length; i++)
        {
            texts[i] = Text();
        }

        return System.Runtime.InteropServices.ImmutableCollectionsMarshal.AsImmutableArray(texts);
    }

    /// <summary>Passes over a text, or that there is none.</summary>
    public void SkipText()
    {
        if (Number() is var length and not -1)
        {
            Take(length >= 0 && length <= _left.Length ? (int)length : throw new InvalidDataException("a text longer than there are bytes"));
        }
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _left.Length)
        {
            throw new InvalidDataException("it ends too early");
        }

        ReadOnlySpan<byte> taken = _left[..length];
        _left = _left[length..];
        return taken;
    }
}
