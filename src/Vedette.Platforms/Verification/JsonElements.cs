using System.Text.Json;

namespace Vedette.Platforms.Verification;

/// <summary>Looks into documents whose shape nobody promised: what is missing or of another kind is null or empty.</summary>
internal static class JsonElements
{
    /// <summary>A member by its path, <c>properties.storageAccountId</c>; names are compared without case, since the clouds' tools differ in it.</summary>
    public static JsonElement? At(this JsonElement element, string path)
    {
        foreach (string name in path.Split('.'))
        {
            JsonElement? next = null;
            if (element.ValueKind == JsonValueKind.Object)
            {
                foreach (JsonProperty property in element.EnumerateObject())
                {
                    next = NameOf(property).Equals(name, StringComparison.OrdinalIgnoreCase) ? property.Value : next;
                }
            }

            if (next is not { } found)
            {
                return null;
            }

            element = found;
        }

        return element;
    }

    /// <summary>The text of a value; null when it is none, or escapes half a character, which no check looks for.</summary>
    public static string? AsText(this JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The name of a member; empty when it escapes half a character.</summary>
    public static string NameOf(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            return "";
        }
    }

    /// <summary>A text.</summary>
    public static string? Text(this JsonElement element, string path) => element.At(path)?.AsText();

    /// <summary>A whole number, also one in quotes, as some tools write 64-bit ones.</summary>
    public static int? Number(this JsonElement element, string path) => element.At(path) switch
    {
        { ValueKind: JsonValueKind.Number } value when value.TryGetInt32(out int number) => number,
        { ValueKind: JsonValueKind.String } value when int.TryParse(value.AsText(), out int number) => number,
        _ => null,
    };

    /// <summary>Is it there and true?</summary>
    public static bool IsTrue(this JsonElement element, string path) => element.At(path) is { ValueKind: JsonValueKind.True };

    /// <summary>The elements of a list; nothing of anything else.</summary>
    public static IEnumerable<JsonElement> List(this JsonElement element, string path) => element.At(path) is { ValueKind: JsonValueKind.Array } value ? value.EnumerateArray() : [];
}
