using System.Collections.Frozen;
using System.Collections.Immutable;
using Vedette.Detection.Rules;
using Vedette.Documents.Yaml;

namespace Vedette.Detection.Sigma;

/// <summary>Reads and checks a correlation document.</summary>
internal sealed class CorrelationReader(DocumentReader reader, YamlMapping correlation, FieldMapping mapping)
{
    private static readonly FrozenDictionary<string, CorrelationType> s_types = new Dictionary<string, CorrelationType>(StringComparer.Ordinal)
    {
        ["event_count"] = CorrelationType.EventCount,
        ["value_count"] = CorrelationType.ValueCount,
        ["temporal"] = CorrelationType.Temporal,
        ["temporal_ordered"] = CorrelationType.TemporalOrdered,
        ["value_sum"] = CorrelationType.ValueSum,
        ["value_avg"] = CorrelationType.ValueAverage,
        ["value_percentile"] = CorrelationType.ValuePercentile,
        ["value_median"] = CorrelationType.ValueMedian,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Reads it; null when there were errors. Whether its rules exist is for the loader to say.</summary>
    public CorrelationRule? Read()
    {
        DetectionRule attributes = reader.ReadAttributes(new Condition.Constant(false));
        CorrelationType type = ReadType();
        bool temporal = type is CorrelationType.Temporal or CorrelationType.TemporalOrdered;
        ImmutableArray<string> rules = TextList("rules");
        TimeSpan timespan = ReadTimespan();
        CorrelationThreshold? threshold = null;
        ConditionExpression? extended = null;
        switch (correlation["condition"])
        {
            case YamlMapping map:
                threshold = ReadThreshold(map, type);
                break;
            case YamlScalar text when temporal:
                extended = ReadExtended(text, ref rules);
                break;
            case null when temporal:
                threshold = new CorrelationThreshold(
                    [new ThresholdComparison(Comparison.GreaterOrEqual, IsNegated: false, rules.Distinct(StringComparer.Ordinal).Count())], [], null);
                break;
            case { } other:
                Error(other, "The condition must be a map with one of gt, gte, lt, lte, eq, neq.", temporal ? "Or an expression over the rules." : null);
                break;
            default:
                Error(correlation, "There is no 'condition'.", "Write condition: {gte: N}.");
                break;
        }

        if (rules.IsEmpty && !reader.HasErrors)
        {
            Error(correlation, "There are no 'rules' to correlate.", "List names or ids of rules.");
        }

        ImmutableDictionary<string, ImmutableDictionary<string, string>> aliases = ReadAliases();
        bool generate = ReadGenerate();
        return reader.HasErrors ? null : new CorrelationRule
        {
            Attributes = attributes,
            Type = type,
            Rules = rules,
            GroupBy = [.. TextList("group-by").Select(field => aliases.ContainsKey(field) ? field : mapping.Map(field)).Distinct(StringComparer.Ordinal)],
            Timespan = timespan,
            Threshold = threshold is null ? null : threshold with { Fields = [.. threshold.Fields.Select(field => aliases.ContainsKey(field) ? field : mapping.Map(field))] },
            Extended = extended,
            Aliases = aliases,
            Generate = generate,
        };
    }

    private CorrelationType ReadType()
    {
        if (correlation["type"] is YamlScalar type && s_types.TryGetValue(type.Text, out CorrelationType found))
        {
            return found;
        }

        Error(correlation["type"] ?? correlation, "'type' must name a kind of correlation.", $"One of {string.Join(", ", s_types.Keys.Order(StringComparer.Ordinal))}.");
        return default;
    }

    private TimeSpan ReadTimespan()
    {
        YamlNode? node = correlation["timespan"];
        if (node is YamlScalar scalar && SigmaTimespan.TryParse(scalar.Text, out TimeSpan timespan))
        {
            return timespan;
        }

        Error(node ?? correlation, "'timespan' must be a number and one of s, m, h, d, w, M, y, at most 100 years.", "Such as 5m.");
        return default;
    }

    private CorrelationThreshold? ReadThreshold(YamlMapping map, CorrelationType type)
    {
        List<ThresholdComparison> comparisons = [];
        ImmutableArray<string> fields = [];
        decimal? percentile = null;
        foreach (YamlMember member in map.Members)
        {
            (Comparison Operator, bool IsNegated)? comparison = member.Key.Text switch
            {
                "gt" => (Comparison.Greater, false),
                "gte" => (Comparison.GreaterOrEqual, false),
                "lt" => (Comparison.Less, false),
                "lte" => (Comparison.LessOrEqual, false),
                "eq" => (Comparison.Equal, false),
                "neq" => (Comparison.Equal, true),
                _ => null,
            };
            if (comparison is { } found)
            {
                if (Number(member.Value) is { } value)
                {
                    comparisons.Add(new ThresholdComparison(found.Operator, found.IsNegated, value));
                }
            }
            else if (member.Key.Text == "field")
            {
                fields = Texts(member.Value);
            }
            else if (member.Key.Text == "percentile")
            {
                percentile = Number(member.Value);
            }
            else
            {
                Error(member.Key, $"'{member.Key.Text}' is no part of a condition.", "One of gt, gte, lt, lte, eq, neq, field, percentile.");
            }
        }

        if (comparisons.Count != 1 && !IsRange(comparisons))
        {
            Error(map, $"The condition has {comparisons.Count} comparisons; it must have one, or two that make a range.", "A range is one of gt, gte with one of lt, lte.");
            return null;
        }

        bool needsField = type is not (CorrelationType.EventCount or CorrelationType.Temporal or CorrelationType.TemporalOrdered);
        if (needsField && fields.IsEmpty)
        {
            Error(map, "This type computes with the values of a field, and none is named.", "Add field: NAME to the condition.");
        }

        if (type == CorrelationType.ValuePercentile && percentile is not (>= 0 and <= 100))
        {
            Error(map, "value_percentile needs 'percentile', from 0 to 100.", "Add percentile: 95 to the condition.");
        }

        return new CorrelationThreshold([.. comparisons], fields, percentile);
    }

    /// <summary>One bound below and one above, with room between them.</summary>
    private static bool IsRange(List<ThresholdComparison> comparisons) =>
        comparisons.Count == 2
        && comparisons.Find(comparison => comparison.Operator is Comparison.Greater or Comparison.GreaterOrEqual) is { } lower
        && comparisons.Find(comparison => comparison.Operator is Comparison.Less or Comparison.LessOrEqual) is { } upper
        && (lower.Value < upper.Value || (lower.Value == upper.Value && lower.Operator == Comparison.GreaterOrEqual && upper.Operator == Comparison.LessOrEqual));

    private ConditionExpression? ReadExtended(YamlScalar text, ref ImmutableArray<string> rules)
    {
        // Without 'rules' every word of the expression is one.
        ImmutableArray<string> words =
        [
            .. text.Text.Split([' ', '(', ')', '\t', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries)
                .Where(word => word is not ("and" or "or" or "not")).Distinct(StringComparer.Ordinal),
        ];
        if (!ConditionReader.TryRead(reader, text, rules.IsEmpty ? words : rules, out ConditionExpression? expression) || expression is null)
        {
            return null;
        }

        string[] used = [.. expression.Names().Distinct(StringComparer.Ordinal)];
        string[] unused = [.. rules.Except(used, StringComparer.Ordinal)];
        if (unused.Length > 0)
        {
            Error(text, $"Rules listed but not in the condition: {string.Join(", ", unused)}.", "Use them, or remove them from 'rules'.");
        }

        rules = [.. used];
        return expression;
    }

    private ImmutableDictionary<string, ImmutableDictionary<string, string>> ReadAliases()
    {
        ImmutableDictionary<string, ImmutableDictionary<string, string>>.Builder aliases =
            ImmutableDictionary.CreateBuilder<string, ImmutableDictionary<string, string>>(StringComparer.Ordinal);
        switch (correlation["aliases"])
        {
            case null:
                break;
            case YamlMapping map:
                foreach (YamlMember alias in map.Members)
                {
                    if (alias.Value is YamlMapping fields && fields.Members.All(member => member.Value is YamlScalar))
                    {
                        aliases[alias.Key.Text] = fields.Members.ToImmutableDictionary(
                            member => member.Key.Text, member => mapping.Map(((YamlScalar)member.Value).Text), StringComparer.Ordinal);
                    }
                    else
                    {
                        Error(alias.Value, $"The alias '{alias.Key.Text}' must map rules to fields.", "Write ALIAS: {rule_name: field}.");
                    }
                }

                break;
            case { } other:
                Error(other, "'aliases' must be a map.", "Write ALIAS: {rule_name: field}.");
                break;
        }

        return aliases.ToImmutable();
    }

    private bool ReadGenerate()
    {
        switch (correlation["generate"])
        {
            case null:
                return false;
            case YamlScalar scalar when YamlTyping.TypeOf(scalar, out bool generate, out _, out _) == YamlType.Boolean:
                return generate;
            case { } other:
                Error(other, "'generate' must be true or false.");
                return false;
        }
    }

    private decimal? Number(YamlNode node)
    {
        if (node is YamlScalar scalar && YamlTyping.TypeOf(scalar, out _, out decimal number, out _) == YamlType.Number)
        {
            return number;
        }

        Error(node, "This must be a number.");
        return null;
    }

    private ImmutableArray<string> TextList(string key) => correlation[key] is { } node ? Texts(node) : [];

    private ImmutableArray<string> Texts(YamlNode node)
    {
        switch (node)
        {
            case YamlScalar one:
                return [one.Text];
            case YamlSequence list when list.Items.All(item => item is YamlScalar):
                return [.. list.Items.Cast<YamlScalar>().Select(item => item.Text)];
            default:
                Error(node, "This must be a text or a list of texts.");
                return [];
        }
    }

    private void Error(YamlNode at, string message, string? help = null) => reader.Error("VS1040", at, message, help);
}
