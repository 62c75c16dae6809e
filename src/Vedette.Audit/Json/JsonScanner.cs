using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
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
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryReadValue(out JsonValue value)
    {
        SkipWhiteSpace();

        // Not "out _at": a cursor whose address nobody takes stays in registers.
        JsonExtent extent = Read(_json, _at, _limit, out int next);
        value = new JsonValue(ref Unsafe.Add(ref MemoryMarshal.GetReference(_json), _at), extent);
        _at = next;
        return value.Exists;
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

    /// <summary>
    /// Steps over what stands before the next element of a container and reads it, where that is a short string without escapes, written as kube-apiserver writes: with no white space. Where it is
    /// anything else nothing is read, and the next element must be read in the ordinary way.
    /// </summary>
    /// <param name="before">A comma, or the container's opening bracket.</param>
    /// <param name="value">The string.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryReadShortString(byte before, out JsonValue value)
    {
        int start = _at + 2;
        if (start <= _json.Length - IBlockKernel.BlockSize)
        {
            ref byte first = ref Unsafe.Add(ref MemoryMarshal.GetReference(_json), start);
            if (Unsafe.ReadUnaligned<ushort>(ref Unsafe.Subtract(ref first, 2)) == (BitConverter.IsLittleEndian ? before | '"' << 8 : before << 8 | '"')
                && BlockScan.ShortLength(ref first) is >= 0 and var length && start + length < _limit)
            {
                int end = start + length;
                value = new JsonValue(ref Unsafe.Subtract(ref first, 1), new JsonExtent(length, JsonKind.String, isEscaped: false, _json.Length - end));
                _at = end + 1;
                return true;
            }
        }

        value = default;
        return false;
    }

    /// <summary>Reads a member's name and steps over the colon behind it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryReadName(out JsonValue name)
    {
        SkipWhiteSpace();
        if ((uint)_at >= (uint)_limit || _json[_at] != '"')
        {
            name = default;
            return false;
        }

        JsonExtent extent = ReadString(_json, _at, _limit, out int next);
        name = new JsonValue(ref Unsafe.Add(ref MemoryMarshal.GetReference(_json), _at), extent);
        _at = next;
        return name.Exists && TryPassColon();
    }

    /// <summary>Steps over the colon behind a name.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryPassColon()
    {
        SkipWhiteSpace();
        return Steps((byte)':');
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void SkipWhiteSpace()
    {
        // One comparison where there is none, as between nearly all tokens.
        if ((uint)_at >= (uint)_limit || _json[_at] <= ' ')
        {
            _at = SkipWhiteSpaceSlowly(_json, _at, _limit);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int SkipWhiteSpaceSlowly(ReadOnlySpan<byte> json, int at, int limit)
    {
        while ((uint)at < (uint)limit && json[at] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
        {
            at++;
        }

        return at;
    }

    /// <summary>Reads the value that begins here.</summary>
    /// <returns>Its extent; of kind <see cref="JsonKind.Missing"/> when none does.</returns>
    private static JsonExtent Read(ReadOnlySpan<byte> json, int at, int limit, out int next)
    {
        if ((uint)at >= (uint)limit)
        {
            next = at;
            return default;
        }

        return json[at] switch
        {
            (byte)'"' => ReadString(json, at, limit, out next),
            (byte)'{' => ReadContainer(json, at, limit, JsonKind.Object, out next),
            (byte)'[' => ReadContainer(json, at, limit, JsonKind.Array, out next),
            _ => ReadScalar(json, at, limit, out next),
        };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static JsonExtent ReadString(ReadOnlySpan<byte> json, int at, int limit, out int next)
    {
        int start = at + 1;
        int end = BlockScan.StringEnd(json, start, limit, out bool isEscaped);
        if (end >= limit)
        {
            next = at;
            return default;
        }

        next = end + 1;
        return new JsonExtent(end - start, JsonKind.String, isEscaped, json.Length - end);
    }

    private static JsonExtent ReadContainer(ReadOnlySpan<byte> json, int at, int limit, JsonKind kind, out int next)
    {
        int end = BlockScan.ContainerEnd(json, at, limit);
        if (end >= limit)
        {
            next = limit;
            return default;
        }

        next = end + 1;
        return new JsonExtent(next - at, kind, isEscaped: false, json.Length - next);
    }

    private static JsonExtent ReadScalar(ReadOnlySpan<byte> json, int at, int limit, out int next)
    {
        ReadOnlySpan<byte> rest = json[at..limit];
        int length = rest.IndexOfAny(s_scalarEnds);
        ReadOnlySpan<byte> text = length < 0 ? rest : rest[..length];
        next = at + text.Length;
        return new JsonExtent(text.Length, JsonScalar.KindOf(text), isEscaped: true, following: 0);
    }
}
