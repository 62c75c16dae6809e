using System.Text;

namespace Vedette.Platforms.Verification;

/// <summary>Finds the calls of one program in scripts and recipes: enough of a shell's grammar for quotes, continued lines, and where a command ends.</summary>
internal static class ShellCommands
{
    /// <summary>The calls of a program in a text, in order; comments are none, and Terraform is no shell.</summary>
    public static IEnumerable<ShellCommand> Of(string program, EvidenceText text)
    {
        string script = text.File.EndsWith(".tf", StringComparison.Ordinal) ? "" : text.Text;
        for (int at = 0; (at = script.IndexOf(program + " ", at, StringComparison.Ordinal)) >= 0; at += program.Length)
        {
            int lineStart = at == 0 ? 0 : script.LastIndexOf('\n', at - 1) + 1;
            ReadOnlySpan<char> before = script.AsSpan(lineStart, at - lineStart);
            bool begins = at == 0 || script[at - 1] is ' ' or '\t' or '\n' or '(' or '`' or '|' or ';' or '&' or '"';
            if (begins && !before.Contains('#') && StartsCommand(before))
            {
                yield return new ShellCommand(new Place(text.File, script.AsSpan(0, at).Count('\n') + 1, at - lineStart + 1), Words(script, at));
            }
        }
    }

    /// <summary>A program's name is one where a command begins; elsewhere it is a word of another, or of a sentence.</summary>
    private static bool StartsCommand(ReadOnlySpan<char> before)
    {
        ReadOnlySpan<char> trimmed = before.TrimEnd(" \t");
        return trimmed.IsEmpty || trimmed[^1] is '(' or '`' or '|' or ';' or '&' or '!' or '$' or '>'
            || trimmed.EndsWith("then") || trimmed.EndsWith("do") || trimmed.EndsWith("else") || trimmed.EndsWith("if") || trimmed.EndsWith("while") || trimmed.EndsWith("sudo") || trimmed.EndsWith("run:");
    }

    private static List<string> Words(string script, int at)
    {
        List<string> words = [];
        StringBuilder word = new();
        bool inWord = false;
        int nested = 0;
        for (; at < script.Length; at++)
        {
            char character = script[at];
            switch (character)
            {
                case '\\' when at + 1 < script.Length:
                    at++;
                    if (script[at] != '\n')
                    {
                        word.Append(script[at]);
                        inWord = true;
                    }

                    break;
                case '\'' or '"':
                    inWord = true;
                    for (at++; at < script.Length && script[at] != character; at++)
                    {
                        at += character == '"' && script[at] == '\\' && at + 1 < script.Length ? 1 : 0;
                        word.Append(script[at]);
                    }

                    break;
                case '(' when word.Length > 0 && word[^1] == '$':
                    nested++;
                    word.Append(character);
                    break;
                case ')' when nested > 0:
                    nested--;
                    word.Append(character);
                    break;
                case ' ' or '\t' when nested == 0:
                    End();
                    break;
                case '\n' or '|' or ';' or '&' or ')' or '`' or '>' or '<' when nested == 0:
                    End();
                    return words;
                default:
                    word.Append(character);
                    inWord = true;
                    break;
            }
        }

        End();
        return words;

        void End()
        {
            if (inWord)
            {
                words.Add(word.ToString());
                word.Clear();
                inWord = false;
            }
        }
    }
}

/// <summary>One call.</summary>
/// <param name="Place">Where it begins.</param>
/// <param name="Words">The program and its arguments, quotes resolved; what the shell would put in stands as it is written.</param>
internal sealed record ShellCommand(Place Place, IReadOnlyList<string> Words)
{
    /// <summary>Do its words begin so, options apart? <c>logs put-retention-policy</c>.</summary>
    public bool Is(params ReadOnlySpan<string> words)
    {
        int at = 0;
        foreach (string word in Words.Skip(1).Where(word => !word.StartsWith('-')))
        {
            if (at == words.Length || word != words[at])
            {
                break;
            }

            at++;
        }

        return at == words.Length;
    }

    /// <summary>The value of an option, <c>--name value</c> or <c>--name=value</c>; null when it is not there.</summary>
    public string? Option(string name)
    {
        for (int i = 1; i < Words.Count; i++)
        {
            if (Words[i] == name)
            {
                return i + 1 < Words.Count ? Words[i + 1] : "";
            }

            if (Words[i].StartsWith(name + "=", StringComparison.Ordinal))
            {
                return Words[i][(name.Length + 1)..];
            }
        }

        return null;
    }
}
