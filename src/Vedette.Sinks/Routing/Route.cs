using System.Collections.Immutable;

namespace Vedette.Sinks.Routing;

/// <summary>Who is told which findings, and how.</summary>
/// <param name="Name">For people.</param>
/// <param name="Match">Which.</param>
/// <param name="Receivers">Names of who is told; none: nobody, on purpose.</param>
public sealed record Route(string Name, FindingMatcher Match, ImmutableArray<string> Receivers)
{
    /// <summary>Are the routes after it asked too when it matches?</summary>
    public bool Continue { get; init; }

    /// <summary>How findings are told together; null: each as soon as it comes.</summary>
    public Grouping? Grouping { get; init; }

    /// <summary>How many at most; null for all.</summary>
    public RateLimit? RateLimit { get; init; }
}

/// <summary>Findings that have something in common are told together.</summary>
/// <param name="By">What they have in common; nothing: all findings of the route are one group.</param>
/// <param name="Wait">How long after its first finding a group is told.</param>
/// <param name="Interval">How long after that a group that has grown is told again.</param>
public sealed record Grouping(ImmutableArray<GroupKey> By, TimeSpan Wait, TimeSpan Interval)
{
    /// <summary>The values of a finding that make its group.</summary>
    public ImmutableArray<string> ValuesOf(StoredFinding finding) => [.. By.Select(key => key switch
    {
        GroupKey.Rule => finding.RuleId,
        GroupKey.Level => FindingLevel.Of(finding),
        GroupKey.Cluster => finding.Cluster,
        GroupKey.Namespace => finding.Namespace ?? "",
        _ => finding.User,
    })];
}

/// <summary>What findings of a group have in common.</summary>
public enum GroupKey
{
    /// <summary>The rule, by its id.</summary>
    Rule,

    /// <summary>The level.</summary>
    Level,

    /// <summary>The cluster.</summary>
    Cluster,

    /// <summary>The namespace of the object.</summary>
    Namespace,

    /// <summary>The effective user.</summary>
    User,
}

/// <summary>At most so many findings of a route are told to a receiver one by one; what is over is told as one summary when the span has passed.</summary>
/// <param name="Count">Findings.</param>
/// <param name="Per">The span, from the first finding on.</param>
public sealed record RateLimit(int Count, TimeSpan Per);

/// <summary>Findings that nobody wants to be told for a while. They are stored and counted all the same.</summary>
/// <param name="Match">Which.</param>
/// <param name="Reason">Why, for those who wonder.</param>
/// <param name="Until">When it ends.</param>
public sealed record Silence(FindingMatcher Match, string Reason, DateTimeOffset Until);
