using System.Collections.Immutable;

namespace Vedette.Detection.Sigma;

/// <summary>
/// Sigma's condition language (specification 2.1.0, "Condition"): <c>or</c> binds weaker than <c>and</c>, weaker than <c>not</c>, weaker than
/// <c>1|any|all of pattern|them</c> and parentheses. Operators are lower case, as pySigma has it.
/// </summary>
internal sealed class ConditionParser
{
    /// <summary>Deepest nesting of parentheses.</summary>
    public const int MaxDepth = 200;

    /// <summary>Most search identifiers named, each as often as it is and patterns written out.</summary>
    public const int MaxNames = 50_000;

    private readonly string _text;
    private readonly ImmutableArray<string> _identifiers;
    private readonly Action<int, string, string?> _warn;
    private int _at;
    private int _tokenStart;
    private int _names;
    private string _token = "";

    private ConditionParser(string text, ImmutableArray<string> identifiers, Action<int, string, string?> warn)
    {
        _text = text;
        _identifiers = identifiers;
        _warn = warn;
        Next();
    }

    /// <summary>Parses a condition.</summary>
    /// <param name="text">The condition.</param>
    /// <param name="identifiers">The names it may use.</param>
    /// <param name="warn">Told of offset, message and help.</param>
    /// <returns>The expression; null for a condition that is empty because its patterns match nothing.</returns>
    /// <exception cref="ConditionException">It does not parse.</exception>
    public static ConditionExpression? Parse(string text, ImmutableArray<string> identifiers, Action<int, string, string?> warn)
    {
        ConditionParser parser = new(text, identifiers, warn);
        if (parser._token.Length == 0)
        {
            throw new ConditionException(0, "The condition is empty.", "Name a search identifier.");
        }

        ConditionExpression? expression = parser.ParseOr(0);
        if (parser._token.Length > 0)
        {
            throw parser.Unexpected();
        }

        return expression;
    }

    private ConditionExpression? ParseOr(int depth)
    {
        ConditionExpression? first = ParseAnd(depth);
        if (_token != "or")
        {
            return first;
        }

        List<ConditionExpression> parts = [];
        Add(parts, first);
        while (_token == "or")
        {
            Next();
            Add(parts, ParseAnd(depth));
        }

        return parts.Count > 1 ? new ConditionExpression.Any([.. parts]) : parts.FirstOrDefault();
    }

    private ConditionExpression? ParseAnd(int depth)
    {
        ConditionExpression? first = ParseNot(depth);
        if (_token != "and")
        {
            return first;
        }

        List<ConditionExpression> parts = [];
        Add(parts, first);
        while (_token == "and")
        {
            Next();
            Add(parts, ParseNot(depth));
        }

        return parts.Count > 1 ? new ConditionExpression.All([.. parts]) : parts.FirstOrDefault();
    }

    private ConditionExpression? ParseNot(int depth)
    {
        bool negated = false;
        while (_token == "not")
        {
            negated = !negated;
            Next();
        }

        ConditionExpression? operand = ParseOperand(depth);
        return negated && operand is not null ? new ConditionExpression.Not(operand) : operand;
    }

    private ConditionExpression? ParseOperand(int depth)
    {
        if (_token == "(")
        {
            if (depth == MaxDepth)
            {
                throw new ConditionException(_tokenStart, $"More than {MaxDepth} parentheses inside each other.", null);
            }

            int open = _tokenStart;
            Next();
            ConditionExpression? inner = ParseOr(depth + 1);
            if (_token != ")")
            {
                throw _token.Length == 0 ? new ConditionException(open, "This parenthesis is not closed.", "Add ')'.") : Unexpected();
            }

            Next();
            return inner;
        }

        if (!IsWord(_token) || _token is "and" or "or" or "of")
        {
            throw Unexpected();
        }

        string word = _token;
        int start = _tokenStart;
        Next();
        if (_token == "of")
        {
            return ParseQuantifier(word, start);
        }

        if (word.Contains('*', StringComparison.Ordinal))
        {
            throw new ConditionException(start, $"'{word}' is a pattern.", $"Write '1 of {word}' or 'all of {word}'.");
        }

        if (!_identifiers.Contains(word, StringComparer.Ordinal))
        {
            throw Undefined(word, start);
        }

        CountNames(1, start);
        return new ConditionExpression.Name(word);
    }

    private ConditionExpression? ParseQuantifier(string quantifier, int start)
    {
        if (quantifier is not ("1" or "any" or "all"))
        {
            throw new ConditionException(start, $"'{quantifier} of' is not Sigma.", "Only '1 of', 'any of' and 'all of' are; for counts use a correlation rule.");
        }

        Next();
        string pattern = _token;
        int at = _tokenStart;
        if (!IsWord(pattern) || pattern.Contains('-', StringComparison.Ordinal))
        {
            throw new ConditionException(at, $"'{pattern}' is no pattern of search identifiers.", "Patterns are made of letters, digits, '_' and '*'; or write 'them'.");
        }

        Next();
        ImmutableArray<ConditionExpression> chosen =
        [
            .. _identifiers.Where(identifier => pattern == "them" ? !identifier.StartsWith('_') : Matches(pattern, identifier))
                .Select(identifier => new ConditionExpression.Name(identifier)),
        ];
        if (chosen.IsEmpty)
        {
            _warn(at, $"'{pattern}' matches no search identifier, so this part counts for nothing.", "Rename an identifier or remove the part.");
            return null;
        }

        CountNames(chosen.Length, at);
        return chosen.Length == 1 ? chosen[0]
            : quantifier == "all" ? new ConditionExpression.All(chosen)
            : new ConditionExpression.Any(chosen);
    }

    private void CountNames(int more, int at)
    {
        _names += more;
        if (_names > MaxNames)
        {
            throw new ConditionException(at, $"The condition names more than {MaxNames} search identifiers.", "Make several rules of it.");
        }
    }

    private static bool Matches(string pattern, string identifier)
    {
        if (identifier.StartsWith('_') && !pattern.StartsWith('_'))
        {
            return false;
        }

        // Greedy glob with one point to come back to: linear in the product of the lengths at worst.
        int p = 0;
        int star = -1;
        int from = 0;
        int i = 0;
        while (i < identifier.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                from = i;
            }
            else if (p < pattern.Length && pattern[p] == identifier[i])
            {
                p++;
                i++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                i = ++from;
            }
            else
            {
                return false;
            }
        }

        return pattern.AsSpan(p).TrimStart('*').IsEmpty;
    }

    private static void Add(List<ConditionExpression> parts, ConditionExpression? part)
    {
        if (part is not null)
        {
            parts.Add(part);
        }
    }

    private void Next()
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at]))
        {
            _at++;
        }

        _tokenStart = _at;
        if (_at == _text.Length)
        {
            _token = "";
            return;
        }

        if (IsWordCharacter(_text[_at]))
        {
            while (_at < _text.Length && IsWordCharacter(_text[_at]))
            {
                _at++;
            }
        }
        else
        {
            _at++;
        }

        _token = _text[_tokenStart.._at];
    }

    private ConditionException Unexpected() => _token switch
    {
        "" => new ConditionException(_tokenStart, "The condition ends where a search identifier should stand.", null),
        "|" => new ConditionException(_tokenStart, "Pipes are no longer part of Sigma.", "Write a correlation rule: type event_count, value_count or temporal."),
        "AND" or "OR" or "NOT" => new ConditionException(_tokenStart, $"'{_token}' stands where an operator or identifier should.", $"Operators are lower case: '{_token.ToLowerInvariant()}'."),
        _ => new ConditionException(_tokenStart, $"'{_token}' does not belong here.", "Between two identifiers stands 'and' or 'or'."),
    };

    private ConditionException Undefined(string word, int start) => word is "AND" or "OR" or "NOT"
        ? new ConditionException(start, $"'{word}' is not defined.", $"Operators are lower case: '{word.ToLowerInvariant()}'.")
        : new ConditionException(start, $"The search identifier '{word}' is not defined.", $"Defined are: {string.Join(", ", _identifiers.Take(10))}.");

    private static bool IsWord(string token) => token.Length > 0 && IsWordCharacter(token[0]);

    private static bool IsWordCharacter(char character) => char.IsLetterOrDigit(character) || character is '_' or '-' or '*' or '.';
}

/// <summary>A condition that does not parse.</summary>
#pragma warning disable CA1032, CA1064 // Thrown and caught inside this folder only; it always has a place.
internal sealed class ConditionException(int offset, string message, string? help) : Exception(message)
#pragma warning restore CA1032, CA1064
{
    /// <summary>Where in the condition, from 0.</summary>
    public int Offset => offset;

    /// <summary>What to do.</summary>
    public string? Help => help;
}
