using System.Text.RegularExpressions;
using CsCheck;
using Vedette.Audit.Redaction;
using Xunit;

namespace Vedette.Audit.Tests.Redaction;

public class UriPatternTests
{
    private static readonly string[] s_parts =
    [
        "Authorization", "authorization: ", "BEARER", "basic", "eyJhbGciOiJIUzI1NiJ9", "eyJ", ".abc", "token", "Password", "passwd", "SECRET", "secrets", "api", "key", "_", "-", "--", "--db-", "=", ":", " ", "'", "\"",
        "&", "&command=", "redacted:v1:", "0123456789abcdef0123456789abcdef", "?", "x", "hunter2", "eyJhbGciOiJIUzI1NiJ9.e30", "redacted:v1:0123456789abcdef0123456789abcdef", "--db-password ", "--token&command=", "\u00DF", "\u00B5",
    ];

    public static TheoryData<string> Patterns => [.. RedactionOptions.DefaultUriPatterns, Redactor.MarkerPattern];

    [Theory]
    [MemberData(nameof(Patterns))]
    public void What_a_pattern_finds_is_what_its_expression_finds(string text)
    {
        UriPattern pattern = new(text);
        Regex expression = new(text, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        int found = 0;
        Gen.Int[0, s_parts.Length - 1].Array[1, 8].Select(parts => string.Concat(parts.Select(part => s_parts[part]))).Sample(
            uri =>
            {
                (int, int)[] expected = [.. expression.Matches(uri).Select(match => match.Groups["secret"] is { Success: true } secret ? (Group)secret : match).Select(group => (group.Index, group.Index + group.Length))];
                Assert.Equal(expected, pattern.Secrets(uri));
                Interlocked.Add(ref found, expected.Length);
            },
            iter: 4_000);
        // Some sixty are usual for the pattern that finds fewest.
        Assert.True(found > 10, $"only {found} secrets in all");
    }

    [Fact]
    public void A_pattern_of_somebody_else_is_told_to_be_wrong_at_once()
    {
        Assert.ThrowsAny<ArgumentException>(() => new UriPattern("(token"));
        Assert.Throws<NotSupportedException>(() => new UriPattern("(?<=token=).*"));
        Assert.Equal([(0, 2)], new UriPattern("ab").Secrets("abc"));
    }
}
