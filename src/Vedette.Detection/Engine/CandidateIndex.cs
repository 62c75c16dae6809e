using System.Collections.Immutable;
using Vedette.Audit.Events;
using Vedette.Detection.Fields;

namespace Vedette.Detection.Engine;

/// <summary>
/// What <see cref="Candidates"/> needs to know of the rules: which predicates belong to which <see cref="Facet"/>, and which look for texts in a field that can be searched for all of them at
/// once. Immutable.
/// </summary>
internal sealed class CandidateIndex
{
    /// <summary>Fewest texts in a field for which an automaton is built; fewer are faster looked for one by one.</summary>
    public const int MinTexts = 16;

    private CandidateIndex(
        ImmutableArray<ConditionNode> conditions, ImmutableArray<Facet> facets, int[] facetOf, int[] placeOf, int[] existenceFacetOf, int[] existencePlaceOf,
        ImmutableArray<FieldSearch> searches, int[] searchOf)
    {
        All = BitSets.All(conditions.Length);
        Conditions = conditions;
        Remainders = Engine.Remainders.Of(conditions, facetOf);
        Facets = facets;
        FacetOf = facetOf;
        PlaceOf = placeOf;
        ExistenceFacetOf = existenceFacetOf;
        ExistencePlaceOf = existencePlaceOf;
        Searches = searches;
        SearchOf = searchOf;
    }

    /// <summary>All rules.</summary>
    public ulong[] All { get; }

    /// <summary>The rules' conditions.</summary>
    public ImmutableArray<ConditionNode> Conditions { get; }

    /// <summary>What is left to ask of each rule that no facet excludes.</summary>
    public ImmutableArray<ConditionNode> Remainders { get; }

    /// <summary>The facets that rules ask for.</summary>
    public ImmutableArray<Facet> Facets { get; }

    /// <summary>Per predicate, the facet that it can be answered from; -1 when there is none.</summary>
    public int[] FacetOf { get; }

    /// <summary>Per predicate, the place of its answer in the rows of its facet: behind the rules.</summary>
    public int[] PlaceOf { get; }

    /// <summary>Per predicate, the facet that tells whether its field can be there at all (<see cref="DerivedFields.CanExist"/>); -1 when none does.</summary>
    public int[] ExistenceFacetOf { get; }

    /// <summary>Per predicate, the place of that answer in the rows of the facet.</summary>
    public int[] ExistencePlaceOf { get; }

    /// <summary>The fields that are searched for many texts at once.</summary>
    public ImmutableArray<FieldSearch> Searches { get; }

    /// <summary>Per predicate, the search that answers it; -1 when there is none.</summary>
    public int[] SearchOf { get; }

    /// <summary>Builds the index.</summary>
    public static CandidateIndex Build(ImmutableArray<ConditionNode> conditions, ImmutableArray<Predicate> predicates, ImmutableArray<FieldPath> paths)
    {
        List<int>[] rulesOf = [.. predicates.Select(_ => new List<int>())];
        for (int rule = 0; rule < conditions.Length; rule++)
        {
            HashSet<int> asked = [];
            conditions[rule].CollectPredicates(asked);
            foreach (int predicate in asked)
            {
                rulesOf[predicate].Add(rule);
            }
        }

        int[] facetOf = new int[predicates.Length];
        Array.Fill(facetOf, -1);
        int[] placeOf = new int[predicates.Length];
        int[] existenceFacetOf = new int[predicates.Length];
        Array.Fill(existenceFacetOf, -1);
        int[] existencePlaceOf = new int[predicates.Length];
        int answersFrom = BitSets.Words(conditions.Length) * 64;
        List<Facet> facets = [];
        foreach (AuditField[] group in Facet.Groups)
        {
            FieldSet fields = FieldSet.Of([.. group]);
            int[] members = [.. Enumerable.Range(0, predicates.Length).Where(predicate => IsWithin(predicates[predicate], fields, paths))];
            int[] told = [.. Enumerable.Range(0, predicates.Length).Where(predicate => ExistenceOf(predicates[predicate], paths) is { } inputs && (inputs | fields) == fields)];
            if (members.Length + told.Length == 0)
            {
                continue;
            }

            for (int place = 0; place < told.Length; place++)
            {
                existenceFacetOf[told[place]] = facets.Count;
                existencePlaceOf[told[place]] = answersFrom + members.Length + place;
            }

            for (int place = 0; place < members.Length; place++)
            {
                facetOf[members[place]] = facets.Count;
                placeOf[members[place]] = answersFrom + place;
            }

            FieldSet asked = members.SelectMany(predicate => InputsOf(predicates[predicate], paths)).Concat(told.Select(predicate => ExistenceOf(predicates[predicate], paths)))
                .Aggregate(FieldSet.None, (all, inputs) => all | inputs!.Value);
            int[] rules = [.. members.Concat(told).SelectMany(predicate => rulesOf[predicate]).Distinct().Order()];
            facets.Add(new Facet(InputsOf(group, asked), members, told, rules, BitSets.Of(conditions.Length, rules)));
        }

        int[] searchOf = new int[predicates.Length];
        Array.Fill(searchOf, -1);
        List<FieldSearch> searches = [];
        foreach (IGrouping<int, int> field in Enumerable.Range(0, predicates.Length)
            .Where(predicate => facetOf[predicate] < 0 && predicates[predicate].SoughtTexts is not null).GroupBy(predicate => predicates[predicate].Field))
        {
            if (FieldSearch.Build([.. field], predicates, rulesOf, conditions) is { } search)
            {
                foreach (int predicate in search.RulesOf.Keys)
                {
                    searchOf[predicate] = searches.Count;
                }

                searches.Add(search);
            }
        }

        return new CandidateIndex(conditions, [.. facets], facetOf, placeOf, existenceFacetOf, existencePlaceOf, [.. searches], searchOf);
    }

    /// <summary>The fields of a group that rules ask for, without those that stand inside another one of them: its text says what they are.</summary>
    private static AuditField[] InputsOf(AuditField[] group, FieldSet asked)
    {
        AuditField[] fields = [.. group.Where(asked.Contains)];
        return [.. fields.Where(field => !fields.Any(other => FieldCatalogue.PathOf(field).StartsWith(FieldCatalogue.PathOf(other) + ".", StringComparison.Ordinal)))];
    }

    // Of an object that the level hides nothing follows; no facet has one, but this is what the exactness of the whole rests on.
    private static bool IsWithin(Predicate predicate, FieldSet group, ImmutableArray<FieldPath> paths) =>
        predicate.Needs == BodyNeeds.None && InputsOf(predicate, paths).All(inputs => inputs is { } known && (known | group) == group);

    private static FieldSet? ExistenceOf(Predicate predicate, ImmutableArray<FieldPath> paths) =>
        paths[predicate.Field].Derived is { } derived ? DerivedFields.ExistenceInputsOf(derived) : null;

    private static FieldSet?[] InputsOf(Predicate predicate, ImmutableArray<FieldPath> paths) =>
        predicate.Other < 0 ? [paths[predicate.Field].Inputs] : [paths[predicate.Field].Inputs, paths[predicate.Other].Inputs];
}
