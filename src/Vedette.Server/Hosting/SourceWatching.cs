using System.Text.Json;
using Vedette.Audit.Events;
using Vedette.Detection.Stateful;
using Vedette.Pipeline.Serving;
using Vedette.Pipeline.Watching;
using Vedette.Server.Logging;
using Vedette.Storage.Events;
using Vedette.Storage.Files;
using Vedette.Storage.Stores;

namespace Vedette.Server.Hosting;

/// <summary>Watches what feeds the server, with what was learned kept over restarts, and looks at the metrics of API servers.</summary>
public sealed class SourceWatching : IAsyncDisposable
{
    private const string SnapshotName = "watch";

    private static readonly TimeSpan s_tickEvery = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_drift = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_saveEvery = TimeSpan.FromMinutes(5);

    private readonly Store _store;
    private readonly ServerMetrics _metrics;
    private readonly IServerLog _log;
    private readonly TimeProvider _time;
    private readonly SteadyClock _clock;
    private readonly SourceWatch _watch;
    private readonly Lock _replacing = new();
    private TimeSpan _set;
    private long _ticked;
    private long _saved;
    private (CancellationTokenSource Stop, Task Task) _looking;

    /// <summary>Begins to watch.</summary>
    /// <param name="store">Where what was learned is kept.</param>
    /// <param name="settings">What is expected, and which API servers are looked at.</param>
    /// <param name="metrics">Metrics.</param>
    /// <param name="log">Whom failed looks are told.</param>
    /// <param name="time">The clock.</param>
    public SourceWatching(Store store, WatchSettings settings, ServerMetrics metrics, IServerLog log, TimeProvider time)
    {
        _store = store;
        _metrics = metrics;
        _log = log;
        _time = time;
        _clock = new SteadyClock(time);
        _watch = new SourceWatch(settings, metrics, time.GetUtcNow());
        _ticked = _saved = time.GetTimestamp();
        try
        {
            if (store.Snapshots.Load(SnapshotName) is { } snapshot)
            {
                _watch.Restore(snapshot.State);
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidDataException)
        {
            log.Warning("what was learned of sources cannot be read, and is learned anew", ("problem", exception.Message));
        }

        _looking = Look(settings);
    }

    /// <summary>A source has given events, and they are stored.</summary>
    public void Heard(string cluster, string source)
    {
        LookAtClock();
        _watch.Heard(cluster, source, _time.GetUtcNow());
    }

    /// <summary>Takes an event.</summary>
    public void Add(in EventView view, DateTimeOffset? claimed, EventLabel label) => _watch.Add(view, claimed, label.Cluster, label.Source, label.Arrival);

    /// <summary>What was found since the last call. Keeps what was learned, now and then. On one thread.</summary>
    public IReadOnlyList<ToldFinding> TakeFindings(DateTimeOffset now)
    {
        if (_time.GetElapsedTime(_ticked) >= s_tickEvery)
        {
            _ticked = _time.GetTimestamp();
            LookAtClock();
            _watch.Tick(now);
        }

        if (_time.GetElapsedTime(_saved) >= s_saveEvery)
        {
            _saved = _time.GetTimestamp();
            Save();
        }

        return _watch.Take();
    }

    /// <summary>Goes on with other settings.</summary>
    public void Replace(WatchSettings settings)
    {
        _watch.Replace(settings, _time.GetUtcNow());
        lock (_replacing)
        {
            _looking.Stop.Cancel();
            _looking = Look(settings);
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        Task last;
        lock (_replacing)
        {
            _looking.Stop.Cancel();
            last = _looking.Task;
        }

        await last;
        _looking.Stop.Dispose();
        Save();
    }

    /// <summary>A clock that is set by more than some drift makes no silence.</summary>
    private void LookAtClock()
    {
        lock (_replacing)
        {
            TimeSpan set = _clock.Set;
            if ((set - _set).Duration() < s_drift)
            {
                return;
            }

            _set = set;
        }

        _log.Warning("the clock of this machine was set", ("ahead", _clock.Set));
        _watch.ClockSet(_time.GetUtcNow());
    }

    private (CancellationTokenSource Stop, Task Task) Look(WatchSettings settings)
    {
        CancellationTokenSource stop = new();
        return (stop, LookAsync(settings, stop.Token));
    }

    private async Task LookAsync(WatchSettings settings, CancellationToken cancellation)
    {
        try
        {
            await new AuditErrorWatch(settings, _watch, _metrics, _time).RunAsync(
                (address, problem) => _log.Warning("the metrics of an API server cannot be read", ("cluster", address.Cluster), ("problem", problem)), cancellation);
        }
        catch (OperationCanceledException)
        {
            // Replaced, or the server ends.
        }
    }

    private void Save()
    {
        try
        {
            _store.Snapshots.Save(SnapshotName, 0, _watch.Save());
        }
        catch (Exception exception) when (StoreProblem.IsOfDisk(exception))
        {
            _log.Warning("what was learned of sources cannot be kept", ("problem", exception.Message));
        }
    }
}
