using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Vedette.Documents;
using Vedette.Policy.Model;

namespace Vedette.Policy.Linting;

/// <summary>
/// Comments <c># vedette-ignore: ID reason</c>. Behind something they speak of that line; on lines of their own, of the next line that is more than a comment, and of the whole rule where a rule begins
/// there; ahead of everything, of the whole file.
/// </summary>
internal sealed partial class IgnoreComments
{
    private readonly List<Comment> _comments = [];
    private readonly AuditPolicy _policy;

    /// <summary>Finds the comments in the text of a policy.</summary>
    public IgnoreComments(AuditPolicy policy, string text)
    {
        _policy = policy;
        string[] lines = text.Split('\n');
        bool isHead = true;
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].Trim();
            Match match = Pattern().Match(lines[i]);
            bool isAlone = line.StartsWith('#');
            isHead &= isAlone || line.Length == 0 || line == "---";
            if (match.Success)
            {
                int next = i;
                while (isAlone && next + 1 < lines.Length && (next == i || lines[next].Trim() is "" or ['#', ..]))
                {
                    next++;
                }

                (int first, int last) = isHead ? (0, int.MaxValue) : Scope(next + 1, isAlone);
                _comments.Add(new Comment(match.Groups["id"].Value, match.Groups["reason"].Value.Trim(), i + 1, match.Index + 1, first, last));
            }
        }
    }

    /// <summary>Takes out what is to be ignored, and adds what there is to say about the comments themselves.</summary>
    public ImmutableArray<Diagnostic> Apply(IEnumerable<Diagnostic> found)
    {
        List<Diagnostic> kept = [];
        foreach (Diagnostic diagnostic in found)
        {
            Comment[] ignoring = [.. _comments.Where(comment => comment.Id == diagnostic.Code && diagnostic.Line >= comment.First && diagnostic.Line <= comment.Last)];
            Array.ForEach(ignoring, comment => comment.IsUsed = true);
            if (!ignoring.Any(comment => comment.Reason.Length > 0))
            {
                kept.Add(diagnostic);
            }
        }

        foreach (Comment comment in _comments)
        {
            if (comment.Reason.Length == 0)
            {
                kept.Add(Useless(comment, "the comment gives no reason, so it ignores nothing", $"write # vedette-ignore: {comment.Id} and why"));
            }
            else if (!comment.IsUsed)
            {
                kept.Add(Useless(comment, $"there is no {comment.Id} here to ignore", "remove the comment"));
            }
        }

        return [.. kept.OrderBy(diagnostic => diagnostic.Line).ThenBy(diagnostic => diagnostic.Column).ThenBy(diagnostic => diagnostic.Code, StringComparer.Ordinal)];
    }

    private Diagnostic Useless(Comment comment, string message, string help) =>
        new(PolicyChecks.UselessIgnore.Id, PolicyChecks.UselessIgnore.Severity, _policy.File, comment.Line, comment.Column, message, help);

    /// <summary>The lines that a comment before, or on, this line speaks of.</summary>
    private (int First, int Last) Scope(int line, bool isAlone)
    {
        for (int i = 0; isAlone && i < _policy.Rules.Length; i++)
        {
            if (_policy.Rules[i].Line == line)
            {
                return (line, i + 1 < _policy.Rules.Length ? _policy.Rules[i + 1].Line - 1 : int.MaxValue);
            }
        }

        return (line, line);
    }

    [GeneratedRegex(@"(^|\s)#\s*vedette-ignore:\s*(?<id>VP\d{4})\b(?<reason>.*)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Pattern();

    private sealed class Comment(string id, string reason, int line, int column, int first, int last)
    {
        public string Id => id;

        public string Reason => reason;

        public int Line => line;

        public int Column => column;

        public int First => first;

        public int Last => last;

        public bool IsUsed { get; set; }
    }
}
