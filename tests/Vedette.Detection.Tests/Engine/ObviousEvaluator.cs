using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Vedette.Detection.Rules;

namespace Vedette.Detection.Tests.Engine;

/// <summary>The slow and obvious reading of a condition, that the engine is held against: System.Text.Json, recursion, regular expressions.</summary>
internal static class ObviousEvaluator
{
    public static bool Holds(Condition condition, JsonElement root) => condition switch
    {
        Condition.Constant constant => constant.Value,
        Condition.Not not => !Holds(not.Of, root),
        Condition.All all => all.Of.All(part => Holds(part, root)),
        Condition.Any any => any.Of.Any(part => Holds(part, root)),
        Condition.Field field => Values(root, field.Path).Any(value => Passes(field.Test, value)),
        Condition.Keyword keyword => Scalars(root).Any(value => Passes(keyword.Test, value)),
        Condition.IsNull isNull => Nodes(root, isNull.Path) is var nodes && (nodes.Count == 0 || nodes.SelectMany(Flat).Any(value => value.ValueKind == JsonValueKind.Null)),
        Condition.Exists exists => Nodes(root, exists.Path).Count > 0,
        _ => throw new NotSupportedException(),
    };

    private static bool Passes(ValueTest test, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Null)
        {
            return false;
        }

        string text = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
        return test switch
        {
            ValueTest.Text { CaseSensitive: var cased, Pattern: var pattern } => Regex.IsMatch(
                text, "^" + string.Concat(pattern.Parts.Select(part => part.Kind switch
                {
                    PatternPartKind.AnyCharacters => ".*",
                    PatternPartKind.OneCharacter => "(?:[\ud800-\udbff][\udc00-\udfff]|.)",
                    _ => Regex.Escape(part.Text),
                })) + "\\z", RegexOptions.Singleline | RegexOptions.CultureInvariant | (cased ? RegexOptions.None : RegexOptions.IgnoreCase)),
            ValueTest.NumberIs number => value.ValueKind == JsonValueKind.Number
                ? value.GetDecimal() == number.Value
                : value.ValueKind == JsonValueKind.String && text == number.Value.ToString(CultureInfo.InvariantCulture),
            ValueTest.BooleanIs truth => value.ValueKind is JsonValueKind.True or JsonValueKind.False
                ? value.ValueKind == JsonValueKind.True == truth.Value
                : value.ValueKind == JsonValueKind.String && text.Equals(truth.Value ? "true" : "false", StringComparison.OrdinalIgnoreCase),
            _ => throw new NotSupportedException(),
        };
    }

    private static IEnumerable<JsonElement> Values(JsonElement root, string path) => Nodes(root, path).SelectMany(Flat);

    private static IEnumerable<JsonElement> Flat(JsonElement value) => value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().SelectMany(Flat) : [value];

    private static List<JsonElement> Nodes(JsonElement root, string path)
    {
        List<JsonElement> found = [];
        Walk(root, path.Split('.'), 0);
        return found;

        void Walk(JsonElement node, string[] names, int place)
        {
            if (place == names.Length)
            {
                found.Add(node);
            }
            else if (node.ValueKind == JsonValueKind.Array)
            {
                if (int.TryParse(names[place], NumberStyles.None, CultureInfo.InvariantCulture, out int index))
                {
                    if (index < node.GetArrayLength())
                    {
                        Walk(node[index], names, place + 1);
                    }
                }
                else
                {
                    foreach (JsonElement element in node.EnumerateArray().SelectMany(Flat))
                    {
                        Walk(element, names, place);
                    }
                }
            }
            else if (node.ValueKind == JsonValueKind.Object)
            {
                for (int end = names.Length; end > place; end--)
                {
                    // TryGetProperty gives the last of duplicates, as we do.
                    if (node.TryGetProperty(string.Join('.', names[place..end]), out JsonElement member))
                    {
                        Walk(member, names, end);
                        break;
                    }
                }
            }
        }
    }

    private static IEnumerable<JsonElement> Scalars(JsonElement node) => node.ValueKind switch
    {
        JsonValueKind.Object => node.EnumerateObject().SelectMany(member => Scalars(member.Value)),
        JsonValueKind.Array => node.EnumerateArray().SelectMany(Scalars),
        _ => [node],
    };
}
