using System.Collections.Immutable;
using System.Runtime.InteropServices;
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

    /// <summary>Most filters that facets are asked whether they let everything pass; one filter is for many rules, and few are all there are.</summary>
    public const int MaxFilters = 256;

    private CandidateIndex(
        ImmutableArray<ConditionNode> conditions, ImmutableArray<ImmutableArray<ConditionNode>> filtersOf, ImmutableArray<ConditionNode> filters, ImmutableArray<Predicate> predicates,
        ImmutableArray<Facet> facets, int[] facetOf, int[] placeOf, int[] existenceFacetOf, int[] existencePlaceOf, ImmutableArray<FieldSearch> searches, int[] searchOf)
    {
        All = BitSets.All(conditions.Length);
        Conditions = conditions;
        Remainders = Engine.Remainders.Of(conditions, predicates, facetOf);
        Sure = BitSets.Of(conditions.Length, Enumerable.Range(0, conditions.Length).Where(rule => Engine.Remainders.IsNothing(Remainders[rule]) && filtersOf[rule].IsEmpty));
        Filters = filters;
        Dictionary<ConditionNode, int> places = filters.Select((filter, place) => (filter, place)).ToDictionary(pair => pair.filter, pair => pair.place);
        FiltersOf = [.. filtersOf.Select(of => of.IsEmpty ? [] : of.Select(filter => places.GetValueOrDefault(filter, -1)).ToArray())];
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

    /// <summary>The rules that match when no facet excludes them: nothing is left to ask of them, and they have no filters.</summary>
    public ulong[] Sure { get; }

    /// <summary>Filters of the rules, each once.</summary>
    public ImmutableArray<ConditionNode> Filters { get; }

    /// <summary>Per rule, the places of its filters there; -1 of one that is not.</summary>
    public int[][] FiltersOf { get; }

    /// <summary>Words of the rows of facets that follow from their answers: the rules that the facet does not exclude, and the filters that it lets pass.</summary>
    public int DerivedWords => All.Length + BitSets.Words(Filters.Length);

    /// <summary>Words of a row of a facet: what follows from its answers, and they.</summary>
    public int RowWords(Facet facet) => DerivedWords + BitSets.Words(facet.AnswerCount);

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
    public static CandidateIndex Build(
        ImmutableArray<ConditionNode> conditions, ImmutableArray<ImmutableArray<ConditionNode>> filtersOf, ImmutableArray<Predicate> predicates, ImmutableArray<FieldPath> paths)
    {
        ImmutableArray<ConditionNode> filters = [.. filtersOf.SelectMany(of => of).Distinct().Take(MaxFilters)];
        int[]?[] filtersAsking = RulesOf(filters, predicates.Length);
        int[]?[] rulesOf = RulesOf(conditions, predicates.Length);
        FieldSet?[] inputsOf = new FieldSet?[predicates.Length];
        FieldSet?[] existenceOf = new FieldSet?[predicates.Length];
        for (int predicate = 0; predicate < predicates.Length; predicate++)
        {
            inputsOf[predicate] = InputsOf(predicates[predicate], paths);
            existenceOf[predicate] = ExistenceOf(predicates[predicate], paths);
        }

        int[] facetOf = new int[predicates.Length];
        Array.Fill(facetOf, -1);
        int[] placeOf = new int[predicates.Length];
        int[] existenceFacetOf = new int[predicates.Length];
        Array.Fill(existenceFacetOf, -1);
        int[] existencePlaceOf = new int[predicates.Length];
        int answersFrom = (BitSets.Words(conditions.Length) + BitSets.Words(filters.Length)) * 64;
        List<Facet> facets = [];
        foreach (AuditField[] group in Facet.Groups)
        {
            FieldSet fields = FieldSet.Of([.. group]);
            FieldSet asked = FieldSet.None;
            List<int> members = [];
            List<int> told = [];
            for (int predicate = 0; predicate < predicates.Length; predicate++)
            {
                // Of an object that the level hides nothing follows; no facet has one, but this is what the exactness of the whole rests on.
                if (predicates[predicate].Needs == BodyNeeds.None && inputsOf[predicate] is { } inputs && (inputs | fields) == fields)
                {
                    facetOf[predicate] = facets.Count;
                    placeOf[predicate] = answersFrom + members.Count;
                    members.Add(predicate);
                    asked |= inputs;
                }

                if (existenceOf[predicate] is { } existence && (existence | fields) == fields)
                {
                    told.Add(predicate);
                    asked |= existence;
                }
            }

            if (members.Count + told.Count == 0)
            {
                continue;
            }

            for (int place = 0; place < told.Count; place++)
            {
                existenceFacetOf[told[place]] = facets.Count;
                existencePlaceOf[told[place]] = answersFrom + members.Count + place;
            }

            ulong[] asking = new ulong[BitSets.Words(conditions.Length)];
            foreach (int predicate in members.Concat(told))
            {
                foreach (int rule in rulesOf[predicate] ?? [])
                {
                    BitSets.Set(asking, rule);
                }
            }

            int[] rules = [.. Enumerable.Range(0, conditions.Length).Where(rule => BitSets.Contains(asking, rule))];
            int[] filtersOfFacet = [.. members.Concat(told).SelectMany(predicate => filtersAsking[predicate] ?? []).Distinct()];
            facets.Add(new Facet(InputsOf(group, asked), [.. members], [.. told], rules, asking, filtersOfFacet));
        }

        int[] searchOf = new int[predicates.Length];
        Array.Fill(searchOf, -1);
        List<FieldSearch> searches = [];
        foreach (List<int> field in SearchedByField(predicates, facetOf, facets))
        {
            if (FieldSearch.Build(field, predicates, facetOf[field[0]], rulesOf, conditions) is { } search)
            {
                foreach (int predicate in search.Predicates)
                {
                    searchOf[predicate] = searches.Count;
                }

                searches.Add(search);
            }
        }

        return new CandidateIndex(conditions, filtersOf, filters, predicates, [.. facets], facetOf, placeOf, existenceFacetOf, existencePlaceOf, [.. searches], searchOf);
    }

    /// <summary>The fields of a group that rules ask for, without those that stand inside another one of them: its text says what they are.</summary>
    private static AuditField[] InputsOf(AuditField[] group, FieldSet asked)
    {
        AuditField[] fields = [.. group.Where(asked.Contains)];
        return [.. fields.Where(field => !fields.Any(other => FieldCatalogue.PathOf(field).StartsWith(FieldCatalogue.PathOf(other) + ".", StringComparison.Ordinal)))];
    }

    /// <summary>Per predicate, the rules that ask it, in order; null when none does.</summary>
    private static int[]?[] RulesOf(ImmutableArray<ConditionNode> conditions, int predicates)
    {
        List<(int Predicate, int Rule)> asked = [];
        int[] counts = new int[predicates];
        HashSet<int> ofRule = [];
        for (int rule = 0; rule < conditions.Length; rule++)
        {
            ofRule.Clear();
            conditions[rule].CollectPredicates(ofRule);
            foreach (int predicate in ofRule)
            {
                counts[predicate]++;
                asked.Add((predicate, rule));
            }
        }

        int[]?[] rulesOf = new int[predicates][];
        foreach ((int predicate, int rule) in asked)
        {
            int[] rules = rulesOf[predicate] ??= new int[counts[predicate]];
            rules[^counts[predicate]--] = rule;
        }

        return rulesOf;
    }

    /// <summary>The predicates that look for texts and belong to no facet, or to one of which often no row is known, by field.</summary>
    private static Dictionary<int, List<int>>.ValueCollection SearchedByField(ImmutableArray<Predicate> predicates, int[] facetOf, List<Facet> facets)
    {
        Dictionary<int, List<int>> fields = [];
        List<SoughtText> texts = [];
        for (int predicate = 0; predicate < predicates.Length; predicate++)
        {
            if ((facetOf[predicate] < 0 || facets[facetOf[predicate]].OftenComesOnce) && predicates[predicate].TrySeek(predicate, texts))
            {
                (CollectionsMarshal.GetValueRefOrAddDefault(fields, predicates[predicate].Field, out _) ??= []).Add(predicate);
                texts.Clear();
            }
        }

        return fields.Values;
    }

    /// <summary>The fields of the catalogue that a predicate's answer follows from; null when it may follow from anything in the event.</summary>
    private static FieldSet? InputsOf(Predicate predicate, ImmutableArray<FieldPath> paths) =>
        predicate.Other < 0 ? paths[predicate.Field].Inputs : paths[predicate.Field].Inputs is { } one && paths[predicate.Other].Inputs is { } other ? one | other : null;

    private static FieldSet? ExistenceOf(Predicate predicate, ImmutableArray<FieldPath> paths) =>
        paths[predicate.Field].Derived is { } derived ? DerivedFields.ExistenceInputsOf(derived) : null;
}
