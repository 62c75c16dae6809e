using System.Collections.Immutable;

namespace Vedette.Detection.Engine;

/// <summary>
/// What is left to ask of a rule that no facet excludes. A conjunct all of whose predicates belong to one facet holds then, for a facet answers its predicates for sure and excludes the rules that have a false conjunct; only
/// the others must be asked. Most rules of a pack are about operations, users and programs, and nothing is left of them.
/// </summary>
internal static class Remainders
{
    private static readonly ConstantNode s_nothing = new(true);

    /// <summary>The condition that is left, per rule.</summary>
    /// <param name="conditions">The rules' conditions.</param>
    /// <param name="facetOf">Per predicate, its facet; -1 when it has none.</param>
    public static ImmutableArray<ConditionNode> Of(ImmutableArray<ConditionNode> conditions, int[] facetOf) => [.. conditions.Select(condition => Of(condition, facetOf))];

    private static ConditionNode Of(ConditionNode condition, int[] facetOf)
    {
        List<ConditionNode> conjuncts = [];
        condition.CollectConjuncts(conjuncts);
        ConditionNode[] left = [.. conjuncts.Where(conjunct => !IsWithinOneFacet(conjunct, facetOf))];
        return left.Length switch
        {
            0 => s_nothing,
            1 => left[0],
            _ => new AllNode(left),
        };
    }

    // A constant belongs to no facet and is asked.
    private static bool IsWithinOneFacet(ConditionNode conjunct, int[] facetOf)
    {
        HashSet<int> predicates = [];
        conjunct.CollectPredicates(predicates);
        int[] facets = [.. predicates.Select(predicate => facetOf[predicate]).Distinct()];
        return facets is [>= 0];
    }
}
