using System.Collections.Immutable;
using Vedette.Detection.Rules;
using Vedette.Documents.Yaml;

namespace Vedette.Detection.Sigma;

/// <summary>Compiles what a search identifier stands for.</summary>
/// <param name="identifier">Its name.</param>
/// <param name="reader">The document.</param>
/// <param name="options">How to read it.</param>
/// <param name="values">Compiles single values.</param>
/// <param name="budget">Bounds how many there are.</param>
/// <param name="places">Told where each test stands, if the options want it.</param>
internal sealed class SearchCompiler(string identifier, DocumentReader reader, SigmaOptions options, ValueCompiler values, TestBudget budget, ConditionPlaces places)
{
    /// <summary>Compiles a map (all of its items), a list of maps or keywords (any of them), or one keyword.</summary>
    /// <returns>Null when there was an error.</returns>
    public Condition? Compile(YamlNode node)
    {
        switch (node)
        {
            case YamlMapping { Members.IsEmpty: true }:
                reader.Error("VS1025", node, "An empty map searches for nothing.", "Name a field and its value.");
                return null;
            case YamlMapping map:
                List<Condition> items = new(map.Members.Length);
                foreach (YamlMember member in map.Members)
                {
                    if (CompileItem(member) is { } item)
                    {
                        items.Add(item);
                    }
                }

                return Condition.AllOf(items);
            case YamlSequence { Items.IsEmpty: true }:
                reader.Error("VS1025", node, "An empty list searches for nothing.", "Add maps or keywords.");
                return null;
            case YamlSequence list:
                return Condition.AnyOf([.. list.Items.Select(CompileAlternative).OfType<Condition>()]);
            case YamlScalar keyword:
                return values.Read(keyword) is { } value ? CompileValue(ItemKey.OfKeyword(keyword), value, keyword) : null;
            default:
                return null;
        }
    }

    private Condition? CompileAlternative(YamlNode node)
    {
        if (node is YamlSequence)
        {
            reader.Error("VS1025", node, "A list inside a list is no search.", "Put the inner items into the outer list.");
            return null;
        }

        return Compile(node);
    }

    private Condition? CompileItem(YamlMember item)
    {
        if (ItemKey.Read(reader, item.Key) is not { } key)
        {
            return null;
        }

        ImmutableArray<YamlNode> written = item.Value switch
        {
            YamlSequence { Items.IsEmpty: true } => [new YamlScalar("", IsPlain: true, item.Value.Line, item.Value.Column)],
            YamlSequence list => list.Items,
            { } single => [single],
        };
        if (key.NeedsAll && written.Length == 1)
        {
            reader.Warn("VS1032", item.Key, "'all' changes nothing with one value.", "Remove it, or give a list.");
        }

        List<Condition> conditions = new(written.Length);
        foreach (YamlNode node in written)
        {
            if (node is not YamlScalar scalar)
            {
                reader.Error("VS1026", node, "A value is a text, a number, a boolean or null.", "To look inside an object write its path: field.inner.");
                continue;
            }

            if (values.Read(scalar) is { } value && CompileValue(key, value, scalar) is { } condition)
            {
                conditions.Add(condition);
            }
        }

        if (conditions.Count == 0)
        {
            return null;
        }

        if (key.IsNegated)
        {
            return new Condition.Not(Joined(key, conditions));
        }

        return conditions.TrueForAll(condition => IsDropped(key, condition)) ? new Condition.Constant(true) : Joined(key, conditions);
    }

    private static Condition Joined(ItemKey key, List<Condition> conditions) => key.NeedsAll ? Condition.AllOf(conditions) : Condition.AnyOf(conditions);

    private bool IsDropped(ItemKey key, Condition condition) => condition is Condition.Field { Test: var test } && options.Mapping.Drops(key.Field, test);

    /// <summary>Compiles a value: any of what the modifiers make of it.</summary>
    private Condition? CompileValue(ItemKey key, SigmaValue value, YamlScalar at)
    {
        if (key.Modifiers.Count == 0)
        {
            return budget.TryTake(1, at) ? CompileVariant(key, value, at) : null;
        }

        if (budget.IsExceeded || Modified(key, value, at) is not { Count: > 0 } variants || !budget.TryTake(variants.Count, at))
        {
            return null;
        }

        List<Condition> conditions = new(variants.Count);
        foreach (SigmaValue variant in variants)
        {
            if (CompileVariant(key, variant, at) is not { } condition)
            {
                return null;
            }

            conditions.Add(condition);
        }

        return Condition.AnyOf(conditions);
    }

    private Condition? CompileVariant(ItemKey key, SigmaValue value, YamlScalar at)
    {
        Condition? condition = values.Compile(key.Field, value, at);
        if (condition is not null && options.NotesPlaces)
        {
            YamlScalar named = key.Field.Length > 0 ? key.At : at;
            places.Add(condition, new ConditionPlace(identifier, key.Field, at.Line, at.Column, named.Line, named.Column));
        }

        return condition;
    }

    /// <summary>What the modifiers make of a value; null when one does not fit.</summary>
    private List<SigmaValue>? Modified(ItemKey key, SigmaValue value, YamlScalar written)
    {
        List<SigmaValue> variants = [value];
        foreach (string modifier in key.Modifiers)
        {
            List<SigmaValue> next = [];
            foreach (SigmaValue variant in variants)
            {
                next.AddRange(Modifier.Apply(modifier, variant, written.Text, options, out string? error));
                if (error is not null)
                {
                    reader.Error("VS1033", written, $"The modifier '{modifier}' of '{key.Field}' does not fit: {error}.", null);
                    return null;
                }
            }

            variants = next;
        }

        return variants;
    }
}
