using System.Buffers;
using System.Text;
using Vedette.Audit.Text;

namespace Vedette.Reports.Markdown;

/// <summary>
/// Text for CommonMark and GitHub's dialect. What comes from events stands in code spans, where no markup, link, mention (<c>@team</c>), issue reference (<c>#1</c>) or HTML works; what rule authors
/// wrote is escaped as prose.
/// </summary>
internal static class MarkdownText
{
    private static readonly SearchValues<char> s_special = SearchValues.Create("\\`*_[]>|~$");

    /// <summary>A text of an event as a code span that is good in a table too; long ones are cut.</summary>
    public static string Code(string? text, int maxLength)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "–";
        }

        string visible = VisibleText.Of(VisibleText.Cut(text, maxLength));
        string fence = new('`', LongestRun(visible, '`') + 1);

        // A blank inside each fence is taken away by the reader, unless there is nothing but blanks (CommonMark 0.31, 6.1); it keeps backticks and blanks at the ends apart from the fence.
        bool padded = visible.AsSpan().ContainsAnyExcept(' ') && (visible[0] is '`' or ' ' || visible[^1] is '`' or ' ');
        string pad = padded ? " " : "";

        // Backslashes come in pairs here, so the one before a bar is always its own and the bar never ends a table's cell.
        return $"{fence}{pad}{visible.Replace("|", "\\|", StringComparison.Ordinal)}{pad}{fence}";
    }

    /// <summary>A text of a rule as prose on one line; only what could mean something is escaped, so that the source stays readable.</summary>
    public static string Prose(string text)
    {
        string visible = VisibleText.Of(text);
        int number = visible.AsSpan().IndexOfAnyExceptInRange('0', '9');
        StringBuilder escaped = new();
        for (int at = 0; at < visible.Length; at++)
        {
            char character = visible[at];
            escaped.Append(character switch
            {
                '&' => "&amp;",
                '<' => "&lt;",

                // GitHub looks for mentions and issues in the finished page, where an escape is gone; a zero-width space is not.
                '@' => "@&#8203;",
                '#' => "\\#&#8203;",
                '.' or ')' when at > 0 && at == number => $"\\{character}",
                '.' when at >= 3 && visible.AsSpan(at - 3, 3).Equals("www", StringComparison.OrdinalIgnoreCase) => "\\.",
                ':' when at + 1 < visible.Length && visible[at + 1] != ' ' => "\\:",
                '-' or '+' or '=' when at == 0 => $"\\{character}",
                _ when s_special.Contains(character) => $"\\{character}",
                _ => character.ToString(),
            });
        }

        return escaped.ToString();
    }

    private static int LongestRun(string text, char character)
    {
        int longest = 0;
        int run = 0;
        foreach (char next in text)
        {
            run = next == character ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }

        return longest;
    }
}
