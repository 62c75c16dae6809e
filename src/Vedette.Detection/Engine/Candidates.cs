using System.Runtime.InteropServices;
using Vedette.Audit.Events;
using Vedette.Audit.Json;

namespace Vedette.Detection.Engine;

/// <summary>
/// The rules that an event can concern. From what is known of the event (one <see cref="Facet"/> after the other, then the texts found in a field) follows for each rule by Kleene's logic whether
/// it can still hold; rules that cannot are left out. Exact: a rule left out could neither have matched nor been blind, since only fields that every level shows decide, or that this event does not hide.
/// One per thread.
/// </summary>
internal sealed class Candidates
{
    /// <summary>So few rules are asked without leaving out more of them: that is faster.</summary>
    public const int FewRules = 4;

    private readonly CandidateIndex _index;
    private readonly RuleEvaluator _evaluator;
    private readonly FacetMemory[] _memories;
    private readonly FacetJudge[] _judges;
    private readonly ulong[]?[] _rows;
    private readonly ulong[] _left;
    private readonly LiveWords _live;
    private readonly ulong[] _row;
    private readonly byte[] _key = new byte[FacetMemory.MaxKeyLength];

    /// <summary>The selection for an evaluator, which answers the predicates.</summary>
    public Candidates(CandidateIndex index, RuleEvaluator evaluator)
    {
        _index = index;
        _evaluator = evaluator;
        _memories = [.. index.Facets.Select(facet => new FacetMemory(index.All.Length + BitSets.Words(facet.Predicates.Length)))];
        _judges = [.. index.Facets.Select((_, facet) => new FacetJudge(evaluator, index, facet))];
        _rows = new ulong[]?[_memories.Length];
        _left = new ulong[index.All.Length];
        _live = new LiveWords(index.All.Length);
        _row = new ulong[index.All.Length];
    }

    /// <summary>The rules that can match or be blind on this event, good until the next call; call <see cref="Forget"/> before.</summary>
    /// <param name="view">The event.</param>
    /// <param name="words">The words that hold any.</param>
    public ReadOnlySpan<ulong> Select(in EventView view, out ReadOnlySpan<int> words)
    {
        Narrow(view);
        words = _live.Places;
        return _live.IsAll ? _index.All : _left;
    }

    private void Narrow(in EventView view)
    {
        _live.Begin();
        if (view.IsIrregular)
        {
            return;
        }

        for (int facet = 0; facet < _memories.Length; facet++)
        {
            if (RowOf(facet, view) is { } row)
            {
                _rows[facet] = row;
                if (_live.And(_left, row) <= FewRules)
                {
                    return;
                }
            }
        }

        for (int search = 0; search < _index.Searches.Length; search++)
        {
            Search(search, view);
        }
    }

    /// <summary>Forgets what it knows of the event before.</summary>
    public void Forget() => Array.Clear(_rows);

    /// <summary>The answer to a predicate, if it is known from before; null when it must be asked.</summary>
    public bool? Remembered(int predicate)
    {
        int facet = _index.FacetOf[predicate];
        return facet >= 0 && _rows[facet] is { } row ? BitSets.Contains(row.AsSpan(_index.All.Length), _index.PlaceOf[predicate]) : null;
    }

    private ulong[]? RowOf(int facet, in EventView view)
    {
        int length = 0;
        foreach (AuditField field in _index.Facets[facet].Inputs)
        {
            JsonRange value = view.RangeOf(field);
            if (length + value.Length + sizeof(int) > _key.Length)
            {
                return null;
            }

            // Kind and length first, so that no two combinations are written alike.
            MemoryMarshal.Write(_key.AsSpan(length), (int)value.Kind << 16 | value.Length);
            view.Json.Slice(value.Start, value.Length).CopyTo(_key.AsSpan(length + sizeof(int)));
            length += sizeof(int) + value.Length;
        }

        ReadOnlySpan<byte> key = _key.AsSpan(0, length);
        ulong[]? row = _memories[facet].Find(key, out int toLearn);
        return toLearn < 0 ? row : Learn(facet, key, toLearn, view);
    }

    private ulong[] Learn(int facet, ReadOnlySpan<byte> key, int place, in EventView view)
    {
        ulong[] row = _memories[facet].Learn(key, place);
        _index.All.CopyTo(row.AsSpan());
        foreach (int rule in _index.Facets[facet].Rules)
        {
            if (_evaluator.Conditions[rule].Judge(_judges[facet], view) == Truth.False)
            {
                BitSets.Clear(row, rule);
            }
        }

        Span<ulong> answers = row.AsSpan(_index.All.Length);
        answers.Clear();
        foreach (int predicate in _index.Facets[facet].Predicates)
        {
            if (_evaluator.Test(predicate, view))
            {
                BitSets.Set(answers, _index.PlaceOf[predicate]);
            }
        }

        return row;
    }

    private void Search(int search, in EventView view)
    {
        FieldSearch field = _index.Searches[search];
        if (_live.CountCommon(_live.IsAll ? _index.All : _left, field.Asking) <= FewRules || (field.Needs != BodyNeeds.None && _evaluator.Hides(field.Needs, view)))
        {
            return;
        }

        field.WithoutAny.CopyTo(_row.AsSpan());
        foreach (int predicate in _evaluator.Found(search, view))
        {
            foreach (int rule in field.RulesOf[predicate])
            {
                BitSets.Set(_row, rule);
            }
        }

        _live.And(_left, _row);
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
