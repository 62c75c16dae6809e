namespace Vedette.Detection.Rules;

/// <summary>
/// An exclusion that stands in a document of its own and applies to the rules it names (Sigma filter). A rule fires where its own condition and the conditions of all its filters hold, so
/// the condition of a filter that leaves events out says <c>not</c>.
/// </summary>
public sealed record RuleFilter
{
    /// <summary>Stable identity: the filter's UUID, else its name, else its title.</summary>
    public required string Id { get; init; }

    /// <summary>Its short name, by which it is switched off.</summary>
    public required string Name { get; init; }

    /// <summary>What a person reads first.</summary>
    public required string Title { get; init; }

    /// <summary>Why it is safe to leave these events out.</summary>
    public string? Description { get; init; }

    /// <summary>The stream of the rules it is for.</summary>
    public LogSource LogSource { get; init; } = LogSource.Any;

    /// <summary>Ids or names of the rules it is for, in the order written; null: all rules of its log source.</summary>
    public IReadOnlyList<string>? Rules { get; init; }

    /// <summary>What must hold for a rule to fire.</summary>
    public required Condition Condition { get; init; }

    /// <summary>Where the tests of <see cref="Condition"/> stand.</summary>
    public ConditionPlaces Places { get; init; } = ConditionPlaces.None;

    /// <summary>File it was read from.</summary>
    public string File { get; init; } = "";

    /// <summary>Line of its document in <see cref="File"/>, from 1.</summary>
    public int Line { get; init; }

    /// <summary>Is it for this rule?</summary>
    public bool AppliesTo(DetectionRule rule) =>
        LogSource.Contains(rule.LogSource) && (Rules is null || Rules.Contains(rule.Id, StringComparer.Ordinal) || (rule.Name is not null && Rules.Contains(rule.Name, StringComparer.Ordinal)));

    /// <summary>Is this what a person calls it: its name, id or title?</summary>
    public bool IsCalled(string name) =>
        name.Equals(Name, StringComparison.Ordinal) || name.Equals(Id, StringComparison.OrdinalIgnoreCase) || name.Equals(Title, StringComparison.OrdinalIgnoreCase);
}
