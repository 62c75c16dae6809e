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

    private static readonly (string Name, string Class)[] s_posix =
    [
        ("alpha", "a-zA-Z"), ("digit", "0-9"), ("alnum", "a-zA-Z0-9"), ("upper", "A-Z"), ("lower", "a-z"), ("space", "\\s"), ("blank", " \\t"),
        ("punct", "!-/:-@\\[-`{-~"), ("xdigit", "0-9a-fA-F"), ("word", "\\w"), ("cntrl", "\\x00-\\x1f\\x7f"), ("print", "\\x20-\\x7e"), ("graph", "\\x21-\\x7e"),
    ];

    /// <summary>The expression in .NET's notation.</summary>
    public static string ToDotNet(string pattern)
    {
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
            _ = new Regex(pattern, options | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
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

    private static bool TryPosixClass(ReadOnlySpan<char> rest, out string? set, out int length)
    {
        int end = rest.IndexOf(":]");
        length = end + 2;
        set = null;
        if (end < 0)
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
