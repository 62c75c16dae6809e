using System.Buffers;

namespace Vedette.Audit.Json;

/// <summary>
/// A forward cursor over JSON bytes: reads one value after the other and skips nested ones without recursion, so any depth of
/// nesting costs time but no stack. Grammar inside skipped containers is checked for balance and strings only.
/// </summary>
public ref struct JsonScanner
{
    private static readonly SearchValues<byte> s_containerMarks = SearchValues.Create("\"{}[]"u8);
    private static readonly SearchValues<byte> s_scalarEnds = SearchValues.Create(" \t\r\n,:{}[]\""u8);

    private readonly ReadOnlySpan<byte> _json;
    private int _at;

    /// <summary>Starts at the first byte.</summary>
    public JsonScanner(ReadOnlySpan<byte> json)
    {
        _json = json;
        _at = 0;
    }

    /// <summary>The next byte to be read, from the start.</summary>
    public readonly int Position => _at;

    /// <summary>Skips white space and reads one value of any kind; false at the end or when what follows is not JSON.</summary>
    public bool TryReadValue(out JsonValue value)
    {
        value = default;
        SkipWhiteSpace();
        if ((uint)_at >= (uint)_json.Length)
        {
            return false;
        }

        switch (_json[_at])
        {
            case (byte)'"':
                if (!TryReadString(out ReadOnlySpan<byte> text))
                {
                    return false;
                }

                value = new JsonValue(text, JsonKind.String);
                return true;
            case (byte)'{':
                return TryReadContainer(JsonKind.Object, out value);
            case (byte)'[':
                return TryReadContainer(JsonKind.Array, out value);
            default:
                return TryReadScalar(out value);
        }
    }

    internal bool TryEnterNext(ref bool started, byte open, byte close)
    {
        SkipWhiteSpace();
        if ((uint)_at >= (uint)_json.Length)
        {
            return false;
        }

        byte next = _json[_at];
        if (!started)
        {
            if (next != open)
            {
                return false;
            }

            started = true;
            _at++;
            SkipWhiteSpace();
            return (uint)_at < (uint)_json.Length && _json[_at] != close;
        }

        if (next != ',')
        {
            return false;
        }

        _at++;
        return true;
    }

    internal bool TryReadName(out ReadOnlySpan<byte> name)
    {
        name = default;
        SkipWhiteSpace();
        if ((uint)_at >= (uint)_json.Length || _json[_at] != '"' || !TryReadString(out name))
        {
            return false;
        }

        SkipWhiteSpace();
        if ((uint)_at >= (uint)_json.Length || _json[_at] != ':')
        {
            return false;
        }

        _at++;
        return true;
    }

    private void SkipWhiteSpace()
    {
        while ((uint)_at < (uint)_json.Length && _json[_at] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
        {
            _at++;
        }
    }

    private bool TryReadString(out ReadOnlySpan<byte> text)
    {
        int start = _at + 1;
        int from = start;
        while (true)
        {
            int found = _json[from..].IndexOfAny((byte)'"', (byte)'\\');
            if (found < 0)
            {
                text = default;
                return false;
            }

            from += found;
            if (_json[from] == '"')
            {
                text = _json[start..from];
                _at = from + 1;
                return true;
            }

            from += 2;
            if (from > _json.Length)
            {
                text = default;
                return false;
            }
        }
    }

    private bool TryReadContainer(JsonKind kind, out JsonValue value)
    {
        int start = _at;
        long depth = 0;
        while (true)
        {
            int found = _json[_at..].IndexOfAny(s_containerMarks);
            if (found < 0)
            {
                value = default;
                return false;
            }

            _at += found;
            switch (_json[_at])
            {
                case (byte)'"':
                    if (!TryReadString(out _))
                    {
                        value = default;
                        return false;
                    }

                    break;
                case (byte)'{' or (byte)'[':
                    depth++;
                    _at++;
                    break;
                default:
                    _at++;
                    if (--depth == 0)
                    {
                        value = new JsonValue(_json[start.._at], kind);
                        return true;
                    }

                    break;
            }
        }
    }

    private bool TryReadScalar(out JsonValue value)
    {
        ReadOnlySpan<byte> rest = _json[_at..];
        int length = rest.IndexOfAny(s_scalarEnds);
        ReadOnlySpan<byte> text = length < 0 ? rest : rest[..length];
        JsonKind kind = JsonScalar.KindOf(text);
        value = new JsonValue(text, kind);
        _at += text.Length;
        return kind != JsonKind.Missing;
    }
}
