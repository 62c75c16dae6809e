using System.Numerics;
using Vedette.Audit.Events;

namespace Vedette.Detection.Engine;

/// <summary>
/// The rules that an event can concern. From what is known of the event (one <see cref="Facet"/> after the other, then the texts found in a field) follows for each rule by Kleene's logic whether
/// it can still hold; rules that cannot are left out. Exact: a rule left out could neither have matched nor been blind, since only fields that every level shows decide, or that this event does not hide.
/// One per thread.
/// </summary>
internal sealed class Candidates
{
    /// <summary>So few rules are asked without searching a field for the texts of all: that is faster.</summary>
    public const int FewRules = 4;

    private readonly CandidateIndex _index;
    private readonly RuleEvaluator _evaluator;
    private readonly FacetMemory[] _memories;
    private readonly FacetJudge[] _judges;
    private readonly int[] _rows;
    private readonly LiveWords _live;
    private readonly ulong[] _row;
    private readonly KeyedHash _hash = new();

    // Of each facet a bit: is its row known, or was it looked for in vain?
    private uint _known;
    private uint _unknown;
    private bool _isNarrowed;

    /// <summary>The selection for an evaluator, which answers the predicates.</summary>
    /// <param name="index">What is known of the rules.</param>
    /// <param name="evaluator">The evaluator.</param>
    /// <param name="memories">What is remembered of facets (<see cref="NewMemories"/>), which other evaluators of the same rules on the same thread may have too.</param>
    public Candidates(CandidateIndex index, RuleEvaluator evaluator, FacetMemory[] memories)
    {
        _index = index;
        _evaluator = evaluator;
        _memories = memories;
        _judges = [.. index.Facets.Select((_, facet) => new FacetJudge(evaluator, index, facet))];
        _rows = new int[_memories.Length];
        _live = new LiveWords(index.All);
        _row = new ulong[index.All.Length + BitSets.Words(index.Facets.Select(facet => facet.AnswerCount).DefaultIfEmpty().Max())];
    }

    /// <summary>A memory of nothing for each facet.</summary>
    /// <param name="index">What is known of the rules.</param>
    /// <param name="shared">For each facet what all threads have worked out; null where there is one.</param>
    public static FacetMemory[] NewMemories(CandidateIndex index, SharedRows[]? shared = null) =>
        [.. index.Facets.Select((facet, place) => new FacetMemory(index.All.Length, BitSets.Words(facet.AnswerCount), shared?[place]))];

    /// <summary>The rules that can match or be blind on this event, good until the next call; call <see cref="Forget"/> before.</summary>
    /// <param name="view">The event.</param>
    /// <param name="words">The words that hold any.</param>
    public ReadOnlySpan<ulong> Select(in EventView view, out ReadOnlySpan<int> words)
    {
        _live.Begin();
        if (!view.IsIrregular)
        {
            Narrow(view);
        }

        words = _live.Places;
        return _live.Set;
    }

    /// <summary>What must still be asked for a rule that was selected: not what facets have answered.</summary>
    public ConditionNode ConditionOf(int rule)
    {
        bool isKnown = _isNarrowed;
        for (uint unknown = _unknown; unknown != 0; unknown &= unknown - 1)
        {
            isKnown = isKnown && !BitSets.Contains(_index.Facets[BitOperations.TrailingZeroCount(unknown)].Asking, rule);
        }

        return isKnown ? _index.Remainders[rule] : _index.Conditions[rule];
    }

    private void Narrow(in EventView view)
    {
        _isNarrowed = true;
        for (int facet = 0; facet < _memories.Length && _live.Places.Length > 0; facet++)
        {
            if (!_live.Intersects(_index.Facets[facet].Asking))
            {
                continue;
            }

            if (RowOf(facet, view) is var row and > 0)
            {
                _rows[facet] = row;
                _known |= 1u << facet;
                _live.And(_memories[facet][row]);
            }
            else
            {
                _unknown |= 1u << facet;
            }
        }

        for (int search = 0; search < _index.Searches.Length && _live.Count > FewRules; search++)
        {
            Search(search, view);
        }
    }

    /// <summary>Forgets what it knows of the event before.</summary>
    public void Forget()
    {
        _known = 0;
        _unknown = 0;
        _isNarrowed = false;
    }

    /// <summary>The answer to a predicate, if it is known from before; null when it must be asked.</summary>
    public bool? Remembered(int predicate)
    {
        int facet = _index.FacetOf[predicate];
        return facet >= 0 ? AnswerAt(facet, _index.PlaceOf[predicate]) : null;
    }

    /// <summary>Can the field of a predicate be there at all, if that is known from before?</summary>
    public bool? CanExist(int predicate)
    {
        int facet = _index.ExistenceFacetOf[predicate];
        return facet >= 0 ? AnswerAt(facet, _index.ExistencePlaceOf[predicate]) : null;
    }

    private bool? AnswerAt(int facet, int place) => (_known >> facet & 1) != 0 ? _memories[facet].Contains(_rows[facet], place) : null;

    /// <summary>Where the row of an event's values is in the facet's memory; 0 when there is none.</summary>
    private int RowOf(int facet, in EventView view)
    {
        if (!_hash.TryRead(_index.Facets[facet].Inputs, view))
        {
            return 0;
        }

        int row = _memories[facet].Find(_hash, out int toLearn);
        return toLearn < 0 ? row : Learn(facet, toLearn, view);
    }

    /// <summary>Values of a facet are many, and what they answer is nearly always one of a few: only for new answers it is worked out what follows for rules.</summary>
    private int Learn(int facet, int place, in EventView view)
    {
        int rules = _index.All.Length;
        Span<ulong> words = _row.AsSpan(0, rules + BitSets.Words(_index.Facets[facet].AnswerCount));
        FillAnswers(facet, words, view);
        if (!_memories[facet].TryLearn(_hash, place, words[rules..], out int row))
        {
            FillRules(facet, words[..rules], view);
            row = _memories[facet].Learn(_hash, place, words);
        }

        return row;
    }

    private void FillAnswers(int facet, Span<ulong> row, in EventView view)
    {
        row[_index.All.Length..].Clear();
        foreach (int predicate in _index.Facets[facet].Predicates)
        {
            if (_evaluator.Test(predicate, view))
            {
                BitSets.Set(row, _index.PlaceOf[predicate]);
            }
        }

        foreach (int predicate in _index.Facets[facet].ExistencePredicates)
        {
            if (_evaluator.CanExist(predicate, view))
            {
                BitSets.Set(row, _index.ExistencePlaceOf[predicate]);
            }
        }
    }

    private void FillRules(int facet, Span<ulong> rules, in EventView view)
    {
        _index.All.CopyTo(rules);
        foreach (int rule in _index.Facets[facet].Rules)
        {
            if (_index.Conditions[rule].Judge(_judges[facet], view) == Truth.False)
            {
                BitSets.Clear(rules, rule);
            }
        }
    }

    private void Search(int search, in EventView view)
    {
        FieldSearch field = _index.Searches[search];
        if (_live.CountCommon(field.Asking) <= FewRules || (field.Needs != BodyNeeds.None && _evaluator.Hides(field.Needs, view)))
        {
            return;
        }

        Span<ulong> row = _row.AsSpan(0, _index.All.Length);
        field.WithoutAny.CopyTo(row);
        foreach (int predicate in _evaluator.Found(search, view))
        {
            foreach (int rule in field.RulesOf[predicate] ?? [])
            {
                BitSets.Set(row, rule);
            }
        }

        _live.And(row);
    }

    /// <summary>Knows the fields of one facet and nothing else.</summary>
    private sealed class FacetJudge(RuleEvaluator evaluator, CandidateIndex index, int facet) : IPredicateJudge
    {
        public Truth Judge(int predicate, in EventView view)
        {
            if (index.FacetOf[predicate] == facet)
            {
                return evaluator.Test(predicate, view) ? Truth.True : Truth.False;
            }

            return index.ExistenceFacetOf[predicate] == facet ? evaluator.JudgeAbsent(predicate, view) : Truth.Unknown;
        }
    }
}
