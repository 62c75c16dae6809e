using System.Runtime.CompilerServices;

namespace Vedette.Audit.Json;

/// <summary>Walks the members of an object; see <see cref="JsonValue.Members"/>. Stops at the first byte that is not JSON.</summary>
public ref struct JsonMembers
{
    private JsonScanner _scanner;
    private JsonValue _name;
    private JsonValue _value;
    private bool _started;

    internal JsonMembers(JsonValue value)
    {
        _scanner = value.Kind == JsonKind.Object ? new JsonScanner(value) : default;
    }

    /// <summary>The member the walk stands on.</summary>
    public readonly JsonMember Current => new(_name, _value);

    /// <summary>For <c>foreach</c>.</summary>
    public readonly JsonMembers GetEnumerator() => this;

    /// <summary>Steps to the next member.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool MoveNext()
    {
        if (_scanner.TryReadShortString(_started ? (byte)',' : (byte)'{', out _name))
        {
            _started = true;
            return _scanner.TryPassColon() && _scanner.TryReadValue(out _value);
        }

        return _scanner.TryEnterNext(ref _started, (byte)'{', (byte)'}')
            && _scanner.TryReadName(out _name)
            && _scanner.TryReadValue(out _value);
    }
}
