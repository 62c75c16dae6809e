using System.Collections.Frozen;
using System.Collections.Immutable;
using Vedette.Audit.Events;

namespace Vedette.Detection.Engine;

/// <summary>The texts that rules look for in one field, searched for all at once.</summary>
/// <param name="Field">Place of the field.</param>
/// <param name="Needs">Bodies without which the field cannot be seen; where one is hidden nothing follows from what is not found.</param>
/// <param name="Texts">The automaton.</param>
/// <param name="RulesOf">Per predicate that it answers, the rules that ask it.</param>
/// <param name="Asking">All rules that ask any of the predicates.</param>
/// <param name="WithoutAny">The rules that can hold where none of the texts is found.</param>
internal sealed record FieldSearch(int Field, BodyNeeds Needs, TextSearch Texts, FrozenDictionary<int, int[]> RulesOf, ulong[] Asking, ulong[] WithoutAny)
{
    /// <summary>Builds the search for the predicates of a field, or null when it is not worth it.</summary>
    public static FieldSearch? Build(int[] predicates, ImmutableArray<Predicate> all, List<int>[] rulesOf, ImmutableArray<ConditionNode> conditions)
    {
        List<SoughtText> texts = [];
        Dictionary<int, int[]> answered = [];
        int states = 1;
        foreach (int predicate in predicates)
        {
            SoughtText[] sought = [.. all[predicate].SoughtTexts!.Select(text => text with { Predicate = predicate })];
            states += sought.Sum(text => text.Text.Length);
            if (states > TextSearch.MaxStates)
            {
                break;
            }

            texts.AddRange(sought);
            answered.Add(predicate, [.. rulesOf[predicate]]);
        }

        if (texts.Count < CandidateIndex.MinTexts)
        {
            return null;
        }

        int[] rules = [.. answered.Values.SelectMany(rules => rules).Distinct()];
        ulong[] asking = BitSets.Of(conditions.Length, rules);
        ulong[] withoutAny = BitSets.All(conditions.Length);
        NoneFound judge = new(answered);
        foreach (int rule in rules)
        {
            if (conditions[rule].Judge(judge, default) == Truth.False)
            {
                BitSets.Clear(withoutAny, rule);
            }
        }

        return new FieldSearch(all[predicates[0]].Field, all[predicates[0]].Needs, TextSearch.Build(texts), answered.ToFrozenDictionary(), asking, withoutAny);
    }

    private sealed class NoneFound(Dictionary<int, int[]> predicates) : IPredicateJudge
    {
        public Truth Judge(int predicate, in EventView view) => predicates.ContainsKey(predicate) ? Truth.False : Truth.Unknown;
    }
}
