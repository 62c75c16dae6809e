using System.Collections.Immutable;

namespace Vedette.Detection.Rules;

/// <summary>Where the tests of a condition stand in their document. Kept beside the condition, so that equal tests of several rules stay equal.</summary>
public sealed class ConditionPlaces
{
    private readonly Dictionary<Condition, ConditionPlace> _places = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, Condition> _searches = new(StringComparer.Ordinal);

    /// <summary>Of a condition that was not read from a document.</summary>
    public static ConditionPlaces None { get; } = new();

    /// <summary>Search identifiers that the condition never names.</summary>
    public ImmutableArray<ConditionPlace> Unused { get; internal set; } = [];

    /// <summary>What each search identifier stands for, by name.</summary>
    public IReadOnlyDictionary<string, Condition> Searches => _searches;

    /// <summary>The place of a test; null when it is not known.</summary>
    public ConditionPlace? Of(Condition test) => _places.GetValueOrDefault(test);

    internal void Add(Condition test, ConditionPlace place) => _places.TryAdd(test is Condition.Not not ? not.Of : test, place);

    internal void AddSearch(string identifier, Condition condition) => _searches[identifier] = condition;
}

/// <summary>Where one test stands.</summary>
/// <param name="Search">Its search identifier, such as <c>selection</c>.</param>
/// <param name="Field">The field as written; empty for a keyword.</param>
/// <param name="Line">Line of the value, from 1.</param>
/// <param name="Column">Column of the value, from 1.</param>
/// <param name="KeyLine">Line of the field's name.</param>
/// <param name="KeyColumn">Column of the field's name.</param>
public sealed record ConditionPlace(string Search, string Field, int Line, int Column, int KeyLine, int KeyColumn);
