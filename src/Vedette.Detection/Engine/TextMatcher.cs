using System.Text;
using Vedette.Audit.Json;
using Vedette.Detection.Fields;
using Vedette.Detection.Rules;

namespace Vedette.Detection.Engine;

/// <summary>Texts with wildcards; the common forms have matchers of their own.</summary>
internal abstract class TextMatcher(bool caseSensitive) : ValueMatcher
{
    /// <inheritdoc />
    public override bool WantsFolded => !caseSensitive;

    /// <summary>Adds the texts, one of which must stand in the value and where.</summary>
    /// <param name="predicate">The predicate that holds then.</param>
    /// <param name="into">Gets them.</param>
    /// <returns>False, and nothing is added, when the matcher asks something else, or cares for case.</returns>
    public virtual bool TrySeek(int predicate, ICollection<SoughtText> into) => false;

    /// <summary>Compiles a pattern.</summary>
    public static TextMatcher Compile(TextPattern pattern, bool caseSensitive)
    {
        (PatternPartKind Kind, byte[] Text)[] parts = new (PatternPartKind, byte[])[pattern.Parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            parts[i] = (pattern.Parts[i].Kind, Bytes(pattern.Parts[i].Text, caseSensitive));
        }

        return parts switch
        {
            [] => new LiteralMatcher([], caseSensitive),
            [(PatternPartKind.AnyCharacters, _)] => new AnythingMatcher(caseSensitive),
            [(PatternPartKind.Literal, var text)] => new LiteralMatcher(text, caseSensitive),
            [(PatternPartKind.AnyCharacters, _), (PatternPartKind.Literal, var text), (PatternPartKind.AnyCharacters, _)] => new ContainsMatcher(text, caseSensitive),
            [(PatternPartKind.Literal, var text), (PatternPartKind.AnyCharacters, _)] => new PrefixMatcher(text, caseSensitive),
            [(PatternPartKind.AnyCharacters, _), (PatternPartKind.Literal, var text)] => new SuffixMatcher(text, caseSensitive),
            _ => new WildcardMatcher(parts, caseSensitive),
        };
    }

    /// <summary>Adds the text to search for, unless it cannot be searched for together with others.</summary>
    protected bool TrySeek(SoughtText text, ICollection<SoughtText> into)
    {
        bool isSought = WantsFolded && text.Text.Length > 0;
        if (isSought)
        {
            into.Add(text);
        }

        return isSought;
    }

    /// <summary>A literal as matchers compare it.</summary>
    public static byte[] Bytes(string text, bool caseSensitive) => caseSensitive ? Encoding.UTF8.GetBytes(text) : CaseFolding.Fold(text);
}

/// <summary><c>*</c>: any value but null.</summary>
internal sealed class AnythingMatcher(bool caseSensitive) : TextMatcher(caseSensitive)
{
    public override bool WantsFolded => false;

    public override bool Matches(ReadOnlySpan<byte> text, JsonKind kind, MatchScratch scratch) => true;
}

/// <summary>Exactly this text.</summary>
internal sealed class LiteralMatcher(byte[] literal, bool caseSensitive) : TextMatcher(caseSensitive)
{
    public override bool TrySeek(int predicate, ICollection<SoughtText> into) => TrySeek(new SoughtText(literal, AtStart: true, AtEnd: true, predicate), into);

    public override bool Matches(ReadOnlySpan<byte> text, JsonKind kind, MatchScratch scratch) => text.SequenceEqual(literal);
}

/// <summary>One of these texts.</summary>
internal sealed class SetMatcher : TextMatcher
{
    private readonly HashSet<byte[]>.AlternateLookup<ReadOnlySpan<byte>> _literals;

    public SetMatcher(LiteralSet literals)
        : base(literals.CaseSensitive) => _literals = literals.Texts.GetAlternateLookup<ReadOnlySpan<byte>>();

    public override bool TrySeek(int predicate, ICollection<SoughtText> into)
    {
        if (!WantsFolded || _literals.Contains([]))
        {
            return false;
        }

        foreach (byte[] text in _literals.Set)
        {
            into.Add(new SoughtText(text, AtStart: true, AtEnd: true, predicate));
        }

        return true;
    }

    public override bool Matches(ReadOnlySpan<byte> text, JsonKind kind, MatchScratch scratch) => _literals.Contains(text);
}

/// <summary><c>*text*</c>.</summary>
internal sealed class ContainsMatcher(byte[] literal, bool caseSensitive) : TextMatcher(caseSensitive)
{
    public override bool TrySeek(int predicate, ICollection<SoughtText> into) => TrySeek(new SoughtText(literal, AtStart: false, AtEnd: false, predicate), into);

    public override bool Matches(ReadOnlySpan<byte> text, JsonKind kind, MatchScratch scratch) => text.IndexOf(literal) >= 0;
}

/// <summary><c>text*</c>.</summary>
internal sealed class PrefixMatcher(byte[] literal, bool caseSensitive) : TextMatcher(caseSensitive)
{
    public override bool TrySeek(int predicate, ICollection<SoughtText> into) => TrySeek(new SoughtText(literal, AtStart: true, AtEnd: false, predicate), into);

    public override bool Matches(ReadOnlySpan<byte> text, JsonKind kind, MatchScratch scratch) => text.StartsWith(literal);
}

/// <summary><c>*text</c>.</summary>
internal sealed class SuffixMatcher(byte[] literal, bool caseSensitive) : TextMatcher(caseSensitive)
{
    public override bool TrySeek(int predicate, ICollection<SoughtText> into) => TrySeek(new SoughtText(literal, AtStart: false, AtEnd: true, predicate), into);

    public override bool Matches(ReadOnlySpan<byte> text, JsonKind kind, MatchScratch scratch) => text.EndsWith(literal);
}

/// <summary>Any other mixture of literals, <c>*</c> and <c>?</c>. A later star never needs an earlier one to give way, so one place to come back to is enough.</summary>
internal sealed class WildcardMatcher((PatternPartKind Kind, byte[] Text)[] parts, bool caseSensitive) : TextMatcher(caseSensitive)
{
    public override bool Matches(ReadOnlySpan<byte> text, JsonKind kind, MatchScratch scratch)
    {
        int part = 0;
        int at = 0;
        int star = -1;
        int from = 0;
        while (true)
        {
            if (part == parts.Length && at == text.Length)
            {
                return true;
            }

            if (part < parts.Length && parts[part].Kind == PatternPartKind.AnyCharacters)
            {
                star = part++;
                from = at;
                continue;
            }

            int length = part < parts.Length ? Length(parts[part], text[at..]) : -1;
            if (length >= 0)
            {
                part++;
                at += length;
                continue;
            }

            if (star < 0 || from >= text.Length)
            {
                return false;
            }

            from += CharacterLength(text[from..]);
            at = from;
            part = star + 1;
        }
    }

    private static int Length((PatternPartKind Kind, byte[] Text) part, ReadOnlySpan<byte> text)
    {
        if (part.Kind == PatternPartKind.OneCharacter)
        {
            return text.IsEmpty ? -1 : CharacterLength(text);
        }

        return text.StartsWith(part.Text) ? part.Text.Length : -1;
    }

    private static int CharacterLength(ReadOnlySpan<byte> text)
    {
        _ = Rune.DecodeFromUtf8(text, out _, out int used);
        return used;
    }
}
