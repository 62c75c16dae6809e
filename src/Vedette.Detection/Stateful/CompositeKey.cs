using System.Globalization;

namespace Vedette.Detection.Stateful;

/// <summary>One text for several, different for different ones: each behind its length; the only one as it is. Its room is used again, so that looking something up costs no allocation.</summary>
internal sealed class CompositeKey
{
    /// <summary>Most characters of a number and the colon behind it.</summary>
    private const int MaxLengthText = 11;

    private char[] _text = new char[256];
    private int _length;

    /// <summary>What was appended.</summary>
    public ReadOnlySpan<char> Text => _text.AsSpan(0, _length);

    /// <summary>The key of texts, to be kept.</summary>
    public static string Of(params ReadOnlySpan<string> texts)
    {
        if (texts.Length == 1)
        {
            return texts[0];
        }

        CompositeKey key = new();
        return key.Join(texts).ToString();
    }

    /// <summary>The key of texts.</summary>
    /// <returns>Good until something is appended or joined.</returns>
    public ReadOnlySpan<char> Join(ReadOnlySpan<string> texts)
    {
        if (texts.Length == 1)
        {
            return texts[0];
        }

        Clear();
        foreach (string text in texts)
        {
            Append(text);
        }

        return Text;
    }

    /// <summary>Begins anew.</summary>
    public void Clear() => _length = 0;

    /// <summary>Appends a text behind its length.</summary>
    public void Append(ReadOnlySpan<char> text)
    {
        AppendNumber(text.Length);
        AppendPlain(text);
    }

    /// <summary>Appends a text as it is.</summary>
    public void AppendPlain(ReadOnlySpan<char> text)
    {
        MakeRoom(text.Length);
        text.CopyTo(_text.AsSpan(_length));
        _length += text.Length;
    }

    /// <summary>Appends texts, each behind its length, and all of them behind theirs.</summary>
    public void AppendAll(ReadOnlySpan<string> texts)
    {
        int length = 0;
        foreach (string text in texts)
        {
            length += Digits(text.Length) + 1 + text.Length;
        }

        AppendNumber(length);
        foreach (string text in texts)
        {
            Append(text);
        }
    }

    /// <summary>Appends a number and a colon.</summary>
    public void AppendNumber(int number)
    {
        MakeRoom(MaxLengthText);
        number.TryFormat(_text.AsSpan(_length), out int digits, default, CultureInfo.InvariantCulture);
        _length += digits;
        _text[_length++] = ':';
    }

    private static int Digits(int number)
    {
        int digits = 1;
        for (; number >= 10; number /= 10)
        {
            digits++;
        }

        return digits;
    }

    private void MakeRoom(int length)
    {
        if (_text.Length - _length < length)
        {
            Array.Resize(ref _text, Math.Max(2 * _text.Length, _length + length));
        }
    }
}
