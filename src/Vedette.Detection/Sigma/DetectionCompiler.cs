using System.Collections.Immutable;
using System.Globalization;
using Vedette.Detection.Rules;
using Vedette.Documents.Yaml;

namespace Vedette.Detection.Sigma;

/// <summary>Compiles the <c>detection</c> of a rule, or the <c>filter</c> of a filter, to one condition over fields.</summary>
/// <param name="reader">The document.</param>
/// <param name="options">How to read it.</param>
/// <param name="isKnown">True when it was read before and there is nothing to say against it: then no regular expression is made only to see whether it can be.</param>
internal sealed class DetectionCompiler(DocumentReader reader, SigmaOptions options, bool isKnown)
{
    /// <summary>Most tests in a rule's condition: every variant of a value counts, and a search identifier as often as it is named.</summary>
    public const int MaxTests = 50_000;

    private int _tests;
    private bool _isTooLarge;
    private string _search = "";
    private YamlScalar? _key;

    /// <summary>Where the tests of the condition stand.</summary>
    public ConditionPlaces Places { get; } = options.NotesPlaces ? new ConditionPlaces() : ConditionPlaces.None;

    /// <summary>Compiles a map of search identifiers and a condition.</summary>
    /// <param name="detection">The map.</param>
    /// <param name="reserved">Keys that are no search identifiers.</param>
    /// <returns>Null when there were errors.</returns>
    public Condition? Compile(YamlMapping detection, params ReadOnlySpan<string> reserved)
    {
        Dictionary<string, Search> searches = new(StringComparer.Ordinal);
        foreach (YamlMember member in detection.Members)
        {
            string name = member.Key.Text;
            if (name == "condition" || reserved.Contains(name))
            {
                continue;
            }

            if (!IsIdentifier(name))
            {
                reader.Error("VS1021", member.Key, $"'{name}' is no name for a search identifier.", "Use letters, digits, '_' and '-'.");
                continue;
            }

            if (name == "timeframe")
            {
                reader.Warn("VS1028", member.Key, "'timeframe' is obsolete and here no more than one more search identifier, a keyword.", "Write a correlation rule with a timespan.");
            }

            _search = name;
            if (CompileSearch(member.Value) is { } condition)
            {
                searches[name] = new Search(condition);
                if (options.NotesPlaces)
                {
                    Places.AddSearch(name, condition);
                }
            }
        }

        if (searches.Count == 0 && !reader.HasErrors)
        {
            reader.Error("VS1020", detection, "There is nothing to search for.", "Add a search identifier, such as 'selection:'.");
        }

        return CompileCondition(detection, searches);
    }

    private static bool IsIdentifier(string name)
    {
        foreach (char character in name)
        {
            if (!char.IsLetterOrDigit(character) && character is not ('_' or '-' or '.'))
            {
                return false;
            }
        }

        return true;
    }

    private Condition? CompileCondition(YamlMapping detection, Dictionary<string, Search> searches)
    {
        YamlNode? node = detection["condition"];
        YamlScalar[] alternatives = node switch
        {
            YamlScalar scalar => [scalar],
            YamlSequence list when list.Items.All(item => item is YamlScalar) => [.. list.Items.Cast<YamlScalar>()],
            _ => [],
        };
        if (alternatives.Length == 0)
        {
            reader.Error("VS1022", node ?? detection, "There is no 'condition'.", "Say which search identifiers must match: condition: selection.");
            return null;
        }

        if (reader.HasErrors)
        {
            return null;
        }

        ImmutableArray<string> names = [.. searches.Keys];
        List<Condition> conditions = [];
        long tests = 0;
        foreach (YamlScalar alternative in alternatives)
        {
            if (ParseExpression(reader, alternative, names) is (true, var expression))
            {
                tests += expression is null ? 0 : TestsNamed(expression, searches);
                if (tests > MaxTests)
                {
                    TooMany(alternative);
                    return null;
                }

                conditions.Add(expression is null ? new Condition.Constant(false) : Resolve(expression, searches));
            }
        }

        if (options.NotesPlaces)
        {
            Places.Unused = [.. detection.Members.Where(member => searches.TryGetValue(member.Key.Text, out Search? search) && !search.IsNamed)
                .Select(member => new ConditionPlace(member.Key.Text, "", member.Key.Line, member.Key.Column, member.Key.Line, member.Key.Column))];
        }

        return reader.HasErrors ? null : AnyOf(conditions);
    }

    /// <summary>How many tests an expression has, those of a search identifier as often as it is named.</summary>
    private static long TestsNamed(ConditionExpression expression, Dictionary<string, Search> searches)
    {
        switch (expression)
        {
            case ConditionExpression.Name name:
                Search search = searches[name.Identifier];
                search.IsNamed = true;
                return search.Tests;
            case ConditionExpression.Not not:
                return TestsNamed(not.Of, searches);
            case ConditionExpression.All { Of: var parts }:
                return TestsNamed(parts, searches);
            case ConditionExpression.Any { Of: var parts }:
                return TestsNamed(parts, searches);
            default:
                throw new InvalidOperationException("unknown expression");
        }
    }

    private static long TestsNamed(ImmutableArray<ConditionExpression> parts, Dictionary<string, Search> searches)
    {
        long tests = 0;
        foreach (ConditionExpression part in parts)
        {
            tests += TestsNamed(part, searches);
        }

        return tests;
    }

    /// <summary>Parses a condition and reports what is wrong with it at its place.</summary>
    public static (bool Parsed, ConditionExpression? Expression) ParseExpression(DocumentReader reader, YamlScalar text, ImmutableArray<string> identifiers)
    {
        // A quoted or folded scalar moves the columns; the place is then its start.
        YamlScalar At(int offset) => text.IsPlain && !text.Text.Contains('\n', StringComparison.Ordinal) ? text with { Column = text.Column + offset } : text;
        try
        {
            return (true, ConditionParser.Parse(text.Text, identifiers, (offset, message, help) => reader.Warn("VS1024", At(offset), message, help)));
        }
        catch (ConditionException exception)
        {
            reader.Error("VS1023", At(exception.Offset), exception.Message, exception.Help);
            return (false, null);
        }
    }

    private static Condition Resolve(ConditionExpression expression, Dictionary<string, Search> searches) => expression switch
    {
        ConditionExpression.Name name => searches[name.Identifier].Condition,
        ConditionExpression.All all => AllOf(Resolve(all.Of, searches)),
        ConditionExpression.Any any => AnyOf(Resolve(any.Of, searches)),
        ConditionExpression.Not not => new Condition.Not(Resolve(not.Of, searches)),
        _ => throw new InvalidOperationException("unknown expression"),
    };

    private static List<Condition> Resolve(ImmutableArray<ConditionExpression> parts, Dictionary<string, Search> searches)
    {
        List<Condition> conditions = new(parts.Length);
        foreach (ConditionExpression part in parts)
        {
            conditions.Add(Resolve(part, searches));
        }

        return conditions;
    }

    /// <summary>A search: a map (all of its items), a list of maps or keywords (any of them), or one keyword.</summary>
    private Condition? CompileSearch(YamlNode node)
    {
        switch (node)
        {
            case YamlMapping { Members.IsEmpty: true }:
                reader.Error("VS1025", node, "An empty map searches for nothing.", "Name a field and its value.");
                return null;
            case YamlMapping map:
                List<Condition> items = new(map.Members.Length);
                foreach (YamlMember member in map.Members)
                {
                    if (CompileItem(member) is { } item)
                    {
                        items.Add(item);
                    }
                }

                return AllOf(items);
            case YamlSequence { Items.IsEmpty: true }:
                reader.Error("VS1025", node, "An empty list searches for nothing.", "Add maps or keywords.");
                return null;
            case YamlSequence list:
                return AnyOf([.. list.Items.Select(item => item is YamlSequence
                    ? Fail("VS1025", item, "A list inside a list is no search.", "Put the inner items into the outer list.")
                    : CompileSearch(item)).OfType<Condition>()]);
            case YamlScalar keyword:
                return ReadValue(keyword) is { } value ? Leaf("", value, [], keyword) : null;
            default:
                return null;
        }
    }

    private Condition? CompileItem(YamlMember item)
    {
        _key = item.Key;
        int end = item.Key.Text.IndexOf('|', StringComparison.Ordinal);
        string field = end < 0 ? item.Key.Text : item.Key.Text[..end];
        string[] modifiers = end < 0 ? [] : item.Key.Text[(end + 1)..].Split('|');
        bool all = false;
        bool negated = false;
        List<string> chain = [];
        for (int i = 0; i < modifiers.Length; i++)
        {
            string modifier = modifiers[i];
            if (modifier == "all")
            {
                all = true;
            }
            else if (modifier == "neq")
            {
                negated = true;
            }
            else if (!Modifier.Exists(modifier))
            {
                return Fail("VS1030", item.Key, $"There is no modifier '{modifier}'.", "See the list of modifiers in docs/sigma.md.");
            }
            else if (Modifier.MustBeFirst(modifier) && i > 0)
            {
                return Fail("VS1031", item.Key, $"'{modifier}' must be the first modifier.", $"Write {field}|{modifier}|….");
            }
            else
            {
                chain.Add(modifier);
            }
        }

        if (modifiers.Length > 0 && modifiers.Contains("exists", StringComparer.Ordinal) && (field.Length == 0 || modifiers.Length > 1))
        {
            return Fail("VS1031", item.Key, "'exists' needs a field and goes with no other modifier.", "Write FIELD|exists: true.");
        }

        ImmutableArray<YamlNode> written = item.Value switch
        {
            YamlSequence { Items.IsEmpty: true } => [new YamlScalar("", IsPlain: true, item.Value.Line, item.Value.Column)],
            YamlSequence list => list.Items,
            { } single => [single],
        };
        if (all && written.Length == 1)
        {
            reader.Warn("VS1032", item.Key, "'all' changes nothing with one value.", "Remove it, or give a list.");
        }

        List<Condition> values = new(written.Length);
        foreach (YamlNode node in written)
        {
            if (node is not YamlScalar scalar)
            {
                Fail("VS1026", node, "A value is a text, a number, a boolean or null.", "To look inside an object write its path: field.inner.");
                continue;
            }

            if (ReadValue(scalar) is { } value && Leaf(field, value, chain, scalar) is { } condition)
            {
                values.Add(condition);
            }
        }

        if (values.Count == 0)
        {
            return null;
        }

        Condition result = all ? AllOf(values) : AnyOf(values);
        if (!negated && AreDropped(values, field))
        {
            return new Condition.Constant(true);
        }

        return negated ? new Condition.Not(result) : result;
    }

    private bool AreDropped(List<Condition> values, string field)
    {
        foreach (Condition value in values)
        {
            if (value is not Condition.Field { Test: var test } || !options.Mapping.Drops(field, test))
            {
                return false;
            }
        }

        return true;
    }

    private SigmaValue? ReadValue(YamlScalar scalar)
    {
        YamlType type = YamlTyping.TypeOf(scalar, out bool truth, out decimal number, out bool isSurprising);
        if (isSurprising)
        {
            string read = type == YamlType.Boolean ? (truth ? "true" : "false") : number.ToString(CultureInfo.InvariantCulture);
            reader.Warn("VS1027", scalar, $"YAML 1.1 reads {scalar.Text} without quotes as {read}.", $"Write '{scalar.Text}' for the text, or {read}.");
        }

        switch (type)
        {
            case YamlType.Null:
                return new SigmaValue.Null();
            case YamlType.Boolean:
                return new SigmaValue.Truth(truth);
            case YamlType.Number:
                return new SigmaValue.Number(number);
            case YamlType.Timestamp:
                Fail("VS1026", scalar, $"YAML reads {scalar.Text} as a date, which is no value in Sigma.", $"Write '{scalar.Text}' in quotes.");
                return null;
            default:
                return new SigmaValue.Text(SigmaText.Parse(scalar.Text));
        }
    }

    private List<SigmaValue> Modified(SigmaValue value, YamlScalar written, string field, List<string> modifiers)
    {
        List<SigmaValue> values = [value];
        foreach (string modifier in _tests > MaxTests ? [] : modifiers)
        {
            List<SigmaValue> next = [];
            foreach (SigmaValue current in values)
            {
                next.AddRange(Modifier.Apply(modifier, current, written.Text, options, out string? error));
                if (error is not null)
                {
                    Fail("VS1033", written, $"The modifier '{modifier}' of '{field}' does not fit: {error}.", null);
                    return [];
                }
            }

            values = next;
        }

        return values;
    }

    private Condition? Leaf(string name, SigmaValue value, List<string> modifiers, YamlScalar at)
    {
        if (modifiers.Count == 0)
        {
            return MayAdd(1, at) ? Leaf(name, value, at) : null;
        }

        List<SigmaValue> values = Modified(value, at, name, modifiers);
        if (!MayAdd(values.Count, at))
        {
            return null;
        }

        List<Condition> conditions = new(values.Count);
        foreach (SigmaValue one in values)
        {
            if (Leaf(name, one, at) is not { } condition)
            {
                return null;
            }

            conditions.Add(condition);
        }

        return conditions.Count == 0 ? null : AnyOf(conditions);
    }

    private Condition? Leaf(string name, SigmaValue value, YamlScalar at)
    {
        Condition? condition = name.Length == 0 ? Keyword(value, at) : FieldTest(options.Mapping.Map(name), value, at);
        if (condition is not null && options.NotesPlaces)
        {
            Places.Add(condition, new ConditionPlace(_search, name, at.Line, at.Column, (name.Length > 0 ? _key : null)?.Line ?? at.Line, (name.Length > 0 ? _key : null)?.Column ?? at.Column));
        }

        return condition;
    }

    private bool MayAdd(int tests, YamlScalar at)
    {
        _tests += tests;
        if (_tests > MaxTests)
        {
            TooMany(at);
        }

        return _tests <= MaxTests;
    }

    private Condition? FieldTest(string field, SigmaValue value, YamlScalar at) => value switch
    {
        SigmaValue.Null => new Condition.IsNull(field),
        SigmaValue.Presence presence => presence.Value ? new Condition.Exists(field) : new Condition.Not(new Condition.Exists(field)),
        SigmaValue.Reference other => new Condition.FieldReference(field, other.Field, other.Position, other.CaseSensitive),
        _ => Test(value, at) is { } test ? new Condition.Field(field, test) : null,
    };

    private Condition? Keyword(SigmaValue value, YamlScalar at) => value switch
    {
        SigmaValue.Text text => new Condition.Keyword(new ValueTest.Text(SigmaText.Place(text.Pattern, TextPosition.Anywhere), text.CaseSensitive)),
        SigmaValue.Number => new Condition.Keyword(new ValueTest.Text(SigmaText.Place(TextPattern.Literal(at.Text), TextPosition.Anywhere), CaseSensitive: false)),
        SigmaValue.Encoded or SigmaValue.Expression or SigmaValue.Network => Test(value, at) is { } test ? new Condition.Keyword(test) : null,
        _ => Fail("VS1029", at, $"A keyword cannot be {value.Kind}.", "Keywords are texts, looked for everywhere in the event."),
    };

    private ValueTest? Test(SigmaValue value, YamlScalar at)
    {
        switch (value)
        {
            case SigmaValue.Text text:
                return new ValueTest.Text(text.Pattern, text.CaseSensitive);
            case SigmaValue.Encoded encoded:
                return new ValueTest.Text(encoded.ToText().Pattern, CaseSensitive: false);
            case SigmaValue.Number number:
                return new ValueTest.NumberIs(number.Value);
            case SigmaValue.Truth truth:
                return new ValueTest.BooleanIs(truth.Value);
            case SigmaValue.Network network:
                return new ValueTest.InNetwork(network.Value);
            case SigmaValue.Comparison comparison:
                return new ValueTest.Compare(comparison.Operator, comparison.Value);
            case SigmaValue.Time time:
                return new ValueTest.TimePart(time.Unit, time.Operator, time.Value);
            case SigmaValue.Expression expression:
                if (!isKnown && !IsSound(expression, at))
                {
                    return null;
                }

                return new ValueTest.Matches(expression.Pattern, expression.Options);
            default:
                throw new InvalidOperationException($"no test for {value.Kind}");
        }
    }

    private bool IsSound(SigmaValue.Expression expression, YamlScalar at)
    {
        if (RegexTranslation.Check(expression.Pattern, expression.Options, out bool backtracks) is { } error)
        {
            Fail("VS1034", at, $"The regular expression does not compile: {error}.", "Sigma's expressions are PCRE; see docs/sigma.md for what differs.");
            return false;
        }

        if (backtracks)
        {
            reader.Note("VS1035", at, "This regular expression needs backtracking (lookaround, backreference, atomic group).", "It runs with a time limit; an expression without these is safer and faster.");
        }

        return true;
    }

    /// <summary>Says once that the condition is too large.</summary>
    private void TooMany(YamlNode at)
    {
        if (!_isTooLarge)
        {
            _isTooLarge = true;
            reader.Error("VS1036", at, $"The rule has more than {MaxTests} tests, variants of values counted, and search identifiers as often as they are named.", "Make several rules of it, or name each identifier once.");
        }
    }

    private Condition? Fail(string code, YamlNode at, string message, string? help)
    {
        reader.Error(code, at, message, help);
        return null;
    }

    private static Condition AllOf(List<Condition> parts) =>
        parts.Count == 1 ? parts[0] : new Condition.All(Flat(parts, static part => (part as Condition.All)?.Of));

    private static Condition AnyOf(List<Condition> parts) =>
        parts.Count == 1 ? parts[0] : new Condition.Any(Flat(parts, static part => (part as Condition.Any)?.Of));

    private static ImmutableArray<Condition> Flat(List<Condition> parts, Func<Condition, ImmutableArray<Condition>?> partsOf)
    {
        ImmutableArray<Condition>.Builder flat = ImmutableArray.CreateBuilder<Condition>(parts.Count);
        foreach (Condition part in parts)
        {
            if (partsOf(part) is { } inner)
            {
                flat.AddRange(inner);
            }
            else
            {
                flat.Add(part);
            }
        }

        return flat.DrainToImmutable();
    }

    /// <summary>A search identifier.</summary>
    /// <param name="condition">What it stands for.</param>
    private sealed class Search(Condition condition)
    {
        public Condition Condition => condition;

        /// <summary>How many tests it has.</summary>
        public int Tests { get; } = TestsOf(condition);

        /// <summary>True when the condition names it.</summary>
        public bool IsNamed { get; set; }

        private static int TestsOf(Condition condition) => condition switch
        {
            Condition.All all => TestsOf(all.Of),
            Condition.Any any => TestsOf(any.Of),
            Condition.Not not => TestsOf(not.Of),
            _ => 1,
        };

        private static int TestsOf(ImmutableArray<Condition> parts)
        {
            int tests = 0;
            foreach (Condition part in parts)
            {
                tests += TestsOf(part);
            }

            return tests;
        }
    }
}
