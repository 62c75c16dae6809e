using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Vedette.Platforms.Eks.FilterPatterns;

/// <summary>Reads a pattern in braces. <c>&amp;&amp;</c> binds closer than <c>||</c>; parentheses before both.</summary>
internal sealed class FilterPatternParser(string text)
{
    private FilterProblem? _problem;
    private int _at;
    private int _depth;
    private int _expressions;

    /// <summary>The pattern's condition; null with a problem.</summary>
    public FilterNode? Parse(out FilterProblem? problem)
    {
        Take("{");
        FilterNode? root = Or();
        if (root is not null && !Take("}"))
        {
            Fail(Next is "AND" or "OR" ? $"'{Next}' is no operator here: write && or ||" : "expected &&, || or the closing }");
        }
        else if (root is not null && Next.Length > 0)
        {
            Fail("something follows the closing }");
        }

        problem = _problem;
        return problem is null ? root : null;
    }

    /// <summary>The word or character that comes next, for messages and keywords.</summary>
    private string Next
    {
        get
        {
            SkipBlanks();
            int end = _at;
            while (end < text.Length && IsWord(text[end]))
            {
                end++;
            }

            return text[_at..(end > _at ? end : Math.Min(_at + 1, text.Length))];
        }
    }

    private FilterNode? Or() => Chain("||", And, parts => new FilterOr(parts));

    private FilterNode? And() => Chain("&&", Primary, parts => new FilterAnd(parts));

    private FilterNode? Chain(string joint, Func<FilterNode?> part, Func<ImmutableArray<FilterNode>, FilterNode> join)
    {
        ImmutableArray<FilterNode>.Builder parts = ImmutableArray.CreateBuilder<FilterNode>();
        do
        {
            if (part() is not { } node)
            {
                return null;
            }

            parts.Add(node);
        }
        while (Take(joint));
        return parts.Count == 1 ? parts[0] : join(parts.ToImmutable());
    }

    private FilterNode? Primary()
    {
        if (!Take("("))
        {
            return Comparison();
        }

        if (++_depth > FilterPattern.MaxDepth)
        {
            return Fail($"parentheses are nested deeper than {FilterPattern.MaxDepth}");
        }

        FilterNode? inner = Or();
        _depth--;
        return inner is null || Take(")") ? inner : Fail("expected &&, || or the closing )");
    }

    private FilterNode? Comparison()
    {
        if (Selector() is not { } selector)
        {
            return null;
        }

        switch (Next)
        {
            case "IS":
                Take("IS");
                string what = Next;
                JsonValueKind? kind = what switch { "NULL" => JsonValueKind.Null, "TRUE" => JsonValueKind.True, "FALSE" => JsonValueKind.False, _ => null };
                return kind is { } known && Take(what) ? new FilterIs(selector, known) : Fail("after IS comes NULL, TRUE or FALSE; there is no IS NOT");
            case "NOT":
                Take("NOT");
                return Take("EXISTS") ? new FilterNotExists(selector) : Fail("after NOT comes EXISTS");
            case "EXISTS":
                return Fail("there is no EXISTS; write = \"*\"");
        }

        string? comparison = Array.Find(s_comparisons, Take);
        if (comparison is null)
        {
            return Fail("expected =, !=, <, <=, >, >=, IS or NOT EXISTS");
        }

        int place = _at;
        if (Value() is not { } value)
        {
            return null;
        }

        if (comparison is "=" or "!=")
        {
            return new FilterEquality(selector, comparison == "=", value);
        }

        _at = value.Number is null ? place : _at;
        return value.Number is { } bound ? new FilterOrder(selector, comparison, bound) : Fail($"{comparison} compares with a number");
    }

    /// <summary>Longer before shorter.</summary>
    private static readonly string[] s_comparisons = ["!=", "<=", ">=", "=", "<", ">"];

    private FilterSelector? Selector()
    {
        SkipBlanks();
        if (!text.AsSpan(_at).StartsWith("$."))
        {
            Fail("expected a field such as $.objectRef.resource");
            return null;
        }

        _at++;
        ImmutableArray<FilterStep>.Builder steps = ImmutableArray.CreateBuilder<FilterStep>();
        while (_at < text.Length && text[_at] is '.' or '[')
        {
            bool element = text[_at++] == '[';
            int start = _at;
            while (_at < text.Length && (element ? char.IsAsciiDigit(text[_at]) : IsWord(text[_at]) || text[_at] == '-'))
            {
                _at++;
            }

            string step = text[start.._at];
            bool closed = !element || (_at < text.Length && text[_at++] == ']');
            int index = 0;
            if (step.Length == 0 || !closed || (element && !int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out index)))
            {
                _at = start;
                Fail(element ? "expected the number of an element and ]" : "expected a name of letters, digits, - and _");
                return null;
            }

            steps.Add(element ? new FilterStep(null, index) : new FilterStep(step, 0));
        }

        if (_at < text.Length && text[_at] == '/')
        {
            Fail("a name with / cannot be selected; names have letters, digits, - and _ only");
            return null;
        }

        return new FilterSelector(steps.ToImmutable());
    }

    private FilterValue? Value()
    {
        SkipBlanks();
        int start = _at;
        char first = start < text.Length ? text[start] : '\0';
        if (first is '"' or '%')
        {
            int end = text.IndexOf(first, start + 1);
            if (end < 0)
            {
                Fail($"the closing {first} is missing");
                return null;
            }

            _at = end + 1;
            return first == '"' ? FilterValue.Quoted(text[(start + 1)..end]) : Expression(text[(start + 1)..end], start);
        }

        while (_at < text.Length && (IsWord(text[_at]) || text[_at] is '*' or '.' or '+' or '-'))
        {
            _at++;
        }

        if (_at == start)
        {
            Fail("expected a text in quotes, a number or a %regular expression%");
            return null;
        }

        return FilterValue.Bare(text[start.._at]);
    }

    private FilterValue? Expression(string expression, int start)
    {
        if (++_expressions > FilterPattern.MaxExpressions)
        {
            Fail($"a pattern has at most {FilterPattern.MaxExpressions} regular expressions");
            return null;
        }

        if (expression.AsSpan().IndexOfAny('(', ')') >= 0)
        {
            _at = start;
            Fail("regular expressions here have no parentheses");
            return null;
        }

        try
        {
            return FilterValue.Expression(expression);
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            _at = start;
            Fail("this is no regular expression");
            return null;
        }
    }

    private bool Take(string token)
    {
        SkipBlanks();
        if (!text.AsSpan(_at).StartsWith(token) || (IsWord(token[^1]) && Next != token))
        {
            return false;
        }

        _at += token.Length;
        return true;
    }

    private FilterNode? Fail(string message)
    {
        _problem ??= new FilterProblem(message, _at);
        return null;
    }

    private void SkipBlanks()
    {
        while (_at < text.Length && char.IsWhiteSpace(text[_at]))
        {
            _at++;
        }
    }

    private static bool IsWord(char character) => char.IsAsciiLetterOrDigit(character) || character == '_';
}
