using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Vedette.Audit.Blocks;
using Vedette.Audit.Events;
using Vedette.Audit.Json;

namespace Vedette.Audit.Decoding;

/// <summary>
/// Reads an event whatever the order of its members and the white space between them: goes through the members of the event and of the objects the catalogue knows, and steps over
/// every other value by its end (<see cref="BlockScan{TKernel}"/>), at any depth and without recursion. Where it goes it checks the grammar; of what it steps over only strings and the
/// balance of braces and brackets. Of members with the same name the last one wins, with all that belongs to it.
/// </summary>
/// <remarks>The methods take a place in the text and return the place after what they read, or <see cref="Failed"/>.</remarks>
internal ref struct EventWalker<TKernel>
    where TKernel : IBlockKernel
{
    private const int Failed = -1;

    private readonly ReadOnlySpan<byte> _json;
    private readonly Span<JsonRange> _fields;
    private readonly FieldSet _wanted;
    private DecodeStatus _status;

    /// <summary>True when a member's name or shape keeps the catalogue from telling everything; see <see cref="EventView.IsIrregular"/>.</summary>
    private bool _irregular;

    private EventWalker(ReadOnlySpan<byte> json, FieldSet wanted, Span<JsonRange> fields)
    {
        _json = json;
        _wanted = wanted;
        _fields = fields;
    }

    /// <summary>Locates the wanted fields of one JSON object.</summary>
    /// <param name="json">The object; white space may stand around it.</param>
    /// <param name="wanted">The fields to locate.</param>
    /// <param name="fields">Empty ranges, one more than there are fields: in the last one is what was found and nobody asked for.</param>
    /// <param name="view">The event.</param>
    public static DecodeStatus Walk(ReadOnlySpan<byte> json, FieldSet wanted, Span<JsonRange> fields, out EventView view)
    {
        EventWalker<TKernel> walker = new(json, wanted, fields);
        DecodeStatus status = walker.WalkEvent();
        view = status == DecodeStatus.Ok ? new EventView(json, fields, walker._irregular) : default;
        return status;
    }

    private DecodeStatus WalkEvent()
    {
        ReadOnlySpan<byte> json = _json;
        int at = SkipWhiteSpace(json, 0);
        if (at == json.Length)
        {
            return DecodeStatus.Empty;
        }

        if (json[at] != '{')
        {
            return new JsonScanner(json).TryReadValue(out _) ? DecodeStatus.NotAnObject : DecodeStatus.Malformed;
        }

        at = WalkObject(FieldTable.Root, at);
        if (at == Failed)
        {
            return _status;
        }

        return SkipWhiteSpace(json, at) == json.Length ? DecodeStatus.Ok : DecodeStatus.Malformed;
    }

    /// <summary>Walks an object whose members the catalogue knows.</summary>
    /// <param name="table">Its members.</param>
    /// <param name="at">Its opening brace.</param>
    private int WalkObject(FieldTable table, int at)
    {
        ReadOnlySpan<byte> json = _json;
        at = SkipWhiteSpace(json, at + 1);
        if (ByteAt(json, at) == '}')
        {
            return at + 1;
        }

        FieldSet seen = FieldSet.None;
        while (true)
        {
            if (ByteAt(json, at) != '"')
            {
                return FailAt(at);
            }

            int nameEnd = BlockScan<TKernel>.StringEnd(json, at + 1, json.Length, out _);
            int value = SkipWhiteSpace(json, nameEnd + 1);
            if (ByteAt(json, value) != ':')
            {
                return FailAt(value);
            }

            value = SkipWhiteSpace(json, value + 1);
            int found = table.Find(json, at + 1, nameEnd - at - 1);
            if (found < 0)
            {
                found = FindUnusual(table, json[(at + 1)..nameEnd]);
            }

            if (found < 0)
            {
                at = ReadValue(value, out JsonKind kind, out _);
                _irregular |= table.IsMap && kind is JsonKind.Object or JsonKind.Array;
            }
            else
            {
                at = WalkMember(table[found], value, ref seen);
            }

            if (at == Failed)
            {
                return Failed;
            }

            at = SkipWhiteSpace(json, at);
            byte next = ByteAt(json, at);
            if (next == '}')
            {
                return at + 1;
            }

            if (next != ',')
            {
                return FailAt(at);
            }

            at = SkipWhiteSpace(json, at + 1);
        }
    }

    private int WalkMember(FieldTable.Entry entry, int at, ref FieldSet seen)
    {
        ReadOnlySpan<byte> json = _json;
        if (seen.Intersects(entry.Self))
        {
            foreach (AuditField descendant in entry.Descendants)
            {
                _fields[(int)descendant] = default;
            }
        }

        seen |= entry.Self;
        int start = at;
        JsonKind kind = JsonKind.Object;
        bool isEscaped = false;
        // The brace is asked first: it is known at once, the entry only when the name has been looked up.
        if (ByteAt(json, at) != '{' || entry.Children is null || !_wanted.Intersects(entry.WithDescendants))
        {
            at = ReadValue(at, out kind, out isEscaped);
            // An array where Kubernetes has an object: readers by path look into arrays, the catalogue does not.
            _irregular |= kind == JsonKind.Array && entry.Children is not null;
        }
        else
        {
            at = WalkObject(entry.Children, at);
        }

        // What nobody asked for goes to the last place: a branch on which name it is, which cannot be foretold, would wait for the look-up.
        int slot = (int)entry.Field;
        int spare = _fields.Length - 1;
        slot = _wanted.Contains(entry.Field) ? slot : spare;

        // A string without its quotes.
        int quote = kind == JsonKind.String ? 1 : 0;
        _fields[slot] = new JsonRange(start + quote, at - start - 2 * quote, kind, isEscaped);
        return at;
    }

    /// <summary>A name the catalogue does not know as it is written.</summary>
    private int FindUnusual(FieldTable table, ReadOnlySpan<byte> name)
    {
        if (name.Contains((byte)'\\'))
        {
            // "\u0076erb" is "verb": an escape must not hide a field.
            byte[] rented = ArrayPool<byte>.Shared.Rent(name.Length);
            int found = table.Find(rented, 0, JsonText.Unescape(name, rented));
            ArrayPool<byte>.Shared.Return(rented);
            if (found >= 0)
            {
                return found;
            }
        }

        _irregular |= !table.IsMap && name.Contains((byte)'.');
        return -1;
    }

    /// <summary>Steps over a value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int ReadValue(int at, out JsonKind kind, out bool isEscaped)
    {
        ReadOnlySpan<byte> json = _json;
        isEscaped = false;
        int end;
        switch (ByteAt(json, at))
        {
            case (byte)'"':
                kind = JsonKind.String;
                end = BlockScan<TKernel>.StringEnd(json, at + 1, json.Length, out isEscaped);
                break;
            case (byte)'{':
                kind = JsonKind.Object;
                end = BlockScan<TKernel>.ContainerEnd(json, at, json.Length);
                break;
            case (byte)'[':
                kind = JsonKind.Array;
                end = BlockScan<TKernel>.ContainerEnd(json, at, json.Length);
                break;
            default:
                return ReadScalar(at, out kind);
        }

        return end < json.Length ? end + 1 : FailAt(end);
    }

    private int ReadScalar(int at, out JsonKind kind)
    {
        int end = at;
        while (end < _json.Length && _json[end] is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' or (byte)',' or (byte)':' or (byte)'{' or (byte)'}'
            or (byte)'[' or (byte)']' or (byte)'"'))
        {
            end++;
        }

        kind = at < end ? JsonScalar.KindOf(_json[at..end]) : JsonKind.Missing;
        return kind != JsonKind.Missing ? end : FailAt(end);
    }

    /// <summary>The byte that stands here; 0, which is never right, at the end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte ByteAt(ReadOnlySpan<byte> json, int at) => (uint)at < (uint)json.Length ? Unsafe.Add(ref MemoryMarshal.GetReference(json), at) : (byte)0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int SkipWhiteSpace(ReadOnlySpan<byte> json, int at) => ByteAt(json, at) > ' ' ? at : SkipWhiteSpaceSlowly(json, at);

    private static int SkipWhiteSpaceSlowly(ReadOnlySpan<byte> json, int at)
    {
        while (ByteAt(json, at) is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
        {
            at++;
        }

        return at;
    }

    /// <summary>What stands here is wrong; when nothing does, the text was cut.</summary>
    private int FailAt(int at)
    {
        _status = at >= _json.Length ? DecodeStatus.Truncated : DecodeStatus.Malformed;
        return Failed;
    }
}
