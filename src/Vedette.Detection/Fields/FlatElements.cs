using Vedette.Audit.Json;

namespace Vedette.Detection.Fields;

/// <summary>The elements of an array that are no arrays, those of arrays inside it included; without recursion, at the cost of one pass.</summary>
internal ref struct FlatElements(JsonValue array)
{
    private JsonScanner _scanner = new(array);

    /// <summary>The element.</summary>
    public JsonValue Current { get; private set; }

    /// <summary>Steps to the next element.</summary>
    public bool MoveNext()
    {
        _scanner.SkipBetweenElements();
        if (!_scanner.TryReadValue(out JsonValue value))
        {
            return false;
        }

        Current = value;
        return true;
    }
}
