using System.Text;
using System.Text.RegularExpressions;

namespace Vedette.Detection.Sigma;

/// <summary>
/// Turns the regular expressions Sigma's authors write (PCRE, tested with Python) into .NET's where the notations differ: named groups <c>(?P&lt;n&gt;…)</c> and
/// <c>(?P=n)</c>, POSIX classes inside brackets, <c>\h</c>. Everything else is read alike, or refused with .NET's message.
/// </summary>
internal static class RegexTranslation
{
    /// <summary>Longest expression taken, in characters.</summary>
    public const int MaxLength = 4096;

    /// <summary>Up to so many states an expression certainly fits into an automaton (the limit is 10,000, REGEX_NONBACKTRACKING_MAX_AUTOMATA_SIZE in the program's project file).</summary>
    private const int MaxPlainStates = 5_000;

    private static readonly (string Name, string Class)[] s_posix =
    [
        ("alpha", "a-zA-Z"), ("digit", "0-9"), ("alnum", "a-zA-Z0-9"), ("upper", "A-Z"), ("lower", "a-z"), ("space", "\\s"), ("blank", " \\t"),
        ("punct", "!-/:-@\\[-`{-~"), ("xdigit", "0-9a-fA-F"), ("word", "\\w"), ("cntrl", "\\x00-\\x1f\\x7f"), ("print", "\\x20-\\x7e"), ("graph", "\\x21-\\x7e"),
    ];

    /// <summary>The expression in .NET's notation; one that is too long, and that <see cref="Check"/> refuses therefore, as it is.</summary>
    public static string ToDotNet(string pattern)
    {
        if (pattern.Length > MaxLength)
        {
            return pattern;
        }

        StringBuilder text = new(pattern.Length);
        bool inClass = false;
        for (int i = 0; i < pattern.Length; i++)
        {
            ReadOnlySpan<char> rest = pattern.AsSpan(i);
            if (rest[0] == '\\' && rest.Length > 1)
            {
                text.Append(rest[1] == 'h' ? (inClass ? " \\t" : "[ \\t]") : rest[..2]);
                i++;
            }
            else if (inClass && rest.StartsWith("[:") && TryPosixClass(rest, out string? set, out int length))
            {
                text.Append(set);
                i += length - 1;
            }
            else if (!inClass && rest.StartsWith("(?P<"))
            {
                text.Append("(?<");
                i += 3;
            }
            else if (!inClass && rest.StartsWith("(?P=") && rest.IndexOf(')') is > 4 and int end)
            {
                text.Append("\\k<").Append(rest[4..end]).Append('>');
                i += end;
            }
            else
            {
                inClass = inClass ? rest[0] != ']' : rest[0] == '[';
                text.Append(rest[0]);
                if (inClass && rest is ['[', ']', ..] or ['[', '^', ']', ..])
                {
                    // A bracket right after the opening one is a member of the class.
                    int extra = rest[1] == '^' ? 2 : 1;
                    text.Append(rest.Slice(1, extra));
                    i += extra;
                }
            }
        }

        return text.ToString();
    }

    /// <summary>Compiles an expression that never backtracks, or says that it has to.</summary>
    /// <param name="pattern">In .NET's notation.</param>
    /// <param name="options">IgnoreCase, Multiline, Singleline.</param>
    /// <param name="backtracks">True when it uses lookaround, backreferences or atomic groups, or is too large for an automaton.</param>
    /// <returns>Null when it compiles, else why not.</returns>
    public static string? Check(string pattern, RegexOptions options, out bool backtracks)
    {
        backtracks = false;
        if (pattern.Length > MaxLength)
        {
            return $"it has {pattern.Length} characters, {MaxLength} are allowed";
        }

        try
        {
            // Making the automaton is slow; where nothing in the text could be refused or grow large, reading it will do.
            _ = new Regex(pattern, options | RegexOptions.CultureInvariant | (MayBacktrack(pattern) ? RegexOptions.NonBacktracking : RegexOptions.None));
            return null;
        }
        catch (NotSupportedException)
        {
            backtracks = true;
        }
        catch (ArgumentException exception)
        {
            return exception.Message;
        }

        return null;
    }

    /// <summary>
    /// Could the expression hold something an automaton cannot do (lookaround, conditions, atomic groups, references, \G), or repeat so much that it is too large for one? Errs on the side of yes.
    /// </summary>
    private static bool MayBacktrack(string pattern)
    {
        // An automaton has at most as many states as the text has characters once its counted repetitions are written out.
        long states = pattern.Length;
        for (int i = 0; i < pattern.Length - 1; i++)
        {
            ReadOnlySpan<char> rest = pattern.AsSpan(i);
            switch (rest)
            {
                case ['\\', 'k' or 'G' or (>= '1' and <= '9'), ..]:
                case ['(', '?', not (':' or 'i' or '<'), ..] or ['(', '?', '<', '=' or '!', ..]:
                    return true;
                case ['{', >= '0' and <= '9', ..]:
                    states *= Math.Max(1, LargestNumber(rest[1..]));
                    if (states > MaxPlainStates)
                    {
                        return true;
                    }

                    break;
                case ['\\', ..]:
                    i++;
                    break;
            }
        }

        return false;
    }

    /// <summary>The larger bound of a counted repetition, <c>3}</c> or <c>2,16}</c>; no bound counts as the lower one.</summary>
    private static long LargestNumber(ReadOnlySpan<char> text)
    {
        long largest = 0;
        long number = 0;
        foreach (char character in text)
        {
            if (char.IsAsciiDigit(character))
            {
                number = Math.Min(MaxPlainStates + 1, (number * 10) + (character - '0'));
                largest = Math.Max(largest, number);
            }
            else if (character == ',')
            {
                number = 0;
            }
            else
            {
                break;
            }
        }

        return largest;
    }

    private static bool TryPosixClass(ReadOnlySpan<char> rest, out string? set, out int length)
    {
        // In "[[:]" the colon that opens is the one before the bracket: no name between.
        int end = rest.IndexOf(":]");
        length = end + 2;
        set = null;
        if (end < 2)
        {
            return false;
        }

        foreach ((string name, string members) in s_posix)
        {
            if (rest[2..end].SequenceEqual(name))
            {
                set = members;
                return true;
            }
        }

        return false;
    }
}
