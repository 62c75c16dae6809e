using System.Runtime.CompilerServices;

namespace Vedette.Audit.Json;

/// <summary>Walks the elements of an array; see <see cref="JsonValue.Elements"/>. Stops at the first byte that is not JSON.</summary>
public ref struct JsonElements
{
    private JsonScanner _scanner;
    private JsonValue _current;
    private bool _started;
    private int _from;

    internal JsonElements(JsonValue array)
    {
        _scanner = array.Kind == JsonKind.Array ? new JsonScanner(array) : default;
    }

    /// <summary>The element the walk stands on.</summary>
    public readonly JsonValue Current => _current;

    /// <summary>After the walk: what stands in the array and was not read, since it is no JSON or no comma stands before it; empty when all was read.</summary>
    public readonly ReadOnlySpan<byte> Unread
    {
        get
        {
            // Without the bracket, or the comma, before it, and without the last bracket.
            ReadOnlySpan<byte> rest = _scanner.From(_from).TrimStart(" \t\r\n"u8);
            rest = rest is [(byte)',', ..] || (_from == 0 && !rest.IsEmpty) ? rest[1..] : rest;
            return rest.IsEmpty ? rest : rest[..^1].TrimStart(" \t\r\n"u8);
        }
    }

    /// <summary>For <c>foreach</c>.</summary>
    public readonly JsonElements GetEnumerator() => this;

    /// <summary>Steps to the next element.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool MoveNext()
    {
        _from = _scanner.Position;
        if (_scanner.TryReadShortString(_started ? (byte)',' : (byte)'[', out _current))
        {
            _started = true;
            return true;
        }

        return _scanner.TryEnterNext(ref _started, (byte)'[', (byte)']') && _scanner.TryReadValue(out _current);
    }
}
