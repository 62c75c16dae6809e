using System.Text;

namespace Vedette.Policy.Requests;

/// <summary>Field selectors as Kubernetes parses them (apimachinery/pkg/fields/selector.go).</summary>
internal static class FieldSelector
{
    /// <summary>Looks for a term that requires one value of a field.</summary>
    /// <param name="selector">Terms with commas between them.</param>
    /// <param name="field">The field.</param>
    /// <param name="value">The value required by the first such term in order; null when there is none.</param>
    /// <returns>False when the selector does not parse.</returns>
    public static bool TryFindExact(string selector, string field, out string? value)
    {
        value = null;
        List<string> terms = Split(selector);

        // Kubernetes sorts the terms before it looks at them.
        terms.Sort(static (left, right) => Encoding.UTF8.GetBytes(left).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(right)));
        foreach (string term in terms)
        {
            if (term.Length == 0)
            {
                continue;
            }

            int at = term.IndexOf('=', StringComparison.Ordinal);
            if (at < 0)
            {
                return false;
            }

            bool isNot = at > 0 && term[at - 1] == '!';
            int start = !isNot && at + 1 < term.Length && term[at + 1] == '=' ? at + 2 : at + 1;
            if (!TryUnescape(term[start..], out string required))
            {
                return false;
            }

            if (!isNot && value is null && term.AsSpan(0, at).SequenceEqual(field))
            {
                value = required;
            }
        }

        return true;
    }

    private static List<string> Split(string selector)
    {
        List<string> terms = [];
        int start = 0;
        for (int i = 0; i < selector.Length; i++)
        {
            if (selector[i] == '\\')
            {
                i++;
            }
            else if (selector[i] == ',')
            {
                terms.Add(selector[start..i]);
                start = i + 1;
            }
        }

        terms.Add(selector[start..]);
        return terms;
    }

    private static bool TryUnescape(string text, out string value)
    {
        StringBuilder unescaped = new(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] is ',' or '=')
            {
                value = "";
                return false;
            }

            if (text[i] == '\\' && (++i == text.Length || text[i] is not ('\\' or ',' or '=')))
            {
                value = "";
                return false;
            }

            unescaped.Append(text[i]);
        }

        value = unescaped.ToString();
        return true;
    }
}
