using System.Collections.Immutable;

namespace Vedette.Detection.Sigma;

/// <summary>A Sigma condition over names: of search identifiers in a rule, of rules in an extended correlation condition.</summary>
public abstract record ConditionExpression
{
    private ConditionExpression()
    {
    }

    /// <summary>The thing of this name holds.</summary>
    public sealed record Name(string Identifier) : ConditionExpression;

    /// <summary>All hold.</summary>
    public sealed record All(ImmutableArray<ConditionExpression> Of) : ConditionExpression;

    /// <summary>At least one holds.</summary>
    public sealed record Any(ImmutableArray<ConditionExpression> Of) : ConditionExpression;

    /// <summary>It does not hold.</summary>
    public sealed record Not(ConditionExpression Of) : ConditionExpression;

    /// <summary>Every name in the expression.</summary>
    public IEnumerable<string> Names() => this switch
    {
        Name name => [name.Identifier],
        All all => all.Of.SelectMany(part => part.Names()),
        Any any => any.Of.SelectMany(part => part.Names()),
        Not not => not.Of.Names(),
        _ => [],
    };
}
