using System.Text;
using Vedette.Audit.Json;
using Vedette.Detection.Engine;
using Vedette.Detection.Fields;
using Vedette.Detection.Rules;

namespace Vedette.Detection.Logic;

/// <summary>
/// Proves that no audit event can meet a condition. A condition is taken apart into alternatives of plain facts; each alternative is held against what is known of events (<see cref="Facts"/>). What is
/// not known counts as possible, so "impossible" is always true and "possible" may be too kind. Not for several threads.
/// </summary>
internal sealed class EventLogic
{
    /// <summary>Most alternatives looked at for one question; beyond it the answer is "possible".</summary>
    public const int MaxAlternatives = 20_000;

    /// <summary>Most tests looked at, and compared with each other, for one question; beyond it the answer is "possible".</summary>
    public const int MaxSteps = 1_000_000;

    /// <summary>Most reasons kept for one answer.</summary>
    public const int MaxReasons = 4;

    private readonly Dictionary<ValueTest, ValueMatcher> _matchers = [];
    private readonly MatchScratch _scratch = new();
    private readonly List<string> _reasons = [];
    private int _alternatives;
    private long _steps;
    private List<Facts>? _found;
    private int _most;

    /// <summary>Can an event meet all of these conditions?</summary>
    /// <param name="reasons">Where none can: why, one text for each kind of contradiction.</param>
    /// <param name="conditions">The conditions.</param>
    public bool IsPossible(out IReadOnlyList<string> reasons, params ReadOnlySpan<Condition> conditions)
    {
        _reasons.Clear();
        _alternatives = 0;
        _steps = 0;
        Pending? pending = null;
        foreach (Condition condition in conditions)
        {
            pending = new Pending(condition, IsWanted: true, pending);
        }

        bool possible = Solve(pending, [], new Facts(this));
        reasons = [.. _reasons];
        return possible;
    }

    /// <summary>Can an event meet all of these conditions?</summary>
    public bool IsPossible(params ReadOnlySpan<Condition> conditions) => IsPossible(out _, conditions);

    /// <summary>The ways in which an event can meet all of these conditions: together they hold every event that does, and perhaps some that do not.</summary>
    /// <param name="most">Most ways wanted.</param>
    /// <param name="conditions">The conditions.</param>
    /// <returns>Null when there are more, or too many to look at.</returns>
    public IReadOnlyList<Facts>? Ways(int most, params ReadOnlySpan<Condition> conditions)
    {
        (_found, _most) = ([], most);
        bool isCutShort = IsPossible(out _, conditions);
        List<Facts> found = _found;
        _found = null;
        return isCutShort ? null : found;
    }

    /// <summary>Does every event that meets the one condition meet the other?</summary>
    public bool Implies(Condition one, Condition other) => !IsPossible(one, new Condition.Not(other));

    /// <summary>Does a value pass a test?</summary>
    public bool Passes(ValueTest test, PossibleValue value)
    {
        if (value == PossibleValue.Other)
        {
            return !IsLiteral(test);
        }

        if (!_matchers.TryGetValue(test, out ValueMatcher? matcher))
        {
            matcher = ValueMatcher.Compile(test);
            _matchers.Add(test, matcher);
        }

        return matcher.Matches(matcher.WantsFolded ? CaseFolding.Fold(value.Text) : Encoding.UTF8.GetBytes(value.Text), value.Kind, _scratch);
    }

    /// <summary>Is there but one value that passes?</summary>
    public static bool IsLiteral(ValueTest test) => test is ValueTest.Text { Pattern.IsLiteral: true } or ValueTest.NumberIs or ValueTest.BooleanIs;

    /// <summary>The value of a test for which <see cref="IsLiteral"/> holds.</summary>
    public static PossibleValue ValueOf(ValueTest test) => test switch
    {
        ValueTest.Text text => new PossibleValue(text.Pattern.LiteralText, JsonKind.String),
        ValueTest.NumberIs number => new PossibleValue(number.Value.ToString(System.Globalization.CultureInfo.InvariantCulture), JsonKind.Number),
        ValueTest.BooleanIs { Value: true } => new PossibleValue("true", JsonKind.True),
        _ => new PossibleValue("false", JsonKind.False),
    };

    private bool Solve(Pending? pending, List<Branch> branches, Facts facts)
    {
        while (pending is not null)
        {
            if (++_steps > MaxSteps)
            {
                return true;
            }

            (Condition condition, bool isWanted, pending) = pending;
            switch (condition)
            {
                case Condition.Constant constant when constant.Value == isWanted:
                    break;
                case Condition.Constant:
                    return false;
                case Condition.Not not:
                    pending = new Pending(not.Of, !isWanted, pending);
                    break;
                case Condition.Any any when isWanted && FieldOf(any) is { } path:
                    facts.AddAnyOf(path, [.. any.Of.Select(part => ((Condition.Field)part).Test)]);
                    break;
                case Condition.All all:
                    Spread(all.Of, isWanted, isWanted, ref pending, branches);
                    break;
                case Condition.Any any:
                    Spread(any.Of, isWanted, !isWanted, ref pending, branches);
                    break;
                default:
                    facts.Add(condition, isWanted);
                    break;
            }
        }

        _steps += facts.Comparisons + branches.Count;
        if (_steps > MaxSteps)
        {
            return true;
        }

        // Facts that already exclude each other are found before the alternatives multiply.
        if (facts.Contradiction() is { } reason)
        {
            Note(reason);
            return false;
        }

        if (branches.Count == 0)
        {
            // Where all ways are wanted the search goes on as if this one were none.
            _found?.Add(facts);
            return _found is null || _found.Count > _most;
        }

        Branch next = branches.MinBy(branch => branch.Parts.Length);
        List<Branch> others = [.. branches.Where(branch => branch.Parts != next.Parts)];
        foreach (Condition part in next.Parts)
        {
            if (++_alternatives > MaxAlternatives || Solve(new Pending(part, next.IsWanted, null), [.. others], facts.Copy()))
            {
                return true;
            }
        }

        return false;
    }

    private static void Spread(System.Collections.Immutable.ImmutableArray<Condition> parts, bool isWanted, bool allOfThem, ref Pending? pending, List<Branch> branches)
    {
        if (!allOfThem)
        {
            branches.Add(new Branch(parts, isWanted));
            return;
        }

        foreach (Condition part in parts)
        {
            pending = new Pending(part, isWanted, pending);
        }
    }

    /// <summary>The one field that all alternatives are about; null when there are several.</summary>
    private static string? FieldOf(Condition.Any any) =>
        any.Of is [Condition.Field first, ..] && any.Of.All(part => part is Condition.Field field && field.Path == first.Path) ? first.Path : null;

    private void Note(string reason)
    {
        if (_reasons.Count < MaxReasons && !_reasons.Contains(reason))
        {
            _reasons.Add(reason);
        }
    }

    private sealed record Pending(Condition Condition, bool IsWanted, Pending? Next);

    private readonly record struct Branch(System.Collections.Immutable.ImmutableArray<Condition> Parts, bool IsWanted);
}
