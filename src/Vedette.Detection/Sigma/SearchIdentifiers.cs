using System.Collections.Immutable;
using Vedette.Detection.Rules;

namespace Vedette.Detection.Sigma;

/// <summary>The search identifiers of a rule, and what an expression over them stands for.</summary>
internal sealed class SearchIdentifiers
{
    private readonly Dictionary<string, SearchIdentifier> _byName = new(StringComparer.Ordinal);

    /// <summary>Their names, as they were added.</summary>
    public ImmutableArray<string> Names => [.. _byName.Keys];

    /// <summary>True when there is none.</summary>
    public bool IsEmpty => _byName.Count == 0;

    /// <summary>Adds one.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="condition">What it stands for.</param>
    public void Add(string name, Condition condition) => _byName[name] = new SearchIdentifier(condition);

    /// <summary>Is there one of this name that no expression has named?</summary>
    public bool IsUnused(string name) => _byName.TryGetValue(name, out SearchIdentifier? identifier) && !identifier.IsNamed;

    /// <summary>How many tests an expression has, those of an identifier as often as it is named.</summary>
    public long TestsOf(ConditionExpression expression) => expression switch
    {
        ConditionExpression.Name name => _byName[name.Identifier].Tests,
        ConditionExpression.Not not => TestsOf(not.Of),
        ConditionExpression.All all => TestsOf(all.Of),
        ConditionExpression.Any any => TestsOf(any.Of),
        _ => throw new InvalidOperationException("unknown expression"),
    };

    /// <summary>The condition that an expression stands for.</summary>
    public Condition Resolve(ConditionExpression expression) => expression switch
    {
        ConditionExpression.Name name => Resolve(name),
        ConditionExpression.Not not => new Condition.Not(Resolve(not.Of)),
        ConditionExpression.All all => Condition.AllOf(Resolve(all.Of)),
        ConditionExpression.Any any => Condition.AnyOf(Resolve(any.Of)),
        _ => throw new InvalidOperationException("unknown expression"),
    };

    private long TestsOf(ImmutableArray<ConditionExpression> parts)
    {
        long tests = 0;
        foreach (ConditionExpression part in parts)
        {
            tests += TestsOf(part);
        }

        return tests;
    }

    private Condition Resolve(ConditionExpression.Name name)
    {
        SearchIdentifier identifier = _byName[name.Identifier];
        identifier.IsNamed = true;
        return identifier.Condition;
    }

    private List<Condition> Resolve(ImmutableArray<ConditionExpression> parts)
    {
        List<Condition> conditions = new(parts.Length);
        foreach (ConditionExpression part in parts)
        {
            conditions.Add(Resolve(part));
        }

        return conditions;
    }
}
