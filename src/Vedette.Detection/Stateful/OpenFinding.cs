using System.Collections.Immutable;
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
    private readonly List<FindingEvent> _events;
    private readonly Finding _told;
    private readonly long _fixedSize;
    private int _count;
    private DateTimeOffset _to;
    private bool _isLate;
    private long _size;
    private bool _isClosed;

    /// <summary>Begins with a finding as it was told.</summary>
    /// <param name="finding">The finding.</param>
    /// <param name="until">Up to and including this time it takes more, in ticks.</param>
    /// <param name="account">Counts its bytes.</param>
    /// <param name="suppresses">The key it is found by, where it is one of a rule with suppression.</param>
    public OpenFinding(Finding finding, long until, MemoryAccount account, (int Place, string Key)? suppresses = null)
    {
        (_told, Until, _account, Suppresses) = (finding, until, account, suppresses);
        (_count, _events, _to, _isLate) = (finding.Count, [.. finding.Events], finding.Window?.To ?? default, finding.IsLate);
        _fixedSize = Overhead + finding.Size - (Finding.EventSize * _events.Count) + StateMemory.SizeOf(suppresses?.Key);
        Count();
    }

    /// <summary>Identity of the finding.</summary>
    public string Id => _told.Id;

    /// <summary>The finding as it stands.</summary>
    public Finding Finding => !HasChanged ? _told : _told with
    {
        Count = _count,
        Events = [.. _events],
        Window = _told.Window is { } window ? window with { To = _to } : null,
        IsLate = _isLate,
    };

    /// <summary>Up to and including this time it takes more, in ticks.</summary>
    public long Until { get; }

    /// <summary>True when it has changed since it was told.</summary>
    public bool HasChanged { get; private set; }

    /// <summary>The key it is found by, where it is one of a rule with suppression.</summary>
    public (int Place, string Key)? Suppresses { get; }

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
    /// <param name="more">A match, or what a correlation tells.</param>
    /// <param name="count">How many requests it adds; null: as many as it has.</param>
    public void Add(in Occurrence more, int? count = null)
    {
        if (TryAdd(more.Request, more.At, count ?? more.Count, more.IsLate) && _events.Count < FindingCollector.MaxEvents)
        {
            AddEvents(more.Events);
        }
    }

    /// <summary>Takes another finding in, unless it was closed.</summary>
    /// <param name="more">The finding.</param>
    /// <param name="at">When, in ticks.</param>
    /// <param name="request">The request that it is of, where known.</param>
    public void Add(Finding more, long at, UInt128? request)
    {
        if (TryAdd(request, at, more.Count, isLate: false))
        {
            AddEvents(more.Events);
        }
    }

    private bool TryAdd(UInt128? request, long at, int count, bool isLate)
    {
        if (_isClosed || !Note(request))
        {
            return false;
        }

        HasChanged = true;
        _count += count;
        DateTimeOffset time = new(at, TimeSpan.Zero);
        _to = time > _to ? time : _to;
        _isLate |= isLate;
        return true;
    }

    private void AddEvents(ImmutableArray<FindingEvent> events)
    {
        foreach (FindingEvent item in events)
        {
            if (_events.Count < FindingCollector.MaxEvents && !_events.Contains(item))
            {
                _events.Add(item);
            }
        }

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
        OpenFinding open = new(finding, until, account, suppresses) { HasChanged = hasChanged };
        open._requests.UnionWith(requests);
        open.Count();
        return open;
    }

    private void Count()
    {
        long size = _fixedSize + (Finding.EventSize * _events.Count) + (RequestSize * _requests.Count);
        _account.Add(size - _size);
        _size = size;
    }
}
