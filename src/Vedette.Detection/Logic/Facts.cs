using System.Collections.Immutable;
using System.Globalization;
using Vedette.Detection.Engine;
using Vedette.Detection.Rules;

namespace Vedette.Detection.Logic;

/// <summary>What one alternative of a condition asks of an event: of each field, tests that a value must pass and tests that none may pass.</summary>
internal sealed class Facts(EventLogic logic)
{
    private readonly Dictionary<string, FieldFacts> _fields = new(StringComparer.Ordinal);
    private readonly Dictionary<Condition, bool> _others = [];
    private bool _contradictsItself;

    /// <summary>The fields that must be there.</summary>
    public IEnumerable<string> Needed => _fields.Where(pair => pair.Value.IsNeeded).Select(pair => pair.Key);

    /// <summary>About how many tests <see cref="Contradiction"/> compares with each other.</summary>
    public long Comparisons => _others.Count + (long)_fields.Count * _fields.Count + _fields.Values.Sum(facts => facts.Comparisons);

    /// <summary>The fields that something is asked of.</summary>
    public IEnumerable<string> Paths => _fields.Keys;

    /// <summary>Is some scalar anywhere in the event asked for, or asked not to be?</summary>
    public bool HasKeywords => _others.Keys.Any(other => other is Condition.Keyword);

    /// <summary>Are fields compared with each other?</summary>
    public bool HasReferences => _others.Keys.Any(other => other is Condition.FieldReference);

    /// <summary>Must the field be missing, or null?</summary>
    public bool MustBeAbsent(string path) => _fields.TryGetValue(path, out FieldFacts? facts) && (facts.MustExist == Truth.False || facts.MustBeNull == Truth.True);

    /// <summary>Of a field the groups of tests of which its values must pass one each.</summary>
    public IReadOnlyList<ImmutableArray<ValueTest>> WantedOf(string path) => _fields.TryGetValue(path, out FieldFacts? facts) ? facts.Wanted : [];

    /// <summary>Of a field the tests that none of its values may pass.</summary>
    public IReadOnlyList<ValueTest> UnwantedOf(string path) => _fields.TryGetValue(path, out FieldFacts? facts) ? facts.Unwanted : [];

    /// <summary>A copy that can be added to.</summary>
    public Facts Copy()
    {
        Facts copy = new(logic) { _contradictsItself = _contradictsItself };
        foreach ((string path, FieldFacts facts) in _fields)
        {
            copy._fields.Add(path, facts.Copy());
        }

        foreach ((Condition condition, bool isWanted) in _others)
        {
            copy._others.Add(condition, isWanted);
        }

        return copy;
    }

    /// <summary>Some value of the field passes one of the tests.</summary>
    public void AddAnyOf(string path, ImmutableArray<ValueTest> tests) => Of(path).Wanted.Add(tests);

    /// <summary>A plain test holds, or does not.</summary>
    public void Add(Condition test, bool isWanted)
    {
        switch (test)
        {
            case Condition.Field field when isWanted:
                Of(field.Path).Wanted.Add([field.Test]);
                break;
            case Condition.Field field:
                Of(field.Path).Unwanted.Add(field.Test);
                break;
            case Condition.Exists exists:
                Of(exists.Path).MustExist = Both(Of(exists.Path).MustExist, isWanted);
                break;
            case Condition.IsNull isNull:
                Of(isNull.Path).MustBeNull = Both(Of(isNull.Path).MustBeNull, isWanted);
                break;
            case Condition.FieldReference reference when isWanted:
                Of(reference.Path).MustExist = Both(Of(reference.Path).MustExist, isWanted);
                Of(reference.Other).MustExist = Both(Of(reference.Other).MustExist, isWanted);
                goto default;
            default:
                _contradictsItself |= _others.TryGetValue(test, out bool before) && before != isWanted;
                _others[test] = isWanted;
                break;
        }
    }

    /// <summary>Why no event has all these facts; null when one may.</summary>
    public string? Contradiction()
    {
        if (_contradictsItself)
        {
            return "the same test must hold and must not";
        }

        foreach ((string path, FieldFacts facts) in _fields)
        {
            if (ContradictionOf(path, facts) is { } reason)
            {
                return reason;
            }
        }

        return EventLaws.Broken(this);
    }

    /// <summary>The values that a field can still have; null when they are open. A field that need not be there has <see langword="default"/> too: see <see cref="CanBeAbsent"/>.</summary>
    public ImmutableArray<PossibleValue>? ValuesOf(string path)
    {
        if (!_fields.TryGetValue(path, out FieldFacts? facts))
        {
            return EventSchema.Domain(path);
        }

        ImmutableArray<PossibleValue>? start = EventSchema.Domain(path);
        if (start is null)
        {
            foreach (ImmutableArray<ValueTest> group in facts.Wanted)
            {
                if (group.All(EventLogic.IsLiteral) && (!facts.MindsCase || group.All(MindsCase)) && (start is not { } shortest || group.Length < shortest.Length))
                {
                    start = [.. group.Select(EventLogic.ValueOf)];
                }
            }
        }

        return start is { } values ? [.. values.Where(value => Allows(facts, value))] : null;
    }

    /// <summary>Can the field have this value?</summary>
    public bool Allows(string path, PossibleValue value) => !_fields.TryGetValue(path, out FieldFacts? facts) || Allows(facts, value);

    /// <summary>Can the field be missing?</summary>
    public bool CanBeAbsent(string path) => !EventSchema.IsAlwaysThere(path) && !(_fields.TryGetValue(path, out FieldFacts? facts) && facts.IsNeeded);

    /// <summary>Must the field, or something below it, be there?</summary>
    public bool IsNeeded(string path) => Needed.Any(needed => IsAtOrBelow(needed, path));

    /// <summary>Texts that the field's tests ask for as a whole or as a beginning; null where one of them asks for neither.</summary>
    public IEnumerable<ImmutableArray<(string Text, bool IsWhole)>> BeginningsOf(string path) => _fields.TryGetValue(path, out FieldFacts? facts)
        ? facts.Wanted.Where(group => group.All(test => Beginning(test) is not null)).Select(group => group.Select(test => Beginning(test)!.Value).ToImmutableArray())
        : [];

    private FieldFacts Of(string path)
    {
        if (!_fields.TryGetValue(path, out FieldFacts? facts))
        {
            facts = new FieldFacts();
            _fields.Add(path, facts);
        }

        return facts;
    }

    private string? ContradictionOf(string path, FieldFacts facts)
    {
        if (facts.IsNeeded && !EventSchema.CanExist(path))
        {
            return $"'{path}' is no field of an audit event";
        }

        if (facts.IsTorn || (facts.IsNeeded && _fields.Any(pair => pair.Value.MustExist == Truth.False && IsAtOrBelow(path, pair.Key))))
        {
            return $"'{path}' must be there and must not";
        }

        if (facts.MustExist == Truth.False && EventSchema.IsAlwaysThere(path))
        {
            return $"'{path}' is in every event";
        }

        bool isSingle = EventSchema.IsSingle(path);
        if (isSingle && facts.MustBeNull == Truth.True && facts.Wanted.Count > 0)
        {
            return $"'{path}' must be null and have a value";
        }

        if (EventSchema.IsAlwaysThere(path) && (facts.MustBeNull == Truth.True || facts.Unwanted.Exists(IsAnything)))
        {
            return $"'{path}' is in every event";
        }

        foreach (ImmutableArray<ValueTest> group in facts.Wanted)
        {
            if (group.All(test => facts.Unwanted.Exists(unwanted => Covers(unwanted, test))))
            {
                return $"every value that '{path}' may have is left out again";
            }
        }

        if (isSingle)
        {
            return ContradictionOfSingle(path, facts);
        }

        foreach (ImmutableArray<ValueTest> group in facts.Wanted)
        {
            if (group.All(test => EventLogic.IsLiteral(test) && facts.Unwanted.Exists(unwanted => (!MindsCase(unwanted) || MindsCase(test)) && logic.Passes(unwanted, EventLogic.ValueOf(test)))))
            {
                return $"every value that '{path}' may have is left out again";
            }
        }

        return null;
    }

    private string? ContradictionOfSingle(string path, FieldFacts facts)
    {
        if (ValuesOf(path) is { IsEmpty: true } && !CanBeAbsent(path))
        {
            string values = string.Join(", ", facts.Wanted.SelectMany(group => group).Select(Describe).Distinct(StringComparer.Ordinal).Take(3));
            return values.Length == 0 ? $"no value is left for '{path}'" : facts.Wanted.Count == 1 && facts.Unwanted.Count == 0 ? $"'{path}' is never {values}" : $"no value of '{path}' meets all its tests ({values})";
        }

        ImmutableArray<(string Text, bool IsWhole)>[] beginnings = [.. BeginningsOf(path)];
        for (int i = 0; i < beginnings.Length; i++)
        {
            for (int j = 0; j < i; j++)
            {
                if (!beginnings[i].Any(one => beginnings[j].Any(other => Agree(one, other))))
                {
                    return $"'{path}' cannot begin in two ways";
                }
            }
        }

        return null;
    }

    private bool Allows(FieldFacts facts, PossibleValue value) =>
        facts.Wanted.TrueForAll(group => group.Any(test => logic.Passes(test, value)))
        && !(value == PossibleValue.Other ? facts.Unwanted.Exists(IsAnything) : facts.Unwanted.Exists(test => logic.Passes(test, value)));

    /// <summary>Can a text have both beginnings? Letters are compared without case, so the answer may be too kind.</summary>
    private static bool Agree((string Text, bool IsWhole) one, (string Text, bool IsWhole) other)
    {
        bool oneIsLonger = one.Text.Length >= other.Text.Length;
        (string Text, bool IsWhole) longer = oneIsLonger ? one : other;
        (string Text, bool IsWhole) shorter = oneIsLonger ? other : one;
        return longer.Text.StartsWith(shorter.Text, StringComparison.OrdinalIgnoreCase) && (!shorter.IsWhole || longer.Text.Length == shorter.Text.Length);
    }

    private static (string Text, bool IsWhole)? Beginning(ValueTest test) => test switch
    {
        ValueTest.Text { Pattern: { IsLiteral: true } pattern } => (pattern.LiteralText, true),
        ValueTest.Text { Pattern.Parts: [{ Kind: PatternPartKind.Literal } first, ..] } => (first.Text, false),
        _ => null,
    };

    /// <summary>Does the case of letters matter to the test, so that one spelling of a value does not stand for all?</summary>
    private static bool MindsCase(ValueTest test) => test is ValueTest.Text { CaseSensitive: true } or ValueTest.Matches;

    private static bool IsAnything(ValueTest test) => test is ValueTest.Text { Pattern.Parts: [{ Kind: PatternPartKind.AnyCharacters }] };

    /// <summary>Does every value that passes the one test pass the other?</summary>
    private static bool Covers(ValueTest wider, ValueTest narrower)
    {
        if (wider.Equals(narrower) || IsAnything(wider))
        {
            return true;
        }

        if (wider is not ValueTest.Text { CaseSensitive: false } wide || narrower is not ValueTest.Text narrow)
        {
            return false;
        }

        return wide.Pattern.Parts.AsSpan() switch
        {
            [{ Kind: PatternPartKind.Literal } start, { Kind: PatternPartKind.AnyCharacters }] =>
                narrow.Pattern.Parts is [{ Kind: PatternPartKind.Literal } first, ..] && first.Text.StartsWith(start.Text, StringComparison.OrdinalIgnoreCase),
            [{ Kind: PatternPartKind.AnyCharacters }, { Kind: PatternPartKind.Literal } end] =>
                narrow.Pattern.Parts is [.., { Kind: PatternPartKind.Literal } last] && last.Text.EndsWith(end.Text, StringComparison.OrdinalIgnoreCase),
            [{ Kind: PatternPartKind.AnyCharacters }, { Kind: PatternPartKind.Literal } part, { Kind: PatternPartKind.AnyCharacters }] =>
                narrow.Pattern.Parts.Any(piece => piece.Kind == PatternPartKind.Literal && piece.Text.Contains(part.Text, StringComparison.OrdinalIgnoreCase)),
            [{ Kind: PatternPartKind.Literal } whole] => narrow.Pattern.IsLiteral && narrow.Pattern.LiteralText.Equals(whole.Text, StringComparison.OrdinalIgnoreCase),
            _ => false,
        };
    }

    private static string Describe(ValueTest test) => test switch
    {
        ValueTest.Text text => $"'{text.Pattern}'",
        ValueTest.NumberIs number => number.Value.ToString(CultureInfo.InvariantCulture),
        ValueTest.BooleanIs truth => truth.Value ? "true" : "false",
        ValueTest.Matches regex => $"/{regex.Pattern}/",
        _ => "such a value",
    };

    private static bool IsAtOrBelow(string path, string ancestor) =>
        path.StartsWith(ancestor, StringComparison.Ordinal) && (path.Length == ancestor.Length || path[ancestor.Length] == '.');

    // Unknown stands for "not said"; asking for both leaves both marks.
    private static Truth Both(Truth before, bool isWanted) => before switch
    {
        Truth.Unknown => isWanted ? Truth.True : Truth.False,
        Truth.True when isWanted => Truth.True,
        Truth.False when !isWanted => Truth.False,
        _ => FieldFacts.Torn,
    };

    private sealed class FieldFacts
    {
        /// <summary>Neither true nor false can be: both were asked for.</summary>
        public const Truth Torn = (Truth)3;

        /// <summary>Of each group some value passes one test.</summary>
        public List<ImmutableArray<ValueTest>> Wanted { get; private init; } = [];

        /// <summary>No value passes one of these.</summary>
        public List<ValueTest> Unwanted { get; private init; } = [];

        public Truth MustExist { get; set; } = Truth.Unknown;

        public Truth MustBeNull { get; set; } = Truth.Unknown;

        /// <summary>Not null implies there, for null means null or missing.</summary>
        public bool IsNeeded => Wanted.Count > 0 || MustExist == Truth.True || MustBeNull == Truth.False;

        public bool IsTorn => MustExist == Torn || MustBeNull == Torn || (MustExist == Truth.False && IsNeeded);

        /// <summary>Every wanted test with every unwanted one, and the wanted ones of different groups with each other.</summary>
        public long Comparisons
        {
            get
            {
                long wanted = 0;
                long pairs = 0;
                foreach (ImmutableArray<ValueTest> group in Wanted)
                {
                    pairs += wanted * group.Length;
                    wanted += group.Length;
                }

                return (wanted + 1) * (Unwanted.Count + 1) + pairs;
            }
        }

        public bool MindsCase => Unwanted.Exists(Facts.MindsCase) || Wanted.Exists(group => group.Any(Facts.MindsCase));

        public FieldFacts Copy() => new() { Wanted = [.. Wanted], Unwanted = [.. Unwanted], MustExist = MustExist, MustBeNull = MustBeNull };
    }
}
