using System.Collections.Immutable;
using System.Text;
using System.Text.RegularExpressions;
using Vedette.Detection.Sigma;

namespace Vedette.Fuzz.Targets;

/// <summary>
/// The parser of conditions takes and refuses what a tiny reading of the grammar takes and refuses, and means the same: the same answer whatever the search identifiers say. What it has read,
/// written out with every parenthesis, it reads as the same again.
/// </summary>
internal static partial class ConditionTarget
{
    /// <summary>Six names, so that all that they can say together fits into the bits of one word.</summary>
    private static readonly ImmutableArray<string> s_identifiers = ["selection", "selection_1", "filter", "_hidden", "a-b", "all"];

    /// <summary>Bit n says what the identifier says in the nth of the 64 cases.</summary>
    private static readonly ImmutableArray<ulong> s_tables =
        [0xaaaaaaaaaaaaaaaa, 0xcccccccccccccccc, 0xf0f0f0f0f0f0f0f0, 0xff00ff00ff00ff00, 0xffff0000ffff0000, 0xffffffff00000000];

    public static void Check(ReadOnlySpan<byte> input)
    {
        string text = Encoding.UTF8.GetString(input);
        bool parsed = TryParse(text, out ConditionExpression? expression);
        bool expected = Grammar.TryRead(text, out ulong? table);
        FuzzFailure.Unless(parsed == expected, parsed ? "the parser takes what the grammar refuses" : "the parser refuses what the grammar takes");
        FuzzFailure.Unless(TableOf(expression) == table, "the parser means something else than the grammar");
        if (expression is not null && text.Length <= 2_000)
        {
            // Parentheses around everything may go deeper than what was written, but no condition this short goes too deep.
            FuzzFailure.Unless(!TryParse(Written(expression), out ConditionExpression? again) || TableOf(again) == table, "written out it means something else");
        }
    }

    private static bool TryParse(string text, out ConditionExpression? expression)
    {
        void CheckPlace(int offset) => FuzzFailure.Unless(offset >= 0 && offset <= text.Length, $"no such place: {offset}");
        try
        {
            expression = ConditionParser.Parse(text, s_identifiers, (offset, _, _) => CheckPlace(offset));
            return true;
        }
        catch (ConditionException exception)
        {
            CheckPlace(exception.Offset);
            expression = null;
            return false;
        }
    }

    private static ulong? TableOf(ConditionExpression? expression) => expression switch
    {
        ConditionExpression.Name name => s_tables[s_identifiers.IndexOf(name.Identifier)],
        ConditionExpression.All all => all.Of.Aggregate(ulong.MaxValue, (table, part) => table & TableOf(part)!.Value),
        ConditionExpression.Any any => any.Of.Aggregate(0UL, (table, part) => table | TableOf(part)!.Value),
        ConditionExpression.Not not => ~TableOf(not.Of),
        _ => null,
    };

    private static string Written(ConditionExpression expression) => expression switch
    {
        ConditionExpression.Name name => name.Identifier,
        ConditionExpression.All all => $"({string.Join(" and ", all.Of.Select(Written))})",
        ConditionExpression.Any any => $"({string.Join(" or ", any.Of.Select(Written))})",
        ConditionExpression.Not not => $"(not {Written(not.Of)})",
        _ => "",
    };

    /// <summary>Sigma's grammar of conditions, read straight to truth tables; null is a part that counts for nothing.</summary>
    private sealed partial class Grammar(List<string> tokens)
    {
        private int _at;

        public static bool TryRead(string text, out ulong? table)
        {
            table = null;
            Grammar grammar = new([.. Token().Matches(text).Select(match => match.Value)]);
            try
            {
                ulong? read = grammar.Alternatives(0);
                bool isWhole = grammar.Next.Length == 0;
                table = isWhole ? read : null;
                return isWhole;
            }
            catch (FormatException)
            {
                return false;
            }
        }

        private string Next => _at < tokens.Count ? tokens[_at] : "";

        private ulong? Alternatives(int depth) => Joined("or", inner => Joined("and", Negated, inner), depth);

        private ulong? Joined(string word, Func<int, ulong?> read, int depth)
        {
            ulong? table = read(depth);
            while (Next == word)
            {
                _at++;
                ulong? other = read(depth);
                table = table is null ? other : other is null ? table : word == "or" ? table | other : table & other;
            }

            return table;
        }

        private ulong? Negated(int depth)
        {
            if (Next == "not")
            {
                _at++;
                return ~Negated(depth);
            }

            string word = Next;
            _at++;
            if (word == "(")
            {
                ulong? inside = depth < ConditionParser.MaxDepth ? Alternatives(depth + 1) : throw new FormatException();
                return tokens.ElementAtOrDefault(_at++) == ")" ? inside : throw new FormatException();
            }

            if (Next == "of" && word is "1" or "any" or "all")
            {
                _at++;
                string pattern = Next;
                _at++;
                return Pattern().IsMatch(pattern) ? Chosen(word == "all", pattern) : throw new FormatException();
            }

            int identifier = s_identifiers.IndexOf(word);
            return identifier >= 0 && Next != "of" ? s_tables[identifier] : throw new FormatException();
        }

        private static ulong? Chosen(bool all, string pattern)
        {
            // A name that begins with an underscore is chosen only by a pattern that does.
            string glob = pattern == "them" ? "^[^_]" : $"^{(pattern[0] == '_' ? "" : "(?!_)")}{Regex.Escape(pattern).Replace(@"\*", ".*", StringComparison.Ordinal)}\\z";
            ulong[] chosen = [.. s_identifiers.Zip(s_tables).Where(entry => Regex.IsMatch(entry.First, glob)).Select(entry => entry.Second)];
            return chosen.Length == 0 ? null : chosen.Aggregate((left, right) => all ? left & right : left | right);
        }

        [GeneratedRegex(@"[\p{L}\p{Nd}_\-*.]+|\S")]
        private static partial Regex Token();

        [GeneratedRegex(@"^[\p{L}\p{Nd}_*.]+\z")]
        private static partial Regex Pattern();
    }
}
