using System.Text;
using System.Text.RegularExpressions;
using Vedette.Audit.Json;
using Vedette.Detection.Engine;
using Vedette.Detection.Sigma;

namespace Vedette.Fuzz.Targets;

/// <summary>
/// The input is read twice. As an expression that somebody wrote: what needs no translation stays as it is; what loads runs, within its time, and finds what .NET's other engine finds; and loading
/// says rightly whether it backtracks. And as the choices of somebody who writes an expression in both notations: the translation finds what the one in .NET's finds.
/// </summary>
internal static class RegexTarget
{
    /// <summary>Longest expression that is run, in characters; loading is asked of all.</summary>
    private const int MaxRun = 200;

    private static readonly string[] s_texts =
        ["", "a", "A", "ab", "aab-b", "a b\tc", "h", "\\h", "]", "[", "[:digit:]", "0", "x9_", "P<n>a", "(?P=n)", "^", "-", ":", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "a\nb\n", "Stra\u00dfe \ud83d\ude00", "\u0130K\u212a"];

    public static void Check(ReadOnlySpan<byte> input)
    {
        CheckWritten(Encoding.UTF8.GetString(input), RegexOptions.None);
        CheckWritten(Encoding.UTF8.GetString(input), RegexOptions.IgnoreCase | RegexOptions.Singleline);
        CheckComposed(input);
    }

    private static void CheckWritten(string pattern, RegexOptions options)
    {
        string translated = RegexTranslation.ToDotNet(pattern);
        FuzzFailure.Unless(
            translated == pattern || pattern.Contains("(?P", StringComparison.Ordinal) || pattern.Contains("[:", StringComparison.Ordinal) || pattern.Contains("\\h", StringComparison.Ordinal),
            "what needs no translation was changed");
        if (RegexTranslation.Check(translated, options, out bool backtracks) is not null || translated.Length > MaxRun)
        {
            return;
        }

        FuzzFailure.Unless(CanBeAutomaton(translated, options) != backtracks, $"loading says {(backtracks ? "it backtracks" : "it does not backtrack")}");
        Compare(translated, new RegexMatcher(translated, options), options);
    }

    private static void Compare(string pattern, RegexMatcher matcher, RegexOptions options)
    {
        Regex other = new(pattern, options | RegexOptions.CultureInvariant, RegexMatcher.Timeout);
        MatchScratch scratch = new();
        foreach (string text in s_texts)
        {
            bool found = matcher.Matches(Encoding.UTF8.GetBytes(text), JsonKind.String, scratch);
            if (scratch.RegexTimeouts > 0 || !TryMatch(other, text, out bool expected))
            {
                // One text is enough of an expression that backtracks for so long.
                return;
            }

            FuzzFailure.Unless(found == expected, $"'{text}' {(found ? "is" : "is not")} found, and the other way round elsewhere");
        }
    }

    private static bool TryMatch(Regex regex, string text, out bool found)
    {
        try
        {
            found = regex.IsMatch(text);
            return true;
        }
        catch (RegexMatchTimeoutException)
        {
            found = false;
            return false;
        }
    }

    private static bool CanBeAutomaton(string pattern, RegexOptions options)
    {
        try
        {
            _ = new Regex(pattern, options | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
            return true;
        }
        catch (NotSupportedException)
        {
            return false;
        }
    }

    /// <summary>Each byte adds a piece to the expression, in PCRE's notation and in .NET's.</summary>
    private static void CheckComposed(ReadOnlySpan<byte> choices)
    {
        StringBuilder pcre = new();
        StringBuilder net = new();
        bool hasGroup = false;
        int open = 0;
        foreach (byte choice in choices[..Math.Min(choices.Length, MaxRun / 4)])
        {
            (string, string) piece = (choice % 16) switch
            {
                0 => ("a", "a"),
                1 => ("b?", "b?"),
                2 => ("\\h", "[\\x20\\t]"),
                3 => ("\\\\h", "[\\\\]h"),
                4 => ("[[:digit:]x]", "[0-9x]"),
                5 => ("[^[:alpha:][:space:]]", "[^a-zA-Z\\s]"),
                6 => ("[]a]", "[\\]a]"),
                7 => ("[^]\\h]", "[^\\]\\x20\\t]"),
                8 => ("[(?P<n>]", "[(?P<n>]"),
                9 => ("[\\]\\h]", "[\\]\\x20\\t]"),
                10 when !hasGroup => ("(?P<n>a|b)", "(?<n>a|b)"),
                11 when hasGroup => ("(?P=n)", "\\k<n>"),
                12 => ("(", "("),
                13 when open > 0 => (")*", ")*"),
                14 => ("|", "|"),
                15 => ("[[:punct:]]", "[\\x21-\\x2f\\x3a-\\x40\\x5b-\\x60\\x7b-\\x7e]"),
                _ => (".", "."),
            };
            open += piece.Item1 is "(" ? 1 : piece.Item1 is ")*" ? -1 : 0;
            hasGroup |= piece.Item1.StartsWith("(?P<", StringComparison.Ordinal);
            pcre.Append(piece.Item1);
            net.Append(piece.Item2);
        }

        pcre.Append(')', open);
        net.Append(')', open);
        string translated = RegexTranslation.ToDotNet(pcre.ToString());
        FuzzFailure.Unless(RegexTranslation.Check(translated, RegexOptions.None, out _) is null, $"{pcre} does not load");
        Compare(net.ToString(), new RegexMatcher(translated, RegexOptions.None), RegexOptions.None);
    }
}
