using Vedette.Detection.Findings;

namespace Vedette.Detection.Stateful;

/// <summary>A finding that was told and that more of the same still goes into.</summary>
internal sealed class OpenFinding(Finding finding, long until)
{
    /// <summary>Most requests told apart; of further ones each stage counts.</summary>
    public const int MaxRequests = 10_000;

    private readonly HashSet<UInt128> _requests = [];

    /// <summary>The finding as it stands.</summary>
    public Finding Finding { get; private set; } = finding;

    /// <summary>Up to and including this time it takes more, in ticks.</summary>
    public long Until { get; } = until;

    /// <summary>True when it has changed since it was told.</summary>
    public bool HasChanged { get; private set; }

    /// <summary>The key it is found by, where it is one of a rule with suppression.</summary>
    public (int Place, string Key)? Suppresses { get; init; }

    /// <summary>Requests it has counted, for keeping.</summary>
    public IReadOnlyCollection<UInt128> Requests => _requests;

    /// <summary>Notes a request as counted.</summary>
    public bool Note(UInt128? request) => request is not { } known || _requests.Count >= MaxRequests || _requests.Add(known);

    /// <summary>Takes one more.</summary>
    /// <param name="more">A match, or a finding.</param>
    /// <param name="count">How many requests it adds; null: as many as it has.</param>
    public void Add(Occurrence more, int? count = null)
    {
        if (!Note(more.Request))
        {
            return;
        }

        HasChanged = true;
        DateTimeOffset at = new(more.At, TimeSpan.Zero);
        Finding = Finding with
        {
            Count = Finding.Count + (count ?? more.Count),
            Events = Finding.Events.Length >= FindingCollector.MaxEvents ? Finding.Events : [.. Finding.Events.Concat(more.Events).Distinct().Take(FindingCollector.MaxEvents)],
            Window = Finding.Window is { } window && at > window.To ? window with { To = at } : Finding.Window,
            IsLate = Finding.IsLate || more.IsLate,
        };
    }

    /// <summary>The same finding, restored.</summary>
    public static OpenFinding Restore(Finding finding, long until, bool hasChanged, (int Place, string Key)? suppresses, IEnumerable<UInt128> requests)
    {
        OpenFinding open = new(finding, until) { Suppresses = suppresses, HasChanged = hasChanged };
        open._requests.UnionWith(requests);
        return open;
    }
}
