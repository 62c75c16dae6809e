using System.Globalization;
using System.Text.RegularExpressions;

namespace Vedette.Policy.Requests;

/// <summary>
/// Does a label selector parse? (apimachinery/pkg/labels/selector.go.) What it selects does not matter to auditing, but one that does not parse makes kube-apiserver forget the field selector
/// beside it.
/// </summary>
internal sealed partial class LabelSelector
{
    private readonly List<(Token Token, string Text)> _items = [];
    private int _position;

    private enum Token
    {
        Error,
        End,
        Identifier,
        In,
        NotIn,
        Equals,
        DoubleEquals,
        NotEquals,
        Greater,
        Less,
        Not,
        Open,
        Close,
        Comma,
    }

    private LabelSelector(string text)
    {
        int at = 0;
        do
        {
            _items.Add(Lex(text, ref at));
        }
        while (_items[^1].Token != Token.End);
    }

    /// <summary>True when Kubernetes takes the selector; the empty one is fine.</summary>
    public static bool IsValid(string text) => text.Length == 0 || new LabelSelector(text).Parse();

    private bool Parse()
    {
        while (true)
        {
            switch (Look())
            {
                case Token.End:
                    return true;
                case Token.Identifier or Token.Not when ParseRequirement():
                    break;
                default:
                    return false;
            }

            switch (Take().Token)
            {
                case Token.End:
                    return true;
                case Token.Comma when Look() is Token.Identifier or Token.Not:
                    break;
                default:
                    return false;
            }
        }
    }

    private bool ParseRequirement()
    {
        (Token token, string key) = Take();
        bool isNot = token == Token.Not;
        if (isNot)
        {
            (token, key) = Take();
        }

        if (token != Token.Identifier || !IsKey(key))
        {
            return false;
        }

        if (isNot || Look() is Token.End or Token.Comma)
        {
            return true;
        }

        // Where an operator is expected, "in" and "notin" are operators.
        Token @operator = _items[_position++].Token;
        switch (@operator)
        {
            case Token.In or Token.NotIn:
                return ParseValues();
            case Token.Equals or Token.DoubleEquals or Token.NotEquals or Token.Greater or Token.Less:
                string value = "";
                if (Look() is not (Token.End or Token.Comma))
                {
                    (token, value) = Take();
                    if (token != Token.Identifier)
                    {
                        return false;
                    }
                }

                return IsValue(value)
                    && (@operator is not (Token.Greater or Token.Less) || long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _));
            default:
                return false;
        }
    }

    private bool ParseValues()
    {
        if (Take().Token != Token.Open || Look() is not (Token.Identifier or Token.Comma))
        {
            // "()" parses, but a requirement without values is refused after all.
            return false;
        }

        while (true)
        {
            (Token token, string value) = Take();
            switch (token)
            {
                case Token.Identifier when IsValue(value) && Look() == Token.Comma:
                    break;
                case Token.Identifier when IsValue(value) && Look() == Token.Close:
                    return Take().Token == Token.Close;
                case Token.Comma when Look() == Token.Close:
                    return Take().Token == Token.Close;
                case Token.Comma:
                    if (Look() == Token.Comma)
                    {
                        Take();
                    }

                    break;
                default:
                    return false;
            }
        }
    }

    /// <summary>The next token where values may stand; "in" and "notin" are names there.</summary>
    private Token Look() => _items[Math.Min(_position, _items.Count - 1)].Token is var token && token is Token.In or Token.NotIn ? Token.Identifier : token;

    private (Token Token, string Text) Take()
    {
        Token token = Look();
        string text = _items[Math.Min(_position, _items.Count - 1)].Text;
        _position++;
        return (token, text);
    }

    private static (Token, string) Lex(string text, ref int at)
    {
        while (at < text.Length && text[at] is ' ' or '\t' or '\r' or '\n')
        {
            at++;
        }

        if (at >= text.Length || text[at] == '\0')
        {
            at = text.Length;
            return (Token.End, "");
        }

        int start = at;
        if (IsSpecial(text[at]))
        {
            // The longest of the known symbols.
            string two = at + 1 < text.Length ? text.Substring(at, 2) : "";
            if (two is "==" or "!=")
            {
                at += 2;
                return (two == "==" ? Token.DoubleEquals : Token.NotEquals, two);
            }

            at++;
            return (text[start] switch
            {
                '=' => Token.Equals,
                '!' => Token.Not,
                '>' => Token.Greater,
                '<' => Token.Less,
                '(' => Token.Open,
                ')' => Token.Close,
                _ => Token.Comma,
            }, text[start..at]);
        }

        while (at < text.Length && text[at] is not (' ' or '\t' or '\r' or '\n' or '\0') && !IsSpecial(text[at]))
        {
            at++;
        }

        string word = text[start..at];
        return (word switch
        {
            "in" => Token.In,
            "notin" => Token.NotIn,
            _ => Token.Identifier,
        }, word);
    }

    private static bool IsSpecial(char c) => c is '=' or '!' or '(' or ')' or ',' or '>' or '<';

    /// <summary>api/validate/content, IsLabelKey: an optional DNS prefix, a slash, a name of at most 63 characters.</summary>
    private static bool IsKey(string key)
    {
        int slash = key.IndexOf('/', StringComparison.Ordinal);
        string name = key[(slash + 1)..];
        return name.Length is > 0 and <= 63 && Name().IsMatch(name) && (slash < 0 || slash is > 0 and <= 253 && Subdomain().IsMatch(key[..slash]));
    }

    private static bool IsValue(string value) => value.Length == 0 || value.Length <= 63 && Name().IsMatch(value);

    [GeneratedRegex(@"^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Name();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Subdomain();
}
