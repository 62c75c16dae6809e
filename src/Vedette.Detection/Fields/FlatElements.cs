using Vedette.Audit.Json;

namespace Vedette.Detection.Fields;

/// <summary>The elements of an array that are no arrays, those of arrays inside it included; without recursion, at the cost of one pass.</summary>
internal ref struct FlatElements(ReadOnlySpan<byte> array)
{
    private ReadOnlySpan<byte> _rest = array;

    /// <summary>The element.</summary>
    public JsonValue Current { get; private set; }

    /// <summary>Steps to the next element.</summary>
    public bool MoveNext()
    {
        _rest = _rest.TrimStart(" \t\r\n,[]"u8);
        JsonScanner scanner = new(_rest);
        if (!scanner.TryReadValue(out JsonValue value))
        {
            return false;
        }

        _rest = _rest[scanner.Position..];
        Current = value;
        return true;
    }
}
