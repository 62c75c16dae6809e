using System.Collections.Immutable;
using System.Numerics;
using Vedette.Audit.Events;
using Vedette.Audit.Json;
using Vedette.Detection.Fields;
using Vedette.Detection.Stateful;

namespace Vedette.Detection.Engine;

/// <summary>
/// Evaluates compiled rules on one event after the other and counts, per rule, how often it matched and how often it was blind: when it could neither match nor be ruled out
/// because the event's audit level hides what it looks at. One per thread. An event that no rule matches costs no allocation where rules look at plain fields.
/// </summary>
public sealed class RuleEvaluator : IPredicateJudge
{
    private readonly CompiledRules _rules;
    private readonly FieldResolver _fields;
    private readonly MatchScratch _scratch = new();
    private readonly FacetMemory[]? _facets;
    private readonly Search[] _searches;
    private readonly (int Epoch, bool Value)[] _answers;
    private readonly List<int> _matches = [];
    private readonly ulong[] _allWords;
    private readonly ulong[] _noRules;
    private readonly MatchTaker _taker;
    private readonly TermKey _termKey;
    private RuleCounts _counts;
    private Candidates? _candidates;
    private BodyNeeds? _hidden;
    private bool _hasBodies;
    private int _epoch;

    /// <summary>An evaluator of these rules.</summary>
    public RuleEvaluator(CompiledRules rules)
        : this(rules, facets: null)
    {
    }

    /// <summary>An evaluator of these rules that may share with others on its thread what they remember of facets.</summary>
    internal RuleEvaluator(CompiledRules rules, FacetMemory[]? facets)
    {
        _rules = rules;
        _fields = new FieldResolver(rules.Paths);
        _facets = facets;
        _searches = [.. rules.Index.Searches.Select(_ => new Search())];
        _answers = new (int, bool)[rules.Predicates.Length];
        _allWords = BitSets.All(rules.Index.All.Length);
        _noRules = new ulong[rules.Index.All.Length];
        _counts = new RuleCounts(rules);
        _taker = new MatchTaker(rules, _fields);
        _termKey = new TermKey(rules, _fields);
    }

    // What it remembers takes a megabyte, and an evaluator that only adds up the counts of others never needs it.
    private Candidates Candidates => _candidates ?? NewCandidates();

    /// <summary>Per rule, how many events matched.</summary>
    public ReadOnlySpan<long> Matched => _counts.Matched;

    /// <summary>Per rule, on how many events it was blind.</summary>
    public ReadOnlySpan<long> Blind => _counts.Blind;

    /// <summary>Per filter of a rule, in the order of its filters, how many events it kept the rule from matching. An event counts for the first filter that does.</summary>
    public ReadOnlySpan<long> Suppressed(int rule) => _counts.Suppressed[rule];

    /// <summary>How often a regular expression ran out of time; its test then counts as not passed.</summary>
    public long RegexTimeouts => _counts.RegexTimeouts + _scratch.RegexTimeouts;

    /// <summary>The counts so far; they begin anew.</summary>
    /// <param name="used">Counts of this evaluator's rules that nobody needs any more, to go on with; null for new ones.</param>
    public RuleCounts TakeCounts(RuleCounts? used)
    {
        RuleCounts counts = _counts;
        counts.RegexTimeouts += _scratch.RegexTimeouts;
        used?.Clear();
        _counts = used ?? new RuleCounts(_rules);
        _scratch.RegexTimeouts = 0;
        return counts;
    }

    /// <summary>Adds the counts of another evaluator of the same rules.</summary>
    public void Add(RuleCounts counts) => _counts.Add(counts);

    /// <summary>The rules that match an event, by their place, in order.</summary>
    /// <returns>Good until the next call.</returns>
    public IReadOnlyList<int> Evaluate(in EventView view)
    {
        Begin(view);
        ReadOnlySpan<ulong> candidates = Candidates.Select(view, out ReadOnlySpan<ulong> live);
        return Evaluate(view, candidates, live, Candidates.KnowsFacets ? _rules.Index.Sure : _noRules);
    }

    /// <summary>
    /// What stateful rules need of the event just evaluated, taken out of its batch; null when none of the rules that matched is stateful. Costs nothing then.
    /// </summary>
    /// <param name="view">The event that <see cref="Evaluate(in EventView)"/> was last called with.</param>
    /// <param name="cluster">Name of the cluster, for the findings.</param>
    public EventMatch? Take(in EventView view, string? cluster) => TakeWithout(view, cluster, [], room: null);

    /// <summary>As <see cref="Take(in EventView, string?)"/>, without some rules, and with what is kept of the event in a room, if there is one.</summary>
    internal EventMatch? TakeWithout(in EventView view, string? cluster, List<int> without, MatchRoom? room) => _taker.Take(_matches, without, view, cluster, room);

    /// <summary>
    /// The values of the fields by which a rule with new terms tells matches apart, and the user where it asks for peers, as one text that is different for different ones. For the event just evaluated.
    /// </summary>
    /// <returns>Good until the next call; empty when it is longer than <see cref="TermKey.MaxLength"/>.</returns>
    internal ReadOnlySpan<byte> TermKeyOf(int rule, in EventView view) => _termKey.Of(rule, view);

    private Candidates NewCandidates() => _candidates = new Candidates(_rules.Index, this, _facets ?? Candidates.NewMemories(_rules.Index));

    /// <summary>As <see cref="Evaluate(in EventView)"/>, without the index: every rule is asked.</summary>
    internal IReadOnlyList<int> EvaluateAll(in EventView view)
    {
        Begin(view);
        return Evaluate(view, _rules.Index.All, _allWords, _noRules);
    }

    private void Begin(in EventView view)
    {
        _matches.Clear();
        _fields.Begin();
        if (++_epoch == 0)
        {
            // It has gone all the way round: what was answered four thousand million events ago must not pass for an answer of now.
            Array.Clear(_answers);
            Array.ForEach(_searches, search => search.Epoch = 0);
            _epoch = 1;
        }

        _hidden = null;
        _hasBodies = view.IsIrregular || view.RangeOf(AuditField.RequestObject).Exists || view.RangeOf(AuditField.ResponseObject).Exists;
        Candidates.Forget();
    }

    private List<int> Evaluate(in EventView view, ReadOnlySpan<ulong> candidates, ReadOnlySpan<ulong> live, ReadOnlySpan<ulong> sure)
    {
        for (int part = 0; part < live.Length; part++)
        {
            for (ulong words = live[part]; words != 0; words &= words - 1)
            {
                int word = (part * 64) + BitOperations.TrailingZeroCount(words);
                ulong matching = sure[word];
                for (ulong bits = candidates[word]; bits != 0; bits &= bits - 1)
                {
                    int place = BitOperations.TrailingZeroCount(bits);
                    int rule = (word * 64) + place;
                    if ((matching >> place & 1) != 0)
                    {
                        Match(rule);
                    }
                    else
                    {
                        Evaluate(rule, view);
                    }
                }
            }
        }

        return _matches;
    }

    private void Match(int rule)
    {
        _counts.Matched[rule]++;
        _matches.Add(rule);
    }

    private void Evaluate(int rule, in EventView view)
    {
        ConditionNode condition = Candidates.ConditionOf(rule);
        bool isHidden = Hides(_rules.Needs[rule], view);
        if (isHidden && condition.Judge(this, view) == Truth.False)
        {
            // False whatever the level hides, which is the usual case.
            return;
        }

        if (condition.Holds(this, view))
        {
            if (!IsSuppressed(rule, view))
            {
                Match(rule);
            }
        }
        else if (isHidden && !IsExcluded(rule, view))
        {
            _counts.Blind[rule]++;
        }
    }

    /// <summary>What becomes of a rule's condition on an event, three-valued; filters are not looked at and nothing is counted.</summary>
    internal Truth Judge(int rule, in EventView view)
    {
        Begin(view);
        return _rules.Conditions[rule].Judge(this, view);
    }

    private bool IsSuppressed(int rule, in EventView view)
    {
        ImmutableArray<ConditionNode> filters = _rules.Filters[rule];
        for (int filter = 0; filter < filters.Length; filter++)
        {
            if (!Passes(rule, filter) && !filters[filter].Holds(this, view))
            {
                _counts.Suppressed[rule][filter]++;
                return true;
            }
        }

        return false;
    }

    /// <summary>Does a filter keep the rule from matching, whatever the level hides?</summary>
    private bool IsExcluded(int rule, in EventView view)
    {
        ImmutableArray<ConditionNode> filters = _rules.Filters[rule];
        for (int filter = 0; filter < filters.Length; filter++)
        {
            if (!Passes(rule, filter) && filters[filter].Judge(this, view) == Truth.False)
            {
                return true;
            }
        }

        return false;
    }

    private bool Passes(int rule, int filter)
    {
        int place = _rules.Index.FiltersOf[rule][filter];
        return place >= 0 && Candidates.Passes(place);
    }

    /// <summary>Does the event's level hide any of these bodies?</summary>
    internal bool Hides(BodyNeeds needs, in EventView view) => needs != BodyNeeds.None && (needs & (_hidden ??= Bodies.HiddenIn(view))) != BodyNeeds.None;

    /// <summary>The predicates of a search that hold; each may be there several times.</summary>
    internal List<int> Found(int search, in EventView view)
    {
        Search state = _searches[search];
        FieldSearch field = _rules.Index.Searches[search];
        if (state.Epoch != _epoch)
        {
            state.Epoch = _epoch;
            state.Found.Clear();
            Range values = _fields.Resolve(field.Field, view, out _);
            for (int value = values.Start.Value; value < values.End.Value; value++)
            {
                if (_fields.KindOf(value) != JsonKind.Null)
                {
                    field.Texts.Find(_fields.FoldedOf(value, view), state.Found);
                }
            }

            foreach (int predicate in state.Found)
            {
                _answers[predicate] = (_epoch, true);
            }
        }

        return state.Found;
    }

    /// <summary>The answer to a predicate.</summary>
    internal bool Test(int index, in EventView view)
    {
        if (Candidates.Remembered(index) is { } remembered)
        {
            return remembered;
        }

        ref (int Epoch, bool Value) answer = ref _answers[index];
        if (answer.Epoch != _epoch)
        {
            int search = _rules.Index.SearchOf[index];
            // A search that has been made has set the answers of all that it found.
            answer = (_epoch, (search < 0 || _searches[search].Epoch != _epoch) && Ask(_rules.Predicates[index], view));
        }

        return answer.Value;
    }

    /// <inheritdoc />
    Truth IPredicateJudge.Judge(int predicate, in EventView view) => Test(predicate, view) ? Truth.True : IsHidden(predicate, view) ? Truth.Unknown : Truth.False;

    /// <summary>The answer to a predicate whose field this kind of request never has; unknown where it may have it.</summary>
    internal Truth JudgeAbsent(int index, in EventView view)
    {
        Predicate predicate = _rules.Predicates[index];
        return CanExist(predicate, view) ? Truth.Unknown : predicate.Kind == PredicateKind.IsNull ? Truth.True : Truth.False;
    }

    /// <summary>Can this kind of request have the field of a predicate at all?</summary>
    internal bool CanExist(int index, in EventView view) => CanExist(_rules.Predicates[index], view);

    private bool CanExist(Predicate predicate, in EventView view) => CanExist(_rules.Paths[predicate.Field], view);

    private static bool CanExist(FieldPath path, in EventView view) => path.Derived is not { } derived || DerivedFields.CanExist(derived, view);

    /// <summary>Is the field of this predicate out of sight because of the event's level?</summary>
    private bool IsHidden(int index, in EventView view)
    {
        Predicate predicate = _rules.Predicates[index];
        if (!Hides(predicate.Needs, view) || !(Candidates.CanExist(index) ?? CanExist(predicate, view)))
        {
            return false;
        }

        if (predicate.Other >= 0)
        {
            // Of a body and of another one: what the level shows must be there for the comparison to hold.
            bool isOneAway = IsAway(predicate.Field, view);
            bool isOtherAway = IsAway(predicate.Other, view);
            return (isOneAway || isOtherAway) && (isOneAway || IsThere(predicate.Field, view)) && (isOtherAway || IsThere(predicate.Other, view));
        }

        return !_hasBodies || !IsThere(predicate.Field, view);
    }

    private bool IsAway(int field, in EventView view)
    {
        FieldPath path = _rules.Paths[field];
        return Hides(BodyNeedsOf.Path(path), view) && CanExist(path, view) && !IsThere(field, view);
    }

    private bool IsThere(int field, in EventView view)
    {
        _fields.Resolve(field, view, out bool exists);
        return exists;
    }

    private bool Ask(Predicate predicate, in EventView view)
    {
        if (predicate.Needs != BodyNeeds.None && !_hasBodies)
        {
            // Nothing is there to be read.
            return predicate.Kind == PredicateKind.IsNull;
        }

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
                return FieldComparison.Holds(predicate, values, _fields.Resolve(predicate.Other, view, out _), _fields, view);
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

    /// <summary>A search's answer to the event of the epoch.</summary>
    private sealed class Search
    {
        public int Epoch { get; set; }

        public List<int> Found { get; } = [];
    }
}
