namespace Vedette.Audit.Redaction;

/// <summary>What may be set about redaction.</summary>
public sealed record RedactionOptions
{
    /// <summary>Most patterns.</summary>
    public const int MaxUriPatterns = 64;

    /// <summary>
    /// Expressions for secrets in the URIs of exec, attach and proxy requests, tried on the URI with all escapes resolved, + as a blank. What the group <c>secret</c> matches is redacted, without
    /// such a group the whole match. They run without backtracking, so lookaround and references are refused.
    /// </summary>
    public IReadOnlyList<string> UriPatterns { get; init; } = DefaultUriPatterns;

    /// <summary>
    /// The patterns used when no others are given: Authorization headers and Bearer or Basic credentials; JSON web tokens; tokens and passwords given as options, headers or parameters.
    /// </summary>
    public static IReadOnlyList<string> DefaultUriPatterns { get; } = [UriPattern.Credentials, UriPattern.WebToken, UriPattern.Parameter, UriPattern.Option];

    /// <summary>The patterns, and the one for what was redacted before.</summary>
    /// <exception cref="ArgumentException">One of them is no expression; the message says which and why.</exception>
    /// <exception cref="InvalidOperationException">There are too many.</exception>
    /// <exception cref="NotSupportedException">One of them needs backtracking.</exception>
    internal UriPattern[] Compile() =>
        UriPatterns.Count > MaxUriPatterns
            ? throw new InvalidOperationException($"{UriPatterns.Count} patterns for URIs; at most {MaxUriPatterns} are allowed")
            : [.. UriPatterns.Append(Redactor.MarkerPattern).Select(pattern => new UriPattern(pattern))];
}
