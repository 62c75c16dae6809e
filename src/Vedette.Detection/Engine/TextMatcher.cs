using System.Collections.Immutable;
using System.Text;
using Vedette.Audit.Json;
using Vedette.Audit.Text;
using Vedette.Detection.Fields;
using Vedette.Detection.Rules;

namespace Vedette.Detection.Engine;

/// <summary>Texts with wildcards; the common forms have matchers of their own.</summary>
internal abstract class TextMatcher(bool caseSensitive) : ValueMatcher
{
    /// <inheritdoc />
    public override bool WantsFolded => !caseSensitive;

    /// <summary>The texts, one of which must stand in the value and where; null when the matcher asks something else, or cares for case.</summary>
    public virtual SoughtText[]? SoughtTexts => null;

    /// <summary>Compiles a pattern.</summary>
    public static TextMatcher Compile(TextPattern pattern, bool caseSensitive)
    {
        ImmutableArray<(PatternPartKind Kind, byte[] Text)> parts = [.. pattern.Parts.Select(part => (part.Kind, Bytes(part.Text, caseSensitive)))];
        return parts.AsSpan() switch
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

    /// <summary>The text to search for, unless it cannot be searched for together with others.</summary>
    protected SoughtText[]? Sought(byte[] text, bool atStart, bool atEnd) => WantsFolded && text.Length > 0 ? [new SoughtText(text, atStart, atEnd, -1)] : null;

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
    public override SoughtText[]? SoughtTexts => Sought(literal, atStart: true, atEnd: true);

    public override bool Matches(ReadOnlySpan<byte> text, JsonKind kind, MatchScratch scratch) => text.SequenceEqual(literal);
}

/// <summary>One of these texts.</summary>
internal sealed class SetMatcher : TextMatcher
{
    private readonly HashSet<byte[]>.AlternateLookup<ReadOnlySpan<byte>> _literals;

    public override SoughtText[]? SoughtTexts =>
        WantsFolded && _literals.Set.All(text => text.Length > 0) ? [.. _literals.Set.Select(text => new SoughtText(text, AtStart: true, AtEnd: true, -1))] : null;

    public SetMatcher(IEnumerable<byte[]> literals, bool caseSensitive)
        : base(caseSensitive) => _literals = new HashSet<byte[]>(literals, Utf8Comparer.Instance).GetAlternateLookup<ReadOnlySpan<byte>>();

    public override bool Matches(ReadOnlySpan<byte> text, JsonKind kind, MatchScratch scratch) => _literals.Contains(text);
}

/// <summary><c>*text*</c>.</summary>
internal sealed class ContainsMatcher(byte[] literal, bool caseSensitive) : TextMatcher(caseSensitive)
{
    public override SoughtText[]? SoughtTexts => Sought(literal, atStart: false, atEnd: false);

    public override bool Matches(ReadOnlySpan<byte> text, JsonKind kind, MatchScratch scratch) => text.IndexOf(literal) >= 0;
}

/// <summary><c>text*</c>.</summary>
internal sealed class PrefixMatcher(byte[] literal, bool caseSensitive) : TextMatcher(caseSensitive)
{
    public override SoughtText[]? SoughtTexts => Sought(literal, atStart: true, atEnd: false);

    public override bool Matches(ReadOnlySpan<byte> text, JsonKind kind, MatchScratch scratch) => text.StartsWith(literal);
}

/// <summary><c>*text</c>.</summary>
internal sealed class SuffixMatcher(byte[] literal, bool caseSensitive) : TextMatcher(caseSensitive)
{
    public override SoughtText[]? SoughtTexts => Sought(literal, atStart: false, atEnd: true);

    public override bool Matches(ReadOnlySpan<byte> text, JsonKind kind, MatchScratch scratch) => text.EndsWith(literal);
}

/// <summary>Any other mixture of literals, <c>*</c> and <c>?</c>. A later star never needs an earlier one to give way, so one place to come back to is enough.</summary>
internal sealed class WildcardMatcher(ImmutableArray<(PatternPartKind Kind, byte[] Text)> parts, bool caseSensitive) : TextMatcher(caseSensitive)
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
