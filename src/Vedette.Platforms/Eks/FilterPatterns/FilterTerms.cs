using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Vedette.Platforms.Eks.FilterPatterns;

/// <summary>
/// A pattern of words: all of them must be in the line; of those with <c>?</c> one is enough, and they count only where there are no others; those with <c>-</c> must not be there.
/// Nothing at all matches every line.
/// </summary>
internal sealed class FilterTerms
{
    private readonly ImmutableArray<Term> _terms;

    private FilterTerms(ImmutableArray<Term> terms) => _terms = terms;

    /// <summary>Reads it; null with a problem.</summary>
    public static FilterTerms? Parse(string text, out FilterProblem? problem)
    {
        ImmutableArray<Term>.Builder terms = ImmutableArray.CreateBuilder<Term>();
        for (int at = 0; at < text.Length;)
        {
            if (char.IsWhiteSpace(text[at]))
            {
                at++;
                continue;
            }

            int start = at;
            char sign = text[at] is '?' or '-' ? text[at++] : '+';
            char quote = at < text.Length && text[at] is '"' or '%' ? text[at] : '\0';
            int end = quote != '\0' ? text.IndexOf(quote, at + 1) : WordEnd(text, at);
            string? wrong = end < 0 ? $"the closing {quote} is missing"
                : end == at ? $"'{text[at..Math.Min(at + 1, text.Length)]}' stands outside quotes: a term is letters, digits and _, or in quotes; for fields write {{ $.field = \"text\" }}"
                : quote != '\0' && end + 1 < text.Length && !char.IsWhiteSpace(text[end + 1]) ? "after a term in quotes comes a blank; for fields write { $.field = \"text\" }"
                : quote == '\0' && end < text.Length && !char.IsWhiteSpace(text[end]) ? "a term with other characters than letters, digits and _ must be in quotes"
                : null;
            if (wrong is not null)
            {
                problem = new FilterProblem(wrong, end < 0 ? start : quote != '\0' ? end + 1 : Math.Max(end, at));
                return null;
            }

            string term = quote != '\0' ? text[(at + 1)..end] : text[at..end];
            try
            {
                terms.Add(new Term(sign, term, quote == '%' ? new Regex(term, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant) : null));
            }
            catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
            {
                problem = new FilterProblem("this is no regular expression", start);
                return null;
            }

            at = quote != '\0' ? end + 1 : end;
        }

        problem = null;
        return new FilterTerms(terms.ToImmutable());
    }

    /// <summary>Whether a line has what is asked for.</summary>
    public bool Matches(string line)
    {
        bool required = _terms.Any(term => term.Sign == '+');
        bool optional = !required && _terms.Any(term => term.Sign == '?');
        return _terms.All(term => term.Sign == '?' || term.IsIn(line) == (term.Sign == '+')) && (!optional || _terms.Any(term => term.Sign == '?' && term.IsIn(line)));
    }

    private static int WordEnd(string text, int start)
    {
        int end = start;
        while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] == '_'))
        {
            end++;
        }

        return end;
    }

    private sealed record Term(char Sign, string Text, Regex? Expression)
    {
        public bool IsIn(string line) => Expression?.IsMatch(line) ?? line.Contains(Text, StringComparison.Ordinal);
    }
}
