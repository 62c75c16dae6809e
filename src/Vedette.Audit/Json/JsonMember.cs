using System.Text;

namespace Vedette.Audit.Json;

/// <summary>One member of a JSON object.</summary>
public readonly ref struct JsonMember
{
    private readonly JsonValue _name;

    internal JsonMember(JsonValue name, JsonValue value)
    {
        _name = name;
        Value = value;
    }

    /// <summary>The name between its quotes, escapes not resolved.</summary>
    public ReadOnlySpan<byte> RawName => _name.Raw;

    /// <summary>The name as the string that stands there.</summary>
    internal JsonValue NameValue => _name;

    /// <summary>The value.</summary>
    public JsonValue Value { get; }

    /// <summary>The name as text.</summary>
    public string Name => _name.AsString() ?? "";

    /// <summary>Compares the unescaped name.</summary>
    public bool NameEquals(ReadOnlySpan<byte> name) => _name.StringEquals(name);

    /// <summary>Compares the beginning of the unescaped name.</summary>
    public bool NameStartsWith(ReadOnlySpan<byte> prefix) => _name.Utf8Text().StartsWith(prefix);

    /// <inheritdoc />
    public override string ToString() => Name + ": " + Encoding.UTF8.GetString(Value.Raw);
}
