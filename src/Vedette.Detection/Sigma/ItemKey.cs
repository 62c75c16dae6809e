using Vedette.Documents.Yaml;

namespace Vedette.Detection.Sigma;

/// <summary>The key of a detection item: a field, or none for keywords, and modifiers.</summary>
/// <param name="At">Where it stands.</param>
/// <param name="Field">The field as written; empty for keywords.</param>
/// <param name="Modifiers">Those that change values, in order.</param>
/// <param name="NeedsAll">True when all values must match, not any (<c>all</c>).</param>
/// <param name="IsNegated">True when none may (<c>neq</c>).</param>
internal sealed record ItemKey(YamlScalar At, string Field, IReadOnlyList<string> Modifiers, bool NeedsAll, bool IsNegated)
{
    /// <summary>Of a keyword that stands without a key.</summary>
    public static ItemKey OfKeyword(YamlScalar keyword) => new(keyword, "", [], NeedsAll: false, IsNegated: false);

    /// <summary>Reads a key.</summary>
    /// <returns>Null when there was an error.</returns>
    public static ItemKey? Read(DocumentReader reader, YamlScalar key)
    {
        string[] parts = key.Text.Split('|');
        string field = parts[0];
        ReadOnlySpan<string> written = parts.AsSpan(1);
        List<string> modifiers = [];
        bool needsAll = false;
        bool isNegated = false;
        for (int i = 0; i < written.Length; i++)
        {
            string modifier = written[i];
            if (modifier == "all")
            {
                needsAll = true;
            }
            else if (modifier == "neq")
            {
                isNegated = true;
            }
            else if (!Modifier.Exists(modifier))
            {
                reader.Error("VS1030", key, $"There is no modifier '{modifier}'.", "See the list of modifiers in docs/sigma.md.");
                return null;
            }
            else if (Modifier.MustBeFirst(modifier) && i > 0)
            {
                reader.Error("VS1031", key, $"'{modifier}' must be the first modifier.", $"Write {field}|{modifier}|….");
                return null;
            }
            else
            {
                modifiers.Add(modifier);
            }
        }

        if (written.Contains("exists") && (field.Length == 0 || written.Length > 1))
        {
            reader.Error("VS1031", key, "'exists' needs a field and goes with no other modifier.", "Write FIELD|exists: true.");
            return null;
        }

        return new ItemKey(key, field, modifiers, needsAll, isNegated);
    }
}
