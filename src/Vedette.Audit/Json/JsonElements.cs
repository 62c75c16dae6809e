namespace Vedette.Audit.Json;

/// <summary>Walks the elements of an array; see <see cref="JsonValue.Elements"/>. Stops at the first byte that is not JSON.</summary>
public ref struct JsonElements
{
    private JsonScanner _scanner;
    private bool _started;

    internal JsonElements(JsonValue array)
    {
        _scanner = array.Kind == JsonKind.Array ? new JsonScanner(array) : default;
    }

    /// <summary>The element the walk stands on.</summary>
    public JsonValue Current { get; private set; }

    /// <summary>For <c>foreach</c>.</summary>
    public readonly JsonElements GetEnumerator() => this;

    /// <summary>Steps to the next element.</summary>
    public bool MoveNext()
    {
        if (!_scanner.TryEnterNext(ref _started, (byte)'[', (byte)']') || !_scanner.TryReadValue(out JsonValue value))
        {
            return false;
        }

        Current = value;
        return true;
    }
}
