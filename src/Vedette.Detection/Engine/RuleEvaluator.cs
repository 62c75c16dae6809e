using Vedette.Audit.Events;
using Vedette.Audit.Json;
using Vedette.Detection.Fields;
using Vedette.Detection.Rules;

namespace Vedette.Detection.Engine;

/// <summary>
/// Evaluates compiled rules on one event after the other and counts, per rule, how often it matched and how often it was blind: when it could neither match nor be ruled out
/// because the event's audit level hides what it looks at. One per thread. An event that no rule matches costs no allocation.
/// </summary>
public sealed class RuleEvaluator
{
    private readonly CompiledRules _rules;
    private readonly FieldResolver _fields;
    private readonly MatchScratch _scratch = new();
    private readonly (int Epoch, bool Value)[] _answers;
    private readonly List<int> _matches = [];
    private readonly long[] _matched;
    private readonly long[] _blind;
    private BodyNeeds _hidden;
    private int _epoch;

    /// <summary>An evaluator of these rules.</summary>
    public RuleEvaluator(CompiledRules rules)
    {
        _rules = rules;
        _fields = new FieldResolver(rules.Paths);
        _answers = new (int, bool)[rules.Predicates.Length];
        _matched = new long[rules.Rules.Length];
        _blind = new long[rules.Rules.Length];
    }

    /// <summary>Per rule, how many events matched.</summary>
    public ReadOnlySpan<long> Matched => _matched;

    /// <summary>Per rule, on how many events it was blind.</summary>
    public ReadOnlySpan<long> Blind => _blind;

    /// <summary>How often a regular expression ran out of time; its test then counts as not passed.</summary>
    public long RegexTimeouts => _scratch.RegexTimeouts;

    /// <summary>The rules that match an event, by their place, in order.</summary>
    /// <returns>Good until the next call.</returns>
    public IReadOnlyList<int> Evaluate(in EventView view) => Evaluate(view, _rules.Index.Candidates(view));

    /// <summary>As <see cref="Evaluate(in EventView)"/>, without the index: every rule is asked.</summary>
    internal IReadOnlyList<int> EvaluateAll(in EventView view) => Evaluate(view, _rules.Index.All);

    private List<int> Evaluate(in EventView view, ReadOnlySpan<int> candidates)
    {
        _matches.Clear();
        if (candidates.IsEmpty)
        {
            return _matches;
        }

        _fields.Begin();
        _epoch++;
        _hidden = Bodies.HiddenIn(view);
        foreach (int rule in candidates)
        {
            if (_rules.Conditions[rule].Holds(this, view))
            {
                _matched[rule]++;
                _matches.Add(rule);
            }
            else if ((_rules.Needs[rule] & _hidden) != BodyNeeds.None && _rules.Conditions[rule].Judge(this, view) == Truth.Unknown)
            {
                _blind[rule]++;
            }
        }

        return _matches;
    }

    /// <summary>The answer to a predicate.</summary>
    internal bool Test(int index, in EventView view)
    {
        ref (int Epoch, bool Value) answer = ref _answers[index];
        if (answer.Epoch != _epoch)
        {
            answer = (_epoch, Ask(_rules.Predicates[index], view));
        }

        return answer.Value;
    }

    /// <summary>Is the field of this predicate out of sight because of the event's level?</summary>
    internal bool IsHidden(int index, in EventView view)
    {
        Predicate predicate = _rules.Predicates[index];
        if ((predicate.Needs & _hidden) == BodyNeeds.None
            || (_rules.Paths[predicate.Field].Derived is { } derived && !DerivedFields.CanExist(derived, view)))
        {
            return false;
        }

        _fields.Resolve(predicate.Field, view, out bool exists);
        return !exists;
    }

    private bool Ask(Predicate predicate, in EventView view)
    {
        Range values = _fields.Resolve(predicate.Field, view, out bool exists);
        int end = values.End.Value;
        switch (predicate.Kind)
        {
            case PredicateKind.Exists:
                return exists;
            case PredicateKind.IsNull:
                if (!exists)
                {
                    return true;
                }

                for (int value = values.Start.Value; value < end; value++)
                {
                    if (_fields.KindOf(value) == JsonKind.Null)
                    {
                        return true;
                    }
                }

                return false;
            case PredicateKind.Reference:
                return AskReference(predicate, values, view);
            default:
                ValueMatcher matcher = predicate.Matcher!;
                for (int value = values.Start.Value; value < end; value++)
                {
                    JsonKind kind = _fields.KindOf(value);
                    if (kind != JsonKind.Null && matcher.Matches(matcher.WantsFolded ? _fields.FoldedOf(value, view) : _fields.TextOf(value, view), kind, _scratch))
                    {
                        return true;
                    }
                }

                return false;
        }
    }

    private bool AskReference(Predicate predicate, Range values, in EventView view)
    {
        Range others = _fields.Resolve(predicate.Other, view, out _);
        for (int value = values.Start.Value; value < values.End.Value; value++)
        {
            for (int other = others.Start.Value; other < others.End.Value; other++)
            {
                if (_fields.KindOf(value) != JsonKind.Null && _fields.KindOf(other) != JsonKind.Null
                    && Stands(Comparable(other, predicate, view), Comparable(value, predicate, view), predicate.Position))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private ReadOnlySpan<byte> Comparable(int value, Predicate predicate, in EventView view) =>
        predicate.CaseSensitive ? _fields.TextOf(value, view) : _fields.FoldedOf(value, view);

    private static bool Stands(ReadOnlySpan<byte> text, ReadOnlySpan<byte> inText, TextPosition position) => position switch
    {
        TextPosition.Whole => inText.SequenceEqual(text),
        TextPosition.Start => inText.StartsWith(text),
        TextPosition.End => inText.EndsWith(text),
        _ => inText.IndexOf(text) >= 0,
    };
}
