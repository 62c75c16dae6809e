using Vedette.Audit.Events;

namespace Vedette.Detection.Engine;

/// <summary>The row of one facet for one event after the other: found by the facet's values, or worked out and learnt. One per thread and facet.</summary>
internal sealed class FacetRow
{
    private readonly RuleEvaluator _evaluator;
    private readonly CandidateIndex _index;
    private readonly Facet _facet;
    private readonly FacetMemory _memory;
    private readonly Judge _judge;
    private readonly AuditField[] _inputs;
    private readonly KeyedHash _hash = new();
    private readonly ulong[] _learning;
    private readonly int[] _searches;
    private int _row;

    /// <summary>Of a facet.</summary>
    /// <param name="index">What is known of the rules.</param>
    /// <param name="facet">Place of the facet there.</param>
    /// <param name="evaluator">Answers the predicates.</param>
    /// <param name="memory">What is remembered of the facet.</param>
    public FacetRow(CandidateIndex index, int facet, RuleEvaluator evaluator, FacetMemory memory)
    {
        (_index, _evaluator, _memory) = (index, evaluator, memory);
        _facet = index.Facets[facet];
        _inputs = _facet.Inputs;
        Asking = _facet.Asking;
        _learning = new ulong[index.RowWords(_facet)];
        _searches = [.. Enumerable.Range(0, index.Searches.Length).Where(search => index.Searches[search].Facet == facet)];
        _judge = new Judge(evaluator, index, facet);
    }

    /// <summary>The rules that ask the facet.</summary>
    public ulong[] Asking { get; }

    /// <summary>The rules that the facet does not exclude, and behind them its answers.</summary>
    public ReadOnlySpan<ulong> Words => _memory[_row];

    /// <summary>Does a filter let all events pass that have these values?</summary>
    public bool Passes(int filter) => _memory.Contains(_row, (_index.All.Length * 64) + filter);

    /// <summary>Is a bit of the row set?</summary>
    public bool Contains(int bit) => _memory.Contains(_row, bit);

    /// <summary>Takes the row of an event's values; false when there is none.</summary>
    public bool TryFind(in EventView view)
    {
        if (!_hash.TryRead(_inputs, view))
        {
            return false;
        }

        _row = _memory.Find(_hash, out int toLearn);
        return (toLearn < 0 ? _row : Learn(toLearn, view)) > 0;
    }

    /// <summary>Values of a facet are many, and what they answer is nearly always one of a few: only for new answers it is worked out what follows for rules.</summary>
    private int Learn(int place, in EventView view)
    {
        long timeouts = _evaluator.RegexTimeouts;
        FillAnswers(view);
        if (_evaluator.RegexTimeouts > timeouts)
        {
            // No answer of the value's, but of a moment's.
            return 0;
        }

        if (!_memory.TryLearn(_hash, place, _learning.AsSpan(_index.DerivedWords), out _row))
        {
            FillRules(view);
            FillFilters(view);
            _row = _memory.Learn(_hash, place, _learning);
        }

        return _row;
    }

    private void FillAnswers(in EventView view)
    {
        _learning.AsSpan(_index.DerivedWords).Clear();
        foreach (int search in _searches)
        {
            // Answers them all at once.
            _evaluator.Found(search, view);
        }

        foreach (int predicate in _facet.Predicates)
        {
            if (_evaluator.Test(predicate, view))
            {
                BitSets.Set(_learning, _index.PlaceOf[predicate]);
            }
        }

        foreach (int predicate in _facet.ExistencePredicates)
        {
            if (_evaluator.CanExist(predicate, view))
            {
                BitSets.Set(_learning, _index.ExistencePlaceOf[predicate]);
            }
        }
    }

    private void FillRules(in EventView view)
    {
        _index.All.CopyTo(_learning, 0);
        foreach (int rule in _facet.Rules)
        {
            if (_index.Conditions[rule].Judge(_judge, view) == Truth.False)
            {
                BitSets.Clear(_learning, rule);
            }
        }
    }

    private void FillFilters(in EventView view)
    {
        Span<ulong> passing = _learning.AsSpan(_index.All.Length.._index.DerivedWords);
        passing.Clear();
        foreach (int filter in _facet.Filters)
        {
            if (_index.Filters[filter].Judge(_judge, view) == Truth.True)
            {
                BitSets.Set(passing, filter);
            }
        }
    }

    /// <summary>Knows the fields of one facet and nothing else.</summary>
    private sealed class Judge(RuleEvaluator evaluator, CandidateIndex index, int facet) : IPredicateJudge
    {
        Truth IPredicateJudge.Judge(int predicate, in EventView view)
        {
            if (index.FacetOf[predicate] == facet)
            {
                return evaluator.Test(predicate, view) ? Truth.True : Truth.False;
            }

            return index.ExistenceFacetOf[predicate] == facet ? evaluator.JudgeAbsent(predicate, view) : Truth.Unknown;
        }
    }
}
