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
    public static ImmutableArray<ConditionNode> Of(ImmutableArray<ConditionNode> conditions, int[] facetOf)
    {
        ImmutableArray<ConditionNode>.Builder remainders = ImmutableArray.CreateBuilder<ConditionNode>(conditions.Length);
        List<ConditionNode> conjuncts = [];
        HashSet<int> predicates = [];
        foreach (ConditionNode condition in conditions)
        {
            conjuncts.Clear();
            condition.CollectConjuncts(conjuncts);
            conjuncts.RemoveAll(conjunct =>
            {
                predicates.Clear();
                conjunct.CollectPredicates(predicates);
                return IsWithinOneFacet(predicates, facetOf);
            });
            remainders.Add(conjuncts.Count switch
            {
                0 => s_nothing,
                1 => conjuncts[0],
                _ => new AllNode([.. conjuncts]),
            });
        }

        return remainders.MoveToImmutable();
    }

    // A constant belongs to no facet and is asked.
    private static bool IsWithinOneFacet(HashSet<int> predicates, int[] facetOf)
    {
        int facet = -1;
        foreach (int predicate in predicates)
        {
            if (facetOf[predicate] < 0 || (facet >= 0 && facetOf[predicate] != facet))
            {
                return false;
            }

            facet = facetOf[predicate];
        }

        return facet >= 0;
    }
}
