using System.Collections.Immutable;
using System.Text;
using Vedette.Detection.Rules;

namespace Vedette.Detection.Sigma;

/// <summary>Sigma's notation for texts: <c>*</c> and <c>?</c> are wildcards, a backslash takes their meaning from them and from a backslash, and is itself before anything else.</summary>
internal static class SigmaText
{
    /// <summary>Reads a text with wildcards.</summary>
    public static TextPattern Parse(string text)
    {
        if (!text.AsSpan().ContainsAny('*', '?', '\\'))
        {
            return TextPattern.Literal(text);
        }

        PatternBuilder pattern = new();
        for (int i = 0; i < text.Length; i++)
        {
            char current = text[i];
            if (current == '\\' && i + 1 < text.Length && text[i + 1] is '*' or '?' or '\\')
            {
                pattern.Append(text[++i]);
            }
            else if (current == '*')
            {
                pattern.Append(PatternPart.AnyCharacters);
            }
            else if (current == '?')
            {
                pattern.Append(PatternPart.OneCharacter);
            }
            else
            {
                pattern.Append(current);
            }
        }

        return pattern.ToPattern();
    }

    /// <summary>The pattern with wildcards at its ends, where there are none yet.</summary>
    public static TextPattern Place(TextPattern pattern, TextPosition position)
    {
        ImmutableArray<PatternPart> parts = pattern.Parts;
        if (position is TextPosition.Anywhere or TextPosition.End && (parts.IsEmpty || parts[0].Kind != PatternPartKind.AnyCharacters))
        {
            parts = parts.Insert(0, PatternPart.AnyCharacters);
        }

        if (position is TextPosition.Anywhere or TextPosition.Start && parts is not [.., { Kind: PatternPartKind.AnyCharacters }])
        {
            parts = parts.Add(PatternPart.AnyCharacters);
        }

        return new TextPattern(parts);
    }

    /// <summary>Merges neighbouring literals and neighbouring stars.</summary>
    private sealed class PatternBuilder
    {
        private readonly ImmutableArray<PatternPart>.Builder _parts = ImmutableArray.CreateBuilder<PatternPart>();
        private readonly StringBuilder _literal = new();

        public void Append(char character) => _literal.Append(character);

        public void Append(PatternPart wildcard)
        {
            Flush();
            if (wildcard.Kind != PatternPartKind.AnyCharacters || _parts is not [.., { Kind: PatternPartKind.AnyCharacters }])
            {
                _parts.Add(wildcard);
            }
        }

        public TextPattern ToPattern()
        {
            Flush();
            return new TextPattern(_parts.ToImmutable());
        }

        private void Flush()
        {
            if (_literal.Length > 0)
            {
                _parts.Add(new PatternPart(PatternPartKind.Literal, _literal.ToString()));
                _literal.Clear();
            }
        }
    }
}
