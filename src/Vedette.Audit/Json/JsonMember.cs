using System.Text;

namespace Vedette.Audit.Json;

/// <summary>One member of a JSON object.</summary>
public readonly ref struct JsonMember
{
    internal JsonMember(ReadOnlySpan<byte> rawName, JsonValue value)
    {
        RawName = rawName;
        Value = value;
    }

    /// <summary>The name between its quotes, escapes not resolved.</summary>
    public ReadOnlySpan<byte> RawName { get; }

    /// <summary>The value.</summary>
    public JsonValue Value { get; }

    /// <summary>The name as text.</summary>
    public string Name => new JsonValue(RawName, JsonKind.String).AsString() ?? "";

    /// <summary>Compares the unescaped name.</summary>
    public bool NameEquals(ReadOnlySpan<byte> name) => new JsonValue(RawName, JsonKind.String).StringEquals(name);

    /// <inheritdoc />
    public override string ToString() => Name + ": " + Encoding.UTF8.GetString(Value.Raw);
}
