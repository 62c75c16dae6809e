using Vedette.Audit.Json;

namespace Vedette.Detection.Fields;

/// <summary>Every scalar value of a JSON text at any depth, names of members left out; without recursion, in one pass.</summary>
internal ref struct ScalarLeaves(ReadOnlySpan<byte> json)
{
    private ReadOnlySpan<byte> _rest = json;

    /// <summary>The scalar.</summary>
    public JsonValue Current { get; private set; }

    /// <summary>Steps to the next scalar.</summary>
    public bool MoveNext()
    {
        while (true)
        {
            _rest = _rest.TrimStart(" \t\r\n,:[]{}"u8);
            JsonScanner scanner = new(_rest);
            if (!scanner.TryReadValue(out JsonValue value))
            {
                return false;
            }

            _rest = _rest[scanner.Position..].TrimStart(" \t\r\n"u8);
            if (value.Kind == JsonKind.String && _rest is [(byte)':', ..])
            {
                continue;
            }

            Current = value;
            return true;
        }
    }
}
