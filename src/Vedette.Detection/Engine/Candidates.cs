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
    private readonly FacetRow[] _facets;
    private readonly LiveWords _live;
    private readonly ulong[] _found;
    private readonly uint[] _facetsOfFilter;

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
        _facets = [.. memories.Select((memory, facet) => new FacetRow(index, facet, evaluator, memory))];
        _live = new LiveWords(index.All);
        _found = new ulong[index.All.Length];
        _facetsOfFilter = new uint[index.Filters.Length];
        for (int facet = 0; facet < index.Facets.Length; facet++)
        {
            foreach (int filter in index.Facets[facet].Filters)
            {
                _facetsOfFilter[filter] |= 1u << facet;
            }
        }
    }

    /// <summary>A memory of nothing for each facet.</summary>
    /// <param name="index">What is known of the rules.</param>
    /// <param name="shared">For each facet what all threads have worked out; null where there is one.</param>
    public static FacetMemory[] NewMemories(CandidateIndex index, SharedRows[]? shared = null) =>
        [.. index.Facets.Select((facet, place) => new FacetMemory(index.DerivedWords, BitSets.Words(facet.AnswerCount), learnsAtOnce: !facet.OftenComesOnce, shared?[place]))];

    /// <summary>The rules that can match or be blind on this event, good until the next call; call <see cref="Forget"/> before.</summary>
    /// <param name="view">The event.</param>
    /// <param name="live">A bit for each word that holds any.</param>
    public ReadOnlySpan<ulong> Select(in EventView view, out ReadOnlySpan<ulong> live)
    {
        _live.Begin();
        if (!view.IsIrregular)
        {
            Narrow(view);
        }

        live = _live.Live;
        return _live.Set;
    }

    /// <summary>Is all known that facets tell of the rules that were selected?</summary>
    public bool KnowsFacets => _isNarrowed && _unknown == 0;

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

    /// <summary>Does a filter let this event pass, whatever else it asks? False also where that is not known.</summary>
    public bool Passes(int filter)
    {
        for (uint known = _known & _facetsOfFilter[filter]; known != 0; known &= known - 1)
        {
            if (_facets[BitOperations.TrailingZeroCount(known)].Passes(filter))
            {
                return true;
            }
        }

        return false;
    }

    private void Narrow(in EventView view)
    {
        _isNarrowed = true;
        for (int facet = 0; facet < _facets.Length; facet++)
        {
            FacetRow row = _facets[facet];
            if (!_live.Intersects(row.Asking))
            {
                continue;
            }

            if (row.TryFind(view))
            {
                _known |= 1u << facet;
                _live.And(row.Words);
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

    private bool? AnswerAt(int facet, int place) => (_known >> facet & 1) != 0 ? _facets[facet].Contains(place) : null;

    private void Search(int search, in EventView view)
    {
        FieldSearch field = _index.Searches[search];
        if (field.Facet >= 0 && (_known >> field.Facet & 1) != 0)
        {
            return;
        }

        if (_live.CountCommon(field.Asking) <= FewRules || (field.Needs != BodyNeeds.None && _evaluator.Hides(field.Needs, view)))
        {
            return;
        }

        field.WithoutAny.CopyTo(_found, 0);
        foreach (int predicate in _evaluator.Found(search, view))
        {
            foreach (int rule in field.RulesOf[predicate] ?? [])
            {
                BitSets.Set(_found, rule);
            }
        }

        _live.And(_found);
    }
}
