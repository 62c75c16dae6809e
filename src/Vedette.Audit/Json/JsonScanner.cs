using System.Buffers;
using System.Runtime.CompilerServices;
using Vedette.Audit.Blocks;

namespace Vedette.Audit.Json;

/// <summary>
/// A forward cursor over JSON bytes: reads one value after the other and skips nested ones without recursion, so any depth of
/// nesting costs time but no stack. Grammar inside skipped containers is checked for balance and strings only.
/// </summary>
public ref struct JsonScanner
{
    private static readonly SearchValues<byte> s_scalarEnds = SearchValues.Create(" \t\r\n,:{}[]\""u8);

    // May go on behind what is read, so that blocks at its end can be taken whole.
    private readonly ReadOnlySpan<byte> _json;
    private readonly int _limit;
    private int _at;

    /// <summary>Starts at the first byte.</summary>
    public JsonScanner(ReadOnlySpan<byte> json)
    {
        _json = json;
        _limit = json.Length;
        _at = 0;
    }

    /// <summary>Starts at the first byte of a value.</summary>
    public JsonScanner(JsonValue value)
    {
        _json = value.WithWhatFollows;
        _limit = value.Raw.Length;
        _at = 0;
    }

    /// <summary>The next byte to be read, from the start.</summary>
    public readonly int Position => _at;

    /// <summary>Skips white space and reads one value of any kind; false at the end or when what follows is not JSON.</summary>
    public bool TryReadValue(out JsonValue value)
    {
        value = default;
        SkipWhiteSpace();
        if ((uint)_at >= (uint)_limit)
        {
            return false;
        }

        switch (_json[_at])
        {
            case (byte)'"':
                return TryReadString(out value);
            case (byte)'{':
                return TryReadContainer(JsonKind.Object, out value);
            case (byte)'[':
                return TryReadContainer(JsonKind.Array, out value);
            default:
                return TryReadScalar(out value);
        }
    }

    /// <summary>Steps over white space, commas and brackets.</summary>
    public void SkipBetweenElements()
    {
        while ((uint)_at < (uint)_limit && _json[_at] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' or (byte)',' or (byte)'[' or (byte)']')
        {
            _at++;
        }
    }

    /// <summary>What is read from a place on.</summary>
    internal readonly ReadOnlySpan<byte> From(int place) => _json[place.._limit];

    /// <summary>Steps over what stands before the next element of a container: its opening bracket, or a comma.</summary>
    /// <returns>False at the container's end.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryEnterNext(ref bool started, byte open, byte close)
    {
        SkipWhiteSpace();
        if (started)
        {
            return Steps((byte)',');
        }

        started = Steps(open);
        if (!started)
        {
            return false;
        }

        SkipWhiteSpace();
        return (uint)_at < (uint)_limit && _json[_at] != close;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Steps(byte over)
    {
        bool isThere = (uint)_at < (uint)_limit && _json[_at] == over;
        _at += isThere ? 1 : 0;
        return isThere;
    }

    internal bool TryReadName(out JsonValue name)
    {
        name = default;
        SkipWhiteSpace();
        if ((uint)_at >= (uint)_limit || _json[_at] != '"' || !TryReadString(out name))
        {
            return false;
        }

        SkipWhiteSpace();
        if ((uint)_at >= (uint)_limit || _json[_at] != ':')
        {
            return false;
        }

        _at++;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void SkipWhiteSpace()
    {
        // One comparison where there is none, as between nearly all tokens.
        if ((uint)_at >= (uint)_limit || _json[_at] <= ' ')
        {
            SkipWhiteSpaceSlowly();
        }
    }

    private void SkipWhiteSpaceSlowly()
    {
        while ((uint)_at < (uint)_limit && _json[_at] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
        {
            _at++;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryReadString(out JsonValue text)
    {
        int start = _at + 1;
        int end = BlockScan.StringEnd(_json, start, _limit, out bool isEscaped);
        if (end >= _limit)
        {
            text = default;
            return false;
        }

        text = new JsonValue(_json[start..end], JsonKind.String, isEscaped, _json.Length - end);
        _at = end + 1;
        return true;
    }

    private bool TryReadContainer(JsonKind kind, out JsonValue value)
    {
        int start = _at;
        int end = BlockScan.ContainerEnd(_json, start, _limit);
        if (end >= _limit)
        {
            _at = _limit;
            value = default;
            return false;
        }

        _at = end + 1;
        value = new JsonValue(_json[start.._at], kind, isEscaped: false, _json.Length - _at);
        return true;
    }

    private bool TryReadScalar(out JsonValue value)
    {
        ReadOnlySpan<byte> rest = _json[_at.._limit];
        int length = rest.IndexOfAny(s_scalarEnds);
        ReadOnlySpan<byte> text = length < 0 ? rest : rest[..length];
        JsonKind kind = JsonScalar.KindOf(text);
        value = new JsonValue(text, kind);
        _at += text.Length;
        return kind != JsonKind.Missing;
    }
}
