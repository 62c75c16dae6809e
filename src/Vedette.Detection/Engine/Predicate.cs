namespace Vedette.Detection.Engine;

/// <summary>A question to one event, asked at most once however many rules ask it.</summary>
/// <param name="Field">Place of its field.</param>
/// <param name="Other">Place of the second field of a comparison, else -1.</param>
/// <param name="Kind">What is asked.</param>
/// <param name="Matcher">For <see cref="PredicateKind.SomeValue"/>.</param>
/// <param name="Position">For <see cref="PredicateKind.Reference"/>.</param>
/// <param name="CaseSensitive">For <see cref="PredicateKind.Reference"/>.</param>
/// <param name="Needs">Bodies without which its field cannot be seen.</param>
internal sealed record Predicate(
    int Field, int Other, PredicateKind Kind, ValueMatcher? Matcher, Rules.TextPosition Position, bool CaseSensitive, BodyNeeds Needs)
{
    /// <summary>Adds the texts, one of which must stand in the field's folded text for it to hold; false, and nothing is added, when it asks something else.</summary>
    /// <param name="self">Its own place.</param>
    /// <param name="into">Gets them.</param>
    public bool TrySeek(int self, ICollection<SoughtText> into) => Matcher is TextMatcher matcher && matcher.TrySeek(self, into);
}

/// <summary>Kinds of predicates.</summary>
internal enum PredicateKind
{
    /// <summary>Some value passes the matcher.</summary>
    SomeValue,

    /// <summary>The field is there.</summary>
    Exists,

    /// <summary>The field is missing or null.</summary>
    IsNull,

    /// <summary>Some value of one field stands in some value of the other.</summary>
    Reference,
}
