namespace Vedette.Detection.Stateful;

/// <summary>What stateful rules could not do as they should, counted. All zero when everything was in order and had room.</summary>
public sealed record StateStatistics
{
    /// <summary>Matches that came after their time had passed.</summary>
    public long Late { get; init; }

    /// <summary>Matches whose event time was ahead of our clock.</summary>
    public long Ahead { get; init; }

    /// <summary>Matches that were evaluated before all earlier ones were known, because too many were held.</summary>
    public long Forced { get; init; }

    /// <summary>Groups of correlations forgotten for lack of room.</summary>
    public long EvictedGroups { get; init; }

    /// <summary>Matches of correlations forgotten for lack of room.</summary>
    public long EvictedMatches { get; init; }

    /// <summary>Terms, peers and unfinished requests forgotten for lack of room.</summary>
    public long EvictedTerms { get; init; }

    /// <summary>Findings that took no more of the same for lack of room.</summary>
    public long EvictedFindings { get; init; }

    /// <summary>Both together.</summary>
    public static StateStatistics operator +(StateStatistics left, StateStatistics right) => new()
    {
        Late = left.Late + right.Late,
        Ahead = left.Ahead + right.Ahead,
        Forced = left.Forced + right.Forced,
        EvictedGroups = left.EvictedGroups + right.EvictedGroups,
        EvictedMatches = left.EvictedMatches + right.EvictedMatches,
        EvictedTerms = left.EvictedTerms + right.EvictedTerms,
        EvictedFindings = left.EvictedFindings + right.EvictedFindings,
    };
}
