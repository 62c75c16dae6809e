using System.Buffers;
using System.Text.RegularExpressions;

namespace Vedette.Audit.Redaction;

/// <summary>
/// An expression for secrets in URIs. Making its automaton takes milliseconds, and most logs have no URI of a client's own: where it is known which words every match has, it is made when one of them
/// is met.
/// </summary>
internal sealed class UriPattern
{
    /// <summary>Authorization headers, and Bearer or Basic credentials.</summary>
    public const string Credentials = """(?i)\b(?:authorization: *[a-z]*|bearer|basic)[ :=]+["']?(?<secret>[^\s"'&]+)""";

    /// <summary>JSON web tokens.</summary>
    public const string WebToken = """\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_.-]*""";

    /// <summary>Tokens and passwords given as headers or parameters.</summary>
    public const string Parameter = """(?i)(?:token|password|passwd|secret|api[-_]?key)["']?[:=] *["']?(?<secret>[^\s"'&]+)""";

    /// <summary>Tokens and passwords given as options of a command.</summary>
    public const string Option = """(?i)--[a-z-]*(?:token|password|passwd|secret|api-key)(?:&command=| )["']?(?<secret>[^\s"'&]+)""";

    /// <summary>Words of which every match of a pattern of ours has one, in any case.</summary>
    private static readonly Dictionary<string, string[]> s_words = new(StringComparer.Ordinal)
    {
        [Credentials] = ["authorization:", "bearer", "basic"],
        [WebToken] = ["eyJ"],
        [Parameter] =
        [
            .. from word in (string[])["token", "password", "passwd", "secret", "apikey", "api-key", "api_key"]
               from end in "\"':="
               select word + end,
        ],
        [Option] = ["--"],
        [Redactor.MarkerPattern] = ["redacted:v1:"],
    };

    private readonly SearchValues<string>? _words;
    private readonly Lazy<Regex> _expression;

    /// <summary>Takes a pattern.</summary>
    /// <exception cref="ArgumentException">It is no expression.</exception>
    /// <exception cref="NotSupportedException">It needs backtracking.</exception>
    public UriPattern(string pattern)
    {
        _expression = new Lazy<Regex>(() => new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant));
        if (s_words.TryGetValue(pattern, out string[]? words))
        {
            _words = SearchValues.Create(words, StringComparison.OrdinalIgnoreCase);
        }
        else
        {
            // What somebody else wrote is told to be wrong now, not when the first URI comes.
            _ = _expression.Value;
        }
    }

    /// <summary>False where a URI has none of the words that every match has.</summary>
    /// <param name="uri">The URI as Latin-1, all its escapes resolved.</param>
    public bool MayMatch(ReadOnlySpan<char> uri) => _words is null || uri.ContainsAny(_words);

    /// <summary>Where the secrets of a URI are.</summary>
    /// <param name="uri">The URI as Latin-1, all its escapes resolved.</param>
    public IEnumerable<(int Start, int End)> Secrets(string uri) =>
        !MayMatch(uri)
            ? []
            : _expression.Value.Matches(uri).Select(match => match.Groups["secret"] is { Success: true } secret ? (Group)secret : match).Select(group => (group.Index, group.Index + group.Length));
}
