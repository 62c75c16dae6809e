using System.Collections.Immutable;
using Vedette.Detection.Rules;
using Vedette.Documents.Yaml;

namespace Vedette.Detection.Sigma;

/// <summary>
/// Reads the custom attribute <c>vedette</c> of a Sigma document: what to check next, the behaviours the rule is for, new terms and suppression (docs/sigma.md). Other engines
/// ignore it, as the specification asks of unknown attributes.
/// </summary>
internal sealed class VedetteAttributes(DocumentReader reader, YamlMapping attributes)
{
    private const string Code = "VS1060";

    /// <summary>Adds them to the rule; what is wrong is told to the reader.</summary>
    public DetectionRule AddTo(DetectionRule rule)
    {
        foreach (YamlMember member in attributes.Members)
        {
            switch (member.Key.Text)
            {
                case "behaviours":
                    rule = rule with { Behaviours = Texts(member.Value) };
                    break;
                case "next_steps":
                    rule = rule with { NextSteps = Texts(member.Value) };
                    break;
                case "new_terms":
                    rule = rule with { NewTerms = ReadNewTerms(member.Value) };
                    break;
                case "suppress":
                    rule = rule with { Suppression = ReadSuppression(member.Value) };
                    break;
                default:
                    reader.Error(Code, member.Key, $"'{member.Key.Text}' is no attribute of 'vedette'.", "One of behaviours, next_steps, new_terms, suppress.");
                    break;
            }
        }

        return rule;
    }

    private NewTerms? ReadNewTerms(YamlNode node)
    {
        if (Map(node, "new_terms", "fields", "window", "learning", "peers") is not { } map)
        {
            return null;
        }

        ImmutableArray<string> fields = map["fields"] is { } list ? Texts(list) : [];
        if (fields.Length is 0 or > NewTerms.MaxFields)
        {
            reader.Error(Code, map, $"'new_terms' needs 'fields', one to {NewTerms.MaxFields} of them.", "The values of these fields together are what must be new.");
            return null;
        }

        return new NewTerms
        {
            Fields = fields,
            Window = ReadTimespan(map["window"]) ?? NewTerms.DefaultWindow,
            Learning = ReadTimespan(map["learning"]) ?? TimeSpan.Zero,
            Peers = map["peers"] is { } peers ? Texts(peers) : [],
        };
    }

    private Suppression? ReadSuppression(YamlNode node)
    {
        if (Map(node, "suppress", "by", "for") is not { } map)
        {
            return null;
        }

        if (ReadTimespan(map["for"]) is not { } time)
        {
            reader.Error(Code, map, "'suppress' needs 'for', a length of time.", "Such as for: 1h.");
            return null;
        }

        return new Suppression { By = map["by"] is { } by ? Texts(by) : [], For = time };
    }

    private YamlMapping? Map(YamlNode node, string name, params ReadOnlySpan<string> keys)
    {
        if (node is not YamlMapping map)
        {
            reader.Error(Code, node, $"'{name}' must be a map.", $"With {string.Join(", ", keys.ToArray())}.");
            return null;
        }

        foreach (YamlMember member in map.Members)
        {
            if (!keys.Contains(member.Key.Text))
            {
                reader.Error(Code, member.Key, $"'{member.Key.Text}' is no part of '{name}'.", $"One of {string.Join(", ", keys.ToArray())}.");
            }
        }

        return map;
    }

    private TimeSpan? ReadTimespan(YamlNode? node)
    {
        if (node is null)
        {
            return null;
        }

        if (node is YamlScalar scalar && SigmaTimespan.TryParse(scalar.Text, out TimeSpan timespan))
        {
            return timespan;
        }

        reader.Error(Code, node, "This must be a number and one of s, m, h, d, w, M, y.", "Such as 30d.");
        return null;
    }

    private ImmutableArray<string> Texts(YamlNode node)
    {
        switch (node)
        {
            case YamlScalar one:
                return [one.Text];
            case YamlSequence list when list.Items.All(item => item is YamlScalar):
                return ImmutableArray.CreateRange(list.Items, item => ((YamlScalar)item).Text);
            default:
                reader.Error(Code, node, "This must be a text or a list of texts.");
                return [];
        }
    }
}
