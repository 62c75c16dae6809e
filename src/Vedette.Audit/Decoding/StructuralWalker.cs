using System.Buffers;
using System.Runtime.CompilerServices;
using Vedette.Audit.Events;
using Vedette.Audit.Json;

namespace Vedette.Audit.Decoding;

/// <summary>
/// The second pass over an event: goes through the members of the event and of the objects the catalogue knows, in whatever order they come, and steps over
/// every other value by its positions in the <see cref="StructuralIndex"/>. Where it goes it checks the grammar; of what it steps over only strings and the
/// balance of braces and brackets. Of members with the same name the last one wins, with all that belongs to it.
/// </summary>
internal ref struct StructuralWalker
{
    private static readonly SearchValues<byte> s_scalarEnds = SearchValues.Create(" \t\r\n,:{}[]\""u8);

    private readonly ReadOnlySpan<byte> _json;
    private readonly ReadOnlySpan<uint> _marks;
    private readonly Span<JsonRange> _fields;
    private readonly FieldSet _wanted;
    private DecodeStatus _status;
    private int _mark;
    private int _at;

    private StructuralWalker(ReadOnlySpan<byte> json, ReadOnlySpan<uint> marks, FieldSet wanted, Span<JsonRange> fields)
    {
        _json = json;
        _marks = marks;
        _wanted = wanted;
        _fields = fields;
    }

    /// <summary>True when a member's name or shape keeps the catalogue from telling everything; see <see cref="EventView.IsIrregular"/>.</summary>
    private bool _irregular;

    /// <summary>Locates the wanted fields of one JSON object.</summary>
    public static DecodeStatus Walk(
        ReadOnlySpan<byte> json, ReadOnlySpan<uint> marks, FieldSet wanted, Span<JsonRange> fields, out EventView view)
    {
        StructuralWalker walker = new(json, marks, wanted, fields);
        DecodeStatus status = walker.WalkEvent();
        view = status == DecodeStatus.Ok ? new EventView(json, fields, walker._irregular) : default;
        return status;
    }

    private DecodeStatus WalkEvent()
    {
        SkipWhiteSpace();
        if (_at >= _json.Length)
        {
            return DecodeStatus.Empty;
        }

        if (_json[_at] != '{')
        {
            return new JsonScanner(_json).TryReadValue(out _) ? DecodeStatus.NotAnObject : DecodeStatus.Malformed;
        }

        if (!WalkObject(FieldTable.Root))
        {
            return _status;
        }

        SkipWhiteSpace();
        return _at == _json.Length ? DecodeStatus.Ok : DecodeStatus.Malformed;
    }

    /// <summary>Stands on the opening brace; ends after the closing one.</summary>
    private bool WalkObject(FieldTable table)
    {
        _mark++;
        _at++;
        SkipWhiteSpace();
        if (_at < _json.Length && _json[_at] == '}')
        {
            _mark++;
            _at++;
            return true;
        }

        FieldSet seen = FieldSet.None;
        int expected = 0;
        while (true)
        {
            if (!TryReadName(out ReadOnlySpan<byte> name))
            {
                return false;
            }

            int found = Find(table, name, expected);
            if (found < 0)
            {
                _irregular |= !table.IsMap && name.Contains((byte)'.');
                if (!TryReadValue(out JsonRange unknown))
                {
                    return false;
                }

                _irregular |= table.IsMap && unknown.Kind is JsonKind.Object or JsonKind.Array;
            }
            else
            {
                expected = found + 1;
                if (!WalkMember(table[found], ref seen))
                {
                    return false;
                }
            }

            SkipWhiteSpace();
            if (_at >= _json.Length)
            {
                return Fail(DecodeStatus.Truncated);
            }

            byte next = _json[_at];
            if (next == '}')
            {
                _mark++;
                _at++;
                return true;
            }

            if (next != ',')
            {
                return Fail(DecodeStatus.Malformed);
            }

            _at++;
            SkipWhiteSpace();
        }
    }

    private bool WalkMember(FieldTable.Entry entry, ref FieldSet seen)
    {
        if (seen.Intersects(entry.Self))
        {
            foreach (AuditField descendant in entry.Descendants)
            {
                _fields[(int)descendant] = default;
            }
        }

        seen |= entry.Self;
        int start = _at;
        if (entry.Children is null || _at >= _json.Length || _json[_at] != '{' || !_wanted.Intersects(entry.WithDescendants))
        {
            if (!TryReadValue(out JsonRange value))
            {
                return false;
            }

            // An array where Kubernetes has an object: readers by path look into arrays, the catalogue does not.
            _irregular |= value.Kind == JsonKind.Array && entry.Children is not null;
            Set(entry.Field, value);
            return true;
        }

        if (_mark >= _marks.Length || _marks[_mark] != (uint)_at)
        {
            return Fail(DecodeStatus.Malformed);
        }

        if (!WalkObject(entry.Children))
        {
            return false;
        }

        Set(entry.Field, new JsonRange(start, _at - start, JsonKind.Object));
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Set(AuditField field, JsonRange value)
    {
        if (_wanted.Contains(field))
        {
            _fields[(int)field] = value;
        }
    }

    private static int Find(FieldTable table, ReadOnlySpan<byte> name, int expected)
    {
        int found = table.Find(name, expected);
        if (found >= 0 || !name.Contains((byte)'\\'))
        {
            return found;
        }

        // "\u0076erb" is "verb": an escape must not hide a field.
        byte[] rented = ArrayPool<byte>.Shared.Rent(name.Length);
        found = table.Find(rented.AsSpan(0, JsonText.Unescape(name, rented)), expected);
        ArrayPool<byte>.Shared.Return(rented);
        return found;
    }

    /// <summary>Reads a name and its colon; ends on the first byte of the value.</summary>
    private bool TryReadName(out ReadOnlySpan<byte> name)
    {
        name = default;
        if (_mark + 1 >= _marks.Length)
        {
            return Fail(_at >= _json.Length || _json[_at] == '"' ? DecodeStatus.Truncated : DecodeStatus.Malformed);
        }

        int open = (int)_marks[_mark];
        if (open != _at || _json[open] != '"')
        {
            return Fail(DecodeStatus.Malformed);
        }

        int close = (int)_marks[_mark + 1];
        name = _json[(open + 1)..close];
        _mark += 2;
        _at = close + 1;
        SkipWhiteSpace();
        if (_at >= _json.Length)
        {
            return Fail(DecodeStatus.Truncated);
        }

        if (_json[_at] != ':')
        {
            return Fail(DecodeStatus.Malformed);
        }

        _at++;
        SkipWhiteSpace();
        return true;
    }

    /// <summary>Reads or steps over the value that stands here.</summary>
    private bool TryReadValue(out JsonRange value)
    {
        value = default;
        if (_at >= _json.Length)
        {
            return Fail(DecodeStatus.Truncated);
        }

        int start = _at;
        switch (_json[start])
        {
            case (byte)'"':
                if (_mark + 1 >= _marks.Length || _marks[_mark] != (uint)start)
                {
                    return Fail(_mark + 1 >= _marks.Length ? DecodeStatus.Truncated : DecodeStatus.Malformed);
                }

                int close = (int)_marks[_mark + 1];
                _mark += 2;
                _at = close + 1;
                value = new JsonRange(start + 1, close - start - 1, JsonKind.String);
                return true;
            case (byte)'{':
                return TrySkipContainer(start, JsonKind.Object, out value);
            case (byte)'[':
                return TrySkipContainer(start, JsonKind.Array, out value);
            default:
                return TryReadScalar(start, out value);
        }
    }

    private bool TrySkipContainer(int start, JsonKind kind, out JsonRange value)
    {
        value = default;
        int depth = 0;
        int mark = _mark;
        while (mark < _marks.Length)
        {
            int at = (int)_marks[mark];
            switch (_json[at])
            {
                case (byte)'"':
                    mark += 2;
                    break;
                case (byte)'{' or (byte)'[':
                    depth++;
                    mark++;
                    break;
                default:
                    depth--;
                    mark++;
                    if (depth == 0)
                    {
                        _mark = mark;
                        _at = at + 1;
                        value = new JsonRange(start, _at - start, kind);
                        return true;
                    }

                    break;
            }
        }

        return Fail(DecodeStatus.Truncated);
    }

    private bool TryReadScalar(int start, out JsonRange value)
    {
        ReadOnlySpan<byte> rest = _json[start..];
        int length = rest.IndexOfAny(s_scalarEnds);
        if (length < 0)
        {
            length = rest.Length;
        }

        JsonKind kind = JsonScalar.KindOf(rest[..length]);
        value = new JsonRange(start, length, kind);
        _at = start + length;
        if (kind != JsonKind.Missing)
        {
            return true;
        }

        return Fail(length == rest.Length ? DecodeStatus.Truncated : DecodeStatus.Malformed);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void SkipWhiteSpace()
    {
        while (_at < _json.Length && _json[_at] <= ' ')
        {
            if (_json[_at] is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'))
            {
                return;
            }

            _at++;
        }
    }

    private bool Fail(DecodeStatus status)
    {
        _status = status;
        return false;
    }
}
