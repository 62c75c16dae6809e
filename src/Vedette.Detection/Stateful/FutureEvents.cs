using System.Collections.Immutable;
using Vedette.Audit.Events;
using Vedette.Detection.Engine;
using Vedette.Detection.Findings;
using Vedette.Detection.Rules;

namespace Vedette.Detection.Stateful;

/// <summary>
/// The built-in finding for events whose time is ahead of our clock by more than <see cref="EventOrder.MaxAhead"/>: a clock that is wrong, or somebody who wants windows to close early. For
/// events whose arrival is known; a log read later says nothing about it. Those of one source within an hour are one finding, whose count rises. Not safe for threads.
/// </summary>
public sealed class FutureEvents
{
    /// <summary>Arrival time after a source's first event from the future during which further ones go into its finding.</summary>
    public static readonly TimeSpan FoldedFor = TimeSpan.FromHours(1);

    private readonly Dictionary<string, OpenFinding> _bySource = new(StringComparer.Ordinal);
    private readonly Queue<(string Source, OpenFinding Finding)> _open = new();
    private readonly Dictionary<string, long> _before = new(StringComparer.Ordinal);
    private readonly List<ToldFinding> _told = [];
    private readonly string? _cluster;
    private readonly MemoryAccount _account;

    /// <summary>Of events that have not come.</summary>
    /// <param name="cluster">Name of the cluster, for the findings.</param>
    /// <param name="share">Bytes for the findings that take more; null when only their number counts.</param>
    public FutureEvents(string? cluster = null, MemoryShare? share = null)
    {
        _cluster = cluster;
        _account = (share ?? new MemoryShare(long.MaxValue)).Open(TryClose);
    }

    /// <summary>The rule that the findings name.</summary>
    public static DetectionRule Rule { get; } = new()
    {
        Id = "5a0f3c3e-7d5e-4b0e-9c55-6f7f0b9f4f6b",
        Name = "event_from_the_future",
        Title = "Event from the future",
        Level = RuleLevel.Medium,
        Status = "stable",
        Description = "The event's time is more than a minute ahead of the clock of this machine. It takes part in correlations as if it had happened a minute after its arrival.",
        FalsePositives = ["A clock that is wrong, on the control plane or here."],
        NextSteps =
        [
            "Compare the clocks of the control plane node and of this machine (timedatectl, chronyc tracking).",
            "If both are right, find out who can send events by this source: its credential may be stolen.",
        ],
        Tags = ["attack.stealth", "attack.defense-evasion", "attack.t1070.006"],
        Condition = new Condition.Constant(false),
    };

    /// <summary>Takes an event. One whose time is not ahead costs no allocation.</summary>
    /// <param name="view">The event.</param>
    /// <param name="source">Where it came from.</param>
    /// <param name="arrival">When it came, by our clock.</param>
    public void Add(in EventView view, string source, DateTimeOffset arrival) => Add(view, EventTime.Of(view), source, arrival);

    /// <summary>As <see cref="Add(in EventView, string, DateTimeOffset)"/>, where the time that the event claims is known.</summary>
    internal void Add(in EventView view, DateTimeOffset? claimed, string source, DateTimeOffset arrival)
    {
        CloseBefore(arrival);
        if (claimed is not { } time || time <= arrival + EventOrder.MaxAhead)
        {
            return;
        }

        if (_before.TryGetValue(source, out long until) && arrival.Ticks <= until)
        {
            return;
        }

        string id = Convert.ToHexStringLower(EventContent.Digest(Rule.Id, view).AsSpan(0, 16));
        Finding finding = FindingBuilder.Build(id, Rule, _cluster, view);
        UInt128? request = EventMatch.RequestOf(view);
        if (_bySource.TryGetValue(source, out OpenFinding? open))
        {
            open.Add(finding, time.Ticks, request);
            _account.MakeRoom();
            return;
        }

        if (_open.Count == EventOrder.MaxSources)
        {
            Close();
        }

        finding = finding with { Message = $"{finding.Message}; its time is {Duration.Of(time - arrival)} ahead of its arrival" };
        open = new OpenFinding(finding, arrival.Ticks + FoldedFor.Ticks, _account);
        open.Note(request);
        _account.MakeRoom();
        _bySource.Add(source, open);
        _open.Enqueue((source, open));
        _told.Add(new ToldFinding(finding, ToldOccasion.Event));
    }

    /// <summary>For which sources there is a finding that takes more, and up to and including which arrival, in ticks.</summary>
    internal IEnumerable<(string Source, long Until)> Open =>
        [.. _open.Select(item => (item.Source, item.Finding.Until)), .. _before.Where(pair => !_bySource.ContainsKey(pair.Key)).Select(pair => (pair.Key, pair.Value))];

    /// <summary>Notes that there is a finding for a source already; what would go into it is not counted.</summary>
    internal void Restore(string source, long until) => _before[source] = until;

    /// <summary>Ends the folding of all findings that are open.</summary>
    public void Complete() => CloseBefore(DateTimeOffset.MaxValue);

    /// <summary>The findings told since the last call, in order.</summary>
    public ImmutableArray<ToldFinding> Take()
    {
        if (_told.Count == 0)
        {
            return [];
        }

        ImmutableArray<ToldFinding> told = [.. _told];
        _told.Clear();
        return told;
    }

    private void CloseBefore(DateTimeOffset arrival)
    {
        while (_open.TryPeek(out (string Source, OpenFinding Finding) oldest) && oldest.Finding.Until < arrival.Ticks)
        {
            Close();
        }
    }

    private bool TryClose()
    {
        bool any = _open.Count > 0;
        if (any)
        {
            Close();
        }

        return any;
    }

    private void Close()
    {
        (string source, OpenFinding finding) = _open.Dequeue();
        finding.Close();
        _bySource.Remove(source);
        if (finding.HasChanged)
        {
            _told.Add(new ToldFinding(finding.Finding, ToldOccasion.Update));
        }
    }
}
