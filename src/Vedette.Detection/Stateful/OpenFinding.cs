using Vedette.Detection.Findings;

namespace Vedette.Detection.Stateful;

/// <summary>A finding that was told and that more of the same still goes into.</summary>
internal sealed class OpenFinding
{
    /// <summary>Most requests told apart; of further ones each stage counts.</summary>
    public const int MaxRequests = 10_000;

    /// <summary>Bytes beside those of the finding: its object and its places in tables.</summary>
    private const int Overhead = 300;

    private const int RequestSize = 48;

    private readonly HashSet<UInt128> _requests = [];
    private readonly MemoryAccount _account;
    private long _size;
    private bool _isClosed;

    /// <summary>Begins with a finding as it was told.</summary>
    /// <param name="finding">The finding.</param>
    /// <param name="until">Up to and including this time it takes more, in ticks.</param>
    /// <param name="account">Counts its bytes.</param>
    public OpenFinding(Finding finding, long until, MemoryAccount account)
    {
        (Finding, Until, _account) = (finding, until, account);
        Count();
    }

    /// <summary>The finding as it stands.</summary>
    public Finding Finding { get; private set; }

    /// <summary>Up to and including this time it takes more, in ticks.</summary>
    public long Until { get; }

    /// <summary>True when it has changed since it was told.</summary>
    public bool HasChanged { get; private set; }

    /// <summary>The key it is found by, where it is one of a rule with suppression.</summary>
    public (int Place, string Key)? Suppresses { get; init; }

    /// <summary>Requests it has counted, for keeping.</summary>
    public IReadOnlyCollection<UInt128> Requests => _requests;

    /// <summary>Notes a request as counted.</summary>
    public bool Note(UInt128? request)
    {
        bool isNew = request is not { } known || _requests.Count >= MaxRequests || _requests.Add(known);
        Count();
        return isNew;
    }

    /// <summary>Takes one more, unless it was closed.</summary>
    /// <param name="more">A match, or a finding.</param>
    /// <param name="count">How many requests it adds; null: as many as it has.</param>
    public void Add(Occurrence more, int? count = null)
    {
        if (_isClosed || !Note(more.Request))
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
        Count();
    }

    /// <summary>Takes no more.</summary>
    public void Close()
    {
        _isClosed = true;
        _account.Add(-_size);
        _size = 0;
    }

    /// <summary>The same finding, restored.</summary>
    public static OpenFinding Restore(Finding finding, long until, bool hasChanged, (int Place, string Key)? suppresses, IEnumerable<UInt128> requests, MemoryAccount account)
    {
        OpenFinding open = new(finding, until, account) { Suppresses = suppresses, HasChanged = hasChanged };
        open._requests.UnionWith(requests);
        open.Count();
        return open;
    }

    private void Count()
    {
        long size = Overhead + Finding.Size + (RequestSize * _requests.Count) + StateMemory.SizeOf(Suppresses?.Key);
        _account.Add(size - _size);
        _size = size;
    }
}
