using System.Collections.Immutable;
using System.Text.Json;

namespace Vedette.Platforms.Eks.FilterPatterns;

/// <summary><c>$.objectRef.resource</c>, <c>$.sourceIPs[0]</c>: names and indexes from the root.</summary>
internal sealed class FilterSelector(ImmutableArray<FilterStep> steps)
{
    /// <summary>Finds the value. False when a member or an element is missing.</summary>
    public bool TryFind(JsonElement root, out JsonElement value)
    {
        value = root;
        foreach (FilterStep step in steps)
        {
            bool found = step.Name is { } name
                ? value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out value)
                : value.ValueKind == JsonValueKind.Array && step.Index < value.GetArrayLength();
            if (!found)
            {
                return false;
            }

            value = step.Name is null ? value[step.Index] : value;
        }

        return true;
    }
}

/// <summary>One step of a selector.</summary>
/// <param name="Name">Member of an object; null for an element of a list.</param>
/// <param name="Index">The element, from 0.</param>
internal readonly record struct FilterStep(string? Name, int Index);
