using System.Text.Json;
using Vedette.Audit.Events;
using Vedette.Audit.Json;
using Vedette.Detection.Findings;
using Vedette.Detection.Stateful;

namespace Vedette.Pipeline.Watching;

/// <summary>
/// Watches what feeds Vedette: sources that fall silent, stages that go missing, time and order that are odd, API servers that lose events. It tells ordinary findings of the rules in <see cref="WatchRules"/>.
/// Where events are taken in it is told that a source speaks (<see cref="Heard"/>), for detection that is behind must not look like silence; where they are evaluated it sees them (<see cref="Add"/>). Safe for threads.
/// </summary>
/// <remarks>
/// A source is silent when nothing came for twice its usual longest pause (<see cref="HeardGaps"/>), and at least <see cref="MinSilence"/>; or, where the settings say how often something must come, for so
/// long. What is learned is lost with the process unless it is kept (<see cref="Save"/>, <see cref="Restore"/>).
/// </remarks>
public sealed class SourceWatch
{
    /// <summary>Least silence that is told of a source whose pauses were learned.</summary>
    public static readonly TimeSpan MinSilence = TimeSpan.FromMinutes(10);

    /// <summary>Most pairs of cluster and source watched; further ones are not, and are counted (<see cref="NotWatched"/>).</summary>
    public const int MaxSources = 1_024;

    private readonly Lock _using = new();
    private readonly ServerMetrics _metrics;
    private DateTimeOffset _started;
    private readonly Dictionary<(string Cluster, string Source), Watched> _sources = [];
    private readonly OwnFindings _findings = new();
    private WatchSettings _settings;
    private Watched? _last;
    private long _notWatched;

    /// <summary>Begins to watch.</summary>
    /// <param name="settings">What is expected.</param>
    /// <param name="metrics">Where silence is shown, and errors of API servers.</param>
    /// <param name="now">The time, by our clock.</param>
    public SourceWatch(WatchSettings settings, ServerMetrics metrics, DateTimeOffset now)
    {
        _settings = settings;
        _metrics = metrics;
        _started = now;
        WatchExpected(now);
    }

    /// <summary>Events of sources that are not watched since there are too many.</summary>
    public long NotWatched => Interlocked.Read(ref _notWatched);

    /// <summary>Goes on with other settings.</summary>
    /// <param name="settings">What is expected now.</param>
    /// <param name="now">The time, by our clock.</param>
    public void Replace(WatchSettings settings, DateTimeOffset now)
    {
        lock (_using)
        {
            _settings = settings;
            foreach (Watched watched in _sources.Values)
            {
                watched.Expectation = settings.Of(watched.Cluster, watched.Source);
            }

            WatchExpected(now);
        }
    }

    /// <summary>Our clock was set, forward or back: what it says now tells nothing of how long a source has been silent, which is counted from here.</summary>
    /// <param name="now">The time, by the clock as it is now.</param>
    public void ClockSet(DateTimeOffset now)
    {
        lock (_using)
        {
            _started = now;
            foreach (Watched watched in _sources.Values)
            {
                watched.Gaps.Skip(now);
            }
        }
    }

    /// <summary>A source has given events, and they are stored.</summary>
    /// <param name="cluster">Its cluster.</param>
    /// <param name="source">Its name.</param>
    /// <param name="at">When, by our clock.</param>
    public void Heard(string cluster, string source, DateTimeOffset at)
    {
        lock (_using)
        {
            if (Of(cluster, source, at) is { } watched)
            {
                Speak(watched, at);
            }
        }
    }

    /// <summary>Takes an event, for its stage and time. Of one source in the order in which they came; it allocates nothing while nothing is wrong.</summary>
    /// <param name="view">The event, with stage, verb, subresource and user located.</param>
    /// <param name="claimed">The time it claims; null where it claims none.</param>
    /// <param name="cluster">Its cluster.</param>
    /// <param name="source">The source it came by.</param>
    /// <param name="arrival">When it came, by our clock.</param>
    public void Add(in EventView view, DateTimeOffset? claimed, string cluster, string source, DateTimeOffset arrival)
    {
        JsonValue stageValue = view[AuditField.Stage];
        int stage = stageValue.StringEquals("ResponseComplete"u8) ? 2 : stageValue.StringEquals("RequestReceived"u8) ? 0 : stageValue.StringEquals("ResponseStarted"u8) ? 1 : -1;
        bool isLongRunning = stage == 1 ? view[AuditField.UserName].Raw.Length > 0 : stage == 2 && IsLongRunning(view);
        lock (_using)
        {
            if (Of(cluster, source, arrival) is not { } watched)
            {
                Interlocked.Increment(ref _notWatched);
                return;
            }

            EndPeriods(watched, arrival);

            // For sources of which nobody tells earlier; detection that is behind changes nothing for the others.
            if (arrival > watched.Gaps.Last)
            {
                Speak(watched, arrival);
            }

            watched.Stages.Add(stage, isLongRunning);
            if (claimed is { } time)
            {
                watched.Delay.Add(arrival - time);
            }
        }
    }

    /// <summary>An API server's counters of lost audit events have risen.</summary>
    /// <param name="cluster">Its cluster.</param>
    /// <param name="apiServer">Its name.</param>
    /// <param name="plugin">The backend that lost them: buffered, webhook, log.</param>
    /// <param name="lost">How many more.</param>
    /// <param name="at">Now.</param>
    public void AuditErrors(string cluster, string apiServer, string plugin, long lost, DateTimeOffset at)
    {
        _metrics.ApiServerAuditErrors(cluster, plugin, lost);
        lock (_using)
        {
            _findings.Raise(
                WatchRules.AuditErrors, cluster, apiServer, plugin, $"API server {apiServer} of {cluster} says that it lost audit events (plugin {plugin})", at, at, (int)Math.Min(lost, int.MaxValue));
        }
    }

    /// <summary>Looks at what did not happen. To be called every minute or so.</summary>
    /// <param name="now">The time, by our clock.</param>
    public void Tick(DateTimeOffset now)
    {
        lock (_using)
        {
            foreach (Watched watched in _sources.Values)
            {
                Judge(watched, now);
            }

            _findings.CloseBefore(now);
        }
    }

    /// <summary>The findings told since the last call, in order.</summary>
    public IReadOnlyList<ToldFinding> Take()
    {
        lock (_using)
        {
            return _findings.Take();
        }
    }

    /// <summary>What was learned of pauses, as JSON, to be kept over a restart.</summary>
    public byte[] Save()
    {
        lock (_using)
        {
            return SourceWatchState.Write(_sources.Select(item => (item.Key.Cluster, item.Key.Source, item.Value.Gaps)));
        }
    }

    /// <summary>Takes what was kept. Before any event. A source that had fallen silent before is told again, with the same id.</summary>
    /// <param name="state">What <see cref="Save"/> gave.</param>
    /// <exception cref="JsonException">It is not that.</exception>
    public void Restore(ReadOnlyMemory<byte> state)
    {
        lock (_using)
        {
            foreach ((string cluster, string source, HeardGaps gaps) in SourceWatchState.Read(state))
            {
                if (Of(cluster, source, gaps.Last) is { } watched)
                {
                    watched.Gaps = gaps;
                }
            }
        }
    }

    private static bool IsLongRunning(in EventView view)
    {
        JsonValue below = view[AuditField.ObjectSubresource];
        return view[AuditField.Verb].StringEquals("watch"u8)
            || (below.Exists && (below.StringEquals("exec"u8) || below.StringEquals("attach"u8) || below.StringEquals("portforward"u8) || below.StringEquals("proxy"u8) || below.StringEquals("log"u8)));
    }

    /// <summary>What is expected by name is watched even if it never speaks.</summary>
    private void WatchExpected(DateTimeOffset now)
    {
        foreach (Expectation item in _settings.Expect)
        {
            if (item is { Cluster: { } cluster, Source: { } source, Every: not null })
            {
                Of(cluster, source, now);
            }
        }
    }

    private Watched? Of(string cluster, string source, DateTimeOffset at)
    {
        if (_last is { } last && last.Cluster == cluster && last.Source == source)
        {
            return last;
        }

        if (_sources.TryGetValue((cluster, source), out Watched? watched) || _sources.Count >= MaxSources)
        {
            _last = watched;
            return watched;
        }

        watched = new Watched(cluster, source, _settings.Of(cluster, source), at);
        _sources.Add((cluster, source), watched);
        _metrics.SourceSilent(cluster, source, isSilent: false);
        return watched;
    }

    private void Speak(Watched watched, DateTimeOffset arrival)
    {
        if (watched.Silence is { } silence)
        {
            watched.Silence = null;
            DateTimeOffset from = silence.Window!.From;
            _metrics.SourceSilent(watched.Cluster, watched.Source, isSilent: false);
            _findings.Tell(
                silence with { Window = new FindingWindow(from, arrival), Count = silence.Count + 1, Message = $"{Named(watched)} speaks again after {Duration.Of(arrival - from)} of silence" },
                ToldOccasion.Update);
        }

        watched.Gaps.Add(arrival);
    }

    private void Judge(Watched watched, DateTimeOffset now)
    {
        HeardGaps gaps = watched.Gaps;
        TimeSpan? allowed = watched.Expectation is { } expectation ? expectation.Every
            : gaps.Typical(now) is { } typical ? TimeSpan.FromTicks(Math.Max(MinSilence.Ticks, 2 * typical.Ticks))
            : null;
        DateTimeOffset from = gaps.Heard > 0 ? gaps.Last : _started;
        if (watched.Silence is not null || allowed is not { } most || now - from <= most)
        {
            return;
        }

        // Just after a start nobody could have spoken: what was sent to us while we were away comes now.
        if (now - _started <= TimeSpan.FromTicks(Math.Min(most.Ticks, MinSilence.Ticks)))
        {
            return;
        }

        string since = gaps.Heard > 0 ? $"has been silent for {Duration.Of(now - from)}" : $"has not spoken since the start {Duration.Of(now - from)} ago";
        watched.Silence = OwnFindings.Make(
            WatchRules.Silent, watched.Cluster, watched.Source, "", from, $"{Named(watched)} {since}; something should come at least every {Duration.Of(most)}", from, now, 1);
        _metrics.SourceSilent(watched.Cluster, watched.Source, isSilent: true);
        _findings.Tell(watched.Silence, ToldOccasion.Close);
    }

    private void EndPeriods(Watched watched, DateTimeOffset now)
    {
        // A clock that was set back must not keep a period open.
        if (now >= watched.WindowEnd || now < watched.WindowEnd - 2 * ArrivalDelay.Window)
        {
            (string? time, string? order) = watched.Delay.EndWindow();
            if (time is not null)
            {
                _findings.Raise(WatchRules.Time, watched.Cluster, watched.Source, "", $"{Named(watched)}: {time}", watched.WindowEnd - ArrivalDelay.WindowsInRow * ArrivalDelay.Window, watched.WindowEnd);
            }

            if (order is not null)
            {
                _findings.Raise(WatchRules.Order, watched.Cluster, watched.Source, "", $"{Named(watched)}: {order}", watched.WindowEnd - ArrivalDelay.Window, watched.WindowEnd);
            }

            watched.WindowEnd = now + ArrivalDelay.Window;
        }

        if (now >= watched.HourEnd || now < watched.HourEnd - TimeSpan.FromHours(2))
        {
            DateTimeOffset end = watched.HourEnd;
            foreach (string missing in watched.Stages.EndHour())
            {
                _findings.Raise(WatchRules.Stages, watched.Cluster, watched.Source, missing, $"{Named(watched)}: {missing}", end - TimeSpan.FromHours(1), end);
            }

            watched.HourEnd = OwnFindings.HourOf(now) + TimeSpan.FromHours(1);
        }
    }

    private static string Named(Watched watched) => $"source {watched.Source} of cluster {watched.Cluster}";

    /// <summary>A source that is watched.</summary>
    private sealed class Watched(string cluster, string source, Expectation? expectation, DateTimeOffset at)
    {
        public string Cluster { get; } = cluster;

        public string Source { get; } = source;

        public Expectation? Expectation { get; set; } = expectation;

        public HeardGaps Gaps { get; set; } = new();

        public StageHours Stages { get; } = new();

        public ArrivalDelay Delay { get; } = new();

        public DateTimeOffset WindowEnd { get; set; } = at + ArrivalDelay.Window;

        public DateTimeOffset HourEnd { get; set; } = OwnFindings.HourOf(at) + TimeSpan.FromHours(1);

        public Finding? Silence { get; set; }
    }
}
