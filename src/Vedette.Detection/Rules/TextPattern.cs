using System.Collections.Immutable;
using System.Text;

namespace Vedette.Detection.Rules;

/// <summary>A text with wildcards: literal pieces, <c>*</c> (any number of characters, line ends included) and <c>?</c> (exactly one character).</summary>
/// <param name="Parts">In order; neighbouring literals are merged, neighbouring stars are one.</param>
public sealed record TextPattern(ImmutableArray<PatternPart> Parts)
{
    /// <summary>A pattern without wildcards.</summary>
    public static TextPattern Literal(string text) => new(text.Length == 0 ? [] : [new PatternPart(PatternPartKind.Literal, text)]);

    /// <summary>True when nothing but one literal text matches.</summary>
    public bool IsLiteral
    {
        get
        {
            foreach (PatternPart part in Parts)
            {
                if (part.Kind != PatternPartKind.Literal)
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>The text of a pattern for which <see cref="IsLiteral"/> holds.</summary>
    public string LiteralText => Parts is [var only] ? only.Text : string.Concat(Parts.Select(part => part.Text));

    /// <summary>Two patterns are equal when their parts are.</summary>
    public bool Equals(TextPattern? other) => other is not null && Parts.AsSpan().SequenceEqual(other.Parts.AsSpan());

    /// <inheritdoc />
    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach (PatternPart part in Parts)
        {
            hash.Add(part);
        }

        return hash.ToHashCode();
    }

    /// <summary>The pattern in Sigma's notation.</summary>
    public override string ToString()
    {
        StringBuilder text = new();
        foreach (PatternPart part in Parts)
        {
            text.Append(part.Kind switch
            {
                PatternPartKind.AnyCharacters => "*",
                PatternPartKind.OneCharacter => "?",
                _ => part.Text.Replace("\\", "\\\\", StringComparison.Ordinal)
                    .Replace("*", "\\*", StringComparison.Ordinal)
                    .Replace("?", "\\?", StringComparison.Ordinal),
            });
        }

        return text.ToString();
    }
}

/// <summary>One piece of a <see cref="TextPattern"/>.</summary>
public readonly record struct PatternPart(PatternPartKind Kind, string Text)
{
    /// <summary><c>*</c>.</summary>
    public static PatternPart AnyCharacters { get; } = new(PatternPartKind.AnyCharacters, "");

    /// <summary><c>?</c>.</summary>
    public static PatternPart OneCharacter { get; } = new(PatternPartKind.OneCharacter, "");
}

/// <summary>What a piece of a pattern is.</summary>
public enum PatternPartKind
{
    /// <summary>These characters.</summary>
    Literal,

    /// <summary>Any number of characters.</summary>
    AnyCharacters,

    /// <summary>Exactly one character (Unicode scalar value).</summary>
    OneCharacter,
}
