namespace Vedette.Detection.Stateful;

/// <summary>Bounds on what stateful rules remember by number, beside those by bytes (<see cref="StateMemory"/>), and what was given up because of either.</summary>
public sealed class StateBudget
{
    /// <summary>Most groups of one correlation; beyond it the one unused for longest is forgotten.</summary>
    public const int MaxGroups = 50_000;

    /// <summary>Most matches in the window of one group; beyond it the oldest is forgotten.</summary>
    public const int MaxEntriesPerGroup = 10_000;

    /// <summary>Most requests of one correlation that were counted and may have further stages; beyond it the oldest is forgotten and may count twice.</summary>
    public const int MaxUnfinishedRequests = 100_000;

    /// <summary>Most terms of one rule with new terms; beyond it the one unseen for longest is forgotten and will be new again.</summary>
    public const int MaxTerms = 200_000;

    /// <summary>Most pairs of group and member remembered of one rule with peers; beyond it the one unseen for longest is forgotten.</summary>
    public const int MaxPeers = 100_000;

    /// <summary>Most findings that more of the same can still go into; beyond it the one that closes first is closed.</summary>
    public const int MaxOpenFindings = 100_000;

    /// <summary>Matches in windows now.</summary>
    public int Entries { get; internal set; }

    /// <summary>Groups forgotten before their time.</summary>
    public long EvictedGroups { get; internal set; }

    /// <summary>Matches forgotten before their time, those of forgotten groups not counted.</summary>
    public long EvictedMatches { get; internal set; }

    /// <summary>Findings closed before their time.</summary>
    public long EvictedFindings { get; internal set; }
}
