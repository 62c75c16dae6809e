using System.Collections.Immutable;

namespace Vedette.Sinks.Routing;

/// <summary>What findings a route or a silence is for. What is not said matches everything; all that is said must match.</summary>
public sealed record FindingMatcher
{
    /// <summary>Matches everything.</summary>
    public static FindingMatcher Everything { get; } = new();

    /// <summary>The levels; null for all.</summary>
    public ImmutableHashSet<string>? Levels { get; init; }

    /// <summary>Ids or titles of rules.</summary>
    public ImmutableArray<StarPattern> Rules { get; init; } = [];

    /// <summary>Tags; one of a finding's is enough.</summary>
    public ImmutableArray<StarPattern> Tags { get; init; } = [];

    /// <summary>Clusters.</summary>
    public ImmutableArray<StarPattern> Clusters { get; init; } = [];

    /// <summary>Namespaces of the object; a finding without one matches only <c>*</c>.</summary>
    public ImmutableArray<StarPattern> Namespaces { get; init; } = [];

    /// <summary>Effective users.</summary>
    public ImmutableArray<StarPattern> Users { get; init; } = [];

    /// <summary>Is nothing said at all?</summary>
    public bool MatchesEverything => Levels is null && Rules.IsEmpty && Tags.IsEmpty && Clusters.IsEmpty && Namespaces.IsEmpty && Users.IsEmpty;

    /// <summary>Levels at or above one.</summary>
    public static ImmutableHashSet<string> AtLeast(string level) => [.. FindingLevel.All.AsSpan()[FindingLevel.Rank(level)..]];

    /// <summary>Does it match a finding?</summary>
    public bool Matches(StoredFinding finding) =>
        (Levels is null || Levels.Contains(FindingLevel.Of(finding)))
        && (Rules.IsEmpty || Any(Rules, finding.RuleId) || Any(Rules, finding.Title))
        && (Tags.IsEmpty || finding.Tags.Any(tag => Any(Tags, tag)))
        && (Clusters.IsEmpty || Any(Clusters, finding.Cluster))
        && (Namespaces.IsEmpty || Any(Namespaces, finding.Namespace ?? ""))
        && (Users.IsEmpty || Any(Users, finding.User));

    private static bool Any(ImmutableArray<StarPattern> patterns, string value)
    {
        foreach (StarPattern pattern in patterns)
        {
            if (pattern.Matches(value))
            {
                return true;
            }
        }

        return false;
    }
}
