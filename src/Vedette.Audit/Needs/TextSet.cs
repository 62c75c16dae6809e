using System.Collections.Immutable;

namespace Vedette.Audit.Needs;

/// <summary>
/// A set of texts that can be asked about any text, and that names texts worth asking about. The empty text stands for one that is missing. Policies tell texts apart by naming them, so this is
/// all that is needed to decide what a policy does to a set.
/// </summary>
/// <param name="contains">Is this text in the set?</param>
/// <param name="examples">Texts that the set was made of: its literals, and texts that its patterns are made to match. Not all of them need be in the set.</param>
/// <param name="isFinite">True when nothing but examples, and perhaps the missing text, is in the set.</param>
public sealed class TextSet(Func<string, bool> contains, ImmutableArray<string> examples, bool isFinite)
{
    /// <summary>Every text, and the missing one.</summary>
    public static TextSet Any { get; } = new(_ => true, [], isFinite: false);

    /// <summary>Texts worth asking about.</summary>
    public ImmutableArray<string> Examples => examples;

    /// <summary>Is nothing but <see cref="Examples"/> in the set?</summary>
    public bool IsFinite => isFinite;

    /// <summary>Is every text in the set?</summary>
    public bool IsAny => ReferenceEquals(this, Any);

    /// <summary>The set of these texts.</summary>
    public static TextSet Of(params ImmutableArray<string> texts) => new(text => texts.Contains(text, StringComparer.Ordinal), texts, isFinite: true);

    /// <summary>Every text but these.</summary>
    public static TextSet Except(params ImmutableArray<string> texts) => new(text => !texts.Contains(text, StringComparer.Ordinal), [], isFinite: false);

    /// <summary>Is this text in the set?</summary>
    public bool Contains(string text) => contains(text);

    /// <summary>What is in both sets.</summary>
    public TextSet And(TextSet other) => IsAny ? other : other.IsAny ? this : new(
        text => Contains(text) && other.Contains(text),
        isFinite ? examples : other.IsFinite ? other.Examples : [.. examples.Union(other.Examples, StringComparer.Ordinal)],
        isFinite || other.IsFinite);

    /// <summary>The examples that are in the set.</summary>
    public IEnumerable<string> Known => examples.Where(Contains);
}
