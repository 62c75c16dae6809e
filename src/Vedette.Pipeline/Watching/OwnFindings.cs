using System.Globalization;
using Vedette.Detection.Findings;
using Vedette.Detection.Rules;
using Vedette.Detection.Stateful;

namespace Vedette.Pipeline.Watching;

/// <summary>
/// Findings that no event made. Those of one cause within one hour of the clock (UTC) are one: the id is made of rule, cluster, source, cause and period, so that it is the same after a restart. More of the
/// same raises its count, which is told once, when the hour is over. Not safe for threads.
/// </summary>
internal sealed class OwnFindings
{
    /// <summary>Most findings that are open at once; the oldest is closed for a new one.</summary>
    public const int MaxOpen = 4_096;

    private readonly Dictionary<(string Rule, string Cluster, string Source, string Cause), Open> _open = [];
    private readonly List<ToldFinding> _told = [];

    /// <summary>Tells a finding, or adds to one that is open.</summary>
    /// <param name="rule">Its rule.</param>
    /// <param name="cluster">Cluster.</param>
    /// <param name="source">Source, or API server.</param>
    /// <param name="cause">What tells it from others of the same rule and source.</param>
    /// <param name="message">A sentence for people.</param>
    /// <param name="from">Since when it is.</param>
    /// <param name="at">Now.</param>
    /// <param name="count">How much of it.</param>
    public void Raise(DetectionRule rule, string cluster, string source, string cause, string message, DateTimeOffset from, DateTimeOffset at, int count = 1)
    {
        CloseBefore(at);
        (string, string, string, string) key = (rule.Id, cluster, source, cause);
        if (_open.TryGetValue(key, out Open? open))
        {
            open.HasChanged = true;
            open.Finding = open.Finding with { Count = (int)Math.Min(int.MaxValue, (long)open.Finding.Count + count), Window = new FindingWindow(open.Finding.Window!.From, at) };
            return;
        }

        if (_open.Count == MaxOpen)
        {
            Close(_open.MinBy(item => item.Value.Until).Key);
        }

        DateTimeOffset hour = HourOf(at);
        Finding finding = Make(rule, cluster, source, cause, hour, message, from, at, count);
        _open.Add(key, new Open(finding, hour + TimeSpan.FromHours(1)));
        _told.Add(new ToldFinding(finding, ToldOccasion.Event));
    }

    /// <summary>Tells a finding that stands for itself.</summary>
    public void Tell(Finding finding, ToldOccasion occasion) => _told.Add(new ToldFinding(finding, occasion));

    /// <summary>Closes what is over at this time.</summary>
    public void CloseBefore(DateTimeOffset at)
    {
        foreach ((string, string, string, string) key in _open.Where(item => item.Value.Until <= at).Select(item => item.Key).ToArray())
        {
            Close(key);
        }
    }

    /// <summary>What was told since the last call.</summary>
    public IReadOnlyList<ToldFinding> Take()
    {
        if (_told.Count == 0)
        {
            return [];
        }

        ToldFinding[] told = [.. _told];
        _told.Clear();
        return told;
    }

    /// <summary>Makes a finding.</summary>
    public static Finding Make(DetectionRule rule, string cluster, string source, string cause, DateTimeOffset period, string message, DateTimeOffset from, DateTimeOffset to, int count) => new()
    {
        Id = EventContent.IdOf(rule.Id, cluster, source, cause, period.UtcTicks.ToString(CultureInfo.InvariantCulture)),
        Time = to,
        Rule = rule,
        Cluster = cluster,
        Actor = new FindingActor("", [], null),
        Events = [],
        Count = count,
        Group = [new GroupValue("source", source)],
        Window = new FindingWindow(from, to),
        Message = message,
    };

    /// <summary>The hour that a time is in.</summary>
    public static DateTimeOffset HourOf(DateTimeOffset at) => new(at.UtcTicks - at.UtcTicks % TimeSpan.TicksPerHour, TimeSpan.Zero);

    private void Close((string, string, string, string) key)
    {
        if (_open.Remove(key, out Open? open) && open.HasChanged)
        {
            _told.Add(new ToldFinding(open.Finding, ToldOccasion.Update));
        }
    }

    private sealed class Open(Finding finding, DateTimeOffset until)
    {
        public Finding Finding { get; set; } = finding;

        public DateTimeOffset Until { get; } = until;

        public bool HasChanged { get; set; }
    }
}
