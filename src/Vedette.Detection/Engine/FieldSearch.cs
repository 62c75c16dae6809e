using System.Collections.Immutable;
using Vedette.Audit.Events;

namespace Vedette.Detection.Engine;

/// <summary>The texts that rules look for in one field, searched for all at once.</summary>
internal sealed class FieldSearch
{
    private readonly Lazy<TextSearch> _texts;

    private FieldSearch(int field, BodyNeeds needs, int facet, ImmutableArray<int> predicates, List<SoughtText> texts, int[]?[] rulesOf, ulong[] asking, ulong[] withoutAny)
    {
        Field = field;
        Needs = needs;
        Facet = facet;
        Predicates = predicates;
        RulesOf = rulesOf;
        Asking = asking;
        WithoutAny = withoutAny;
        _texts = new Lazy<TextSearch>(() => TextSearch.Build(texts));
    }

    /// <summary>Place of the field.</summary>
    public int Field { get; }

    /// <summary>Bodies without which the field cannot be seen; where one is hidden nothing follows from what is not found.</summary>
    public BodyNeeds Needs { get; }

    /// <summary>The facet that answers the same where its row is known; -1 when there is none.</summary>
    public int Facet { get; }

    /// <summary>The predicates that it answers.</summary>
    public ImmutableArray<int> Predicates { get; }

    /// <summary>The automaton. Most logs have the values of few of the fields, and those of the others are never made.</summary>
    public TextSearch Texts => _texts.Value;

    /// <summary>Per predicate, the rules that ask it; null for those that no rule asks.</summary>
    public int[]?[] RulesOf { get; }

    /// <summary>All rules that ask any of the predicates.</summary>
    public ulong[] Asking { get; }

    /// <summary>The rules that can hold where none of the texts is found.</summary>
    public ulong[] WithoutAny { get; }

    /// <summary>Builds the search for the predicates of a field, or null when it is not worth it.</summary>
    /// <param name="predicates">The predicates, all of which look for texts.</param>
    /// <param name="all">All predicates.</param>
    /// <param name="facet">Their facet; -1 when they have none.</param>
    /// <param name="rulesOf">Per predicate, the rules that ask it.</param>
    /// <param name="conditions">The rules' conditions.</param>
    public static FieldSearch? Build(List<int> predicates, ImmutableArray<Predicate> all, int facet, int[]?[] rulesOf, ImmutableArray<ConditionNode> conditions)
    {
        List<SoughtText> texts = [];
        ImmutableArray<int>.Builder answered = ImmutableArray.CreateBuilder<int>(predicates.Count);
        int states = 1;
        foreach (int predicate in predicates)
        {
            int before = texts.Count;
            all[predicate].TrySeek(predicate, texts);
            for (int text = before; text < texts.Count; text++)
            {
                states += texts[text].Text.Length;
            }

            if (states > TextSearch.MaxStates)
            {
                texts.RemoveRange(before, texts.Count - before);
                break;
            }

            answered.Add(predicate);
        }

        if (texts.Count < CandidateIndex.MinTexts)
        {
            return null;
        }

        ulong[] asking = new ulong[BitSets.Words(conditions.Length)];
        foreach (int predicate in answered)
        {
            foreach (int rule in rulesOf[predicate] ?? [])
            {
                BitSets.Set(asking, rule);
            }
        }

        ulong[] withoutAny = BitSets.All(conditions.Length);
        NoneFound judge = new([.. answered]);
        for (int rule = 0; rule < conditions.Length; rule++)
        {
            if (BitSets.Contains(asking, rule) && conditions[rule].Judge(judge, default) == Truth.False)
            {
                BitSets.Clear(withoutAny, rule);
            }
        }

        return new FieldSearch(all[predicates[0]].Field, all[predicates[0]].Needs, facet, answered.ToImmutable(), texts, rulesOf, asking, withoutAny);
    }

    private sealed class NoneFound(HashSet<int> predicates) : IPredicateJudge
    {
        public Truth Judge(int predicate, in EventView view) => predicates.Contains(predicate) ? Truth.False : Truth.Unknown;
    }
}
