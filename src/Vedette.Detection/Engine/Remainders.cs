using System.Collections.Immutable;

namespace Vedette.Detection.Engine;

/// <summary>
/// What is left to ask of a rule that no facet excludes. A conjunct all of whose predicates belong to one facet holds then, for a facet answers its predicates for sure and excludes the rules that have a false conjunct; only
/// the others must be asked. Most rules of a pack are about operations, users and programs, and nothing is left of them.
/// </summary>
internal static class Remainders
{
    private static readonly ConstantNode s_nothing = new(true);

    /// <summary>Is nothing left to ask?</summary>
    public static bool IsNothing(ConditionNode remainder) => ReferenceEquals(remainder, s_nothing);

    /// <summary>The condition that is left, per rule.</summary>
    /// <param name="conditions">The rules' conditions.</param>
    /// <param name="predicates">The predicates.</param>
    /// <param name="facetOf">Per predicate, its facet; -1 when it has none.</param>
    public static ImmutableArray<ConditionNode> Of(ImmutableArray<ConditionNode> conditions, ImmutableArray<Predicate> predicates, int[] facetOf)
    {
        ImmutableArray<ConditionNode>.Builder remainders = ImmutableArray.CreateBuilder<ConditionNode>(conditions.Length);
        List<ConditionNode> conjuncts = [];
        HashSet<int> asked = [];
        foreach (ConditionNode condition in conditions)
        {
            conjuncts.Clear();
            condition.CollectConjuncts(conjuncts);
            conjuncts.RemoveAll(conjunct =>
            {
                asked.Clear();
                conjunct.CollectPredicates(asked);
                return IsWithinOneFacet(asked, facetOf);
            });
            remainders.Add(conjuncts.Count switch
            {
                0 => s_nothing,
                1 => conjuncts[0],
                _ => new AllNode([.. conjuncts.OrderBy(Effort)]),
            });
        }

        return remainders.MoveToImmutable();

        // What is known already is asked first, and bodies last: most rules that are left end with what they say of operation and user together.
        int Effort(ConditionNode conjunct)
        {
            asked.Clear();
            conjunct.CollectPredicates(asked);
            return asked.Count == 0 ? 0 : asked.Max(predicate => facetOf[predicate] >= 0 ? 0 : predicates[predicate].Needs == BodyNeeds.None ? 1 : 2);
        }
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
