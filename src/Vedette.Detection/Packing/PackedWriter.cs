using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;

namespace Vedette.Detection.Packing;

/// <summary>
/// Writes what is remembered as bytes without names: numbers seven bits a byte, texts as UTF-8 behind their length. <see cref="PackedReader"/> reads it. Who writes texts from .NET strings must know that they
/// are whole Unicode; lone surrogates become U+FFFD.
/// </summary>
/// <param name="to">Gets the bytes.</param>
internal readonly struct PackedWriter(IBufferWriter<byte> to)
{
    /// <summary>Most bytes of a number.</summary>
    private const int MaxNumberLength = 10;

    /// <summary>Writes true or false.</summary>
    public void Flag(bool value) => Byte(value ? (byte)1 : (byte)0);

    /// <summary>Writes one byte.</summary>
    public void Byte(byte value)
    {
        to.GetSpan(1)[0] = value;
        to.Advance(1);
    }

    /// <summary>Writes a number; those near zero are short.</summary>
    public void Number(long value)
    {
        Span<byte> into = to.GetSpan(MaxNumberLength);
        int length = 0;
        ulong left = (ulong)((value << 1) ^ (value >> 63));
        while (left >= 0x80)
        {
            into[length++] = (byte)(left | 0x80);
            left >>= 7;
        }

        into[length++] = (byte)left;
        to.Advance(length);
    }

    /// <summary>Writes 128 bits.</summary>
    public void Identity(UInt128 value)
    {
        BinaryPrimitives.WriteUInt128LittleEndian(to.GetSpan(16), value);
        to.Advance(16);
    }

    /// <summary>Writes 128 bits, or that there are none.</summary>
    public void Identity(UInt128? value)
    {
        Flag(value is not null);
        if (value is { } known)
        {
            Identity(known);
        }
    }

    /// <summary>Writes bytes behind their number.</summary>
    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        Number(bytes.Length);
        Raw(bytes);
    }

    /// <summary>Writes bytes that are packed already, as they are.</summary>
    public void Raw(ReadOnlySpan<byte> bytes) => to.Write(bytes);

    /// <summary>Writes a text in UTF-8.</summary>
    public void Text(ReadOnlySpan<byte> utf8) => Bytes(utf8);

    /// <summary>Writes a text, or that there is none.</summary>
    public void Text(string? text)
    {
        if (text is null)
        {
            Null();
            return;
        }

        int length = Encoding.UTF8.GetByteCount(text);
        Number(length);
        Encoding.UTF8.GetBytes(text, to.GetSpan(length));
        to.Advance(length);
    }

    /// <summary>Writes that there is no text.</summary>
    public void Null() => Number(-1);

    /// <summary>Writes texts behind their number.</summary>
    public void Texts(ImmutableArray<string> texts)
    {
        Number(texts.Length);
        foreach (string text in texts)
        {
            Text(text);
        }
    }
}
