using Vedette.Audit.Batches;
using Vedette.Audit.Events;
using Vedette.Audit.Shapes;
using Vedette.Detection.Findings;
using Vedette.Detection.Stateful;
using Vedette.Pipeline.Serving;
using Vedette.Pipeline.Telling;
using Vedette.Pipeline.Watching;
using Vedette.Server.Access;
using Vedette.Server.Logging;
using Vedette.Server.Settings;
using Vedette.Sources.Tailing;
using Vedette.Storage.Events;
using Vedette.Storage.Files;
using Vedette.Storage.Journals;
using Vedette.Storage.Stores;

namespace Vedette.Server.Hosting;

/// <summary>The parts of a server and how they hang together, without HTTP: store, intake, detection, telling, metrics, and the settings they run with.</summary>
public sealed class RunningServer : IAsyncDisposable
{
    private static readonly TimeSpan s_pruneEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_probeEvery = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _chores = [];
    private readonly Observer _observer;
    private readonly ServerParts _parts;
    private readonly CountedFromOutside _counts;
    private readonly Task _tailing;
    private readonly SourceProblems _sourceProblems;
    private IAuthenticator _authenticator;
    private ServerSettings _settings;

    private RunningServer(ServerSettings settings, ServerParts parts, Store store, LoadedRules rules, string? adminToken, ServerMetrics metrics)
    {
        _settings = settings;
        _parts = parts;
        Store = store;
        Rules = rules;
        Metrics = metrics;
        AdminTokenValue = adminToken;
        _authenticator = new StaticAuthenticator(settings, adminToken);
        _observer = new Observer(this);
        // First what can fail, then what runs.
        Watching = new SourceWatching(store, settings.Watch, metrics, parts.Log, parts.Time);
        Access = new AccessLog(parts.Files, Path.Combine(settings.Data, "access"));
        Budget = new ByteBudget(settings.Limits.MaxInFlight);
        BatchBuffers.Capacity = settings.Limits.Buffers;
        Intake = new Intake(store, parts.Time, _observer);

        // Receivers that are new have their place before there is anything to find: what is found from now on is theirs.
        Tellers = Tellers.Start(
            store, settings.Routing, new TellingOptions { StandardOutput = parts.Output, Log = message => Log.Warning("telling has something to say", ("detail", message)) }, parts.Time);
        Detection = DetectionLoop.Start(store, rules.Compiled, settings.Detection with { Memory = settings.Limits.Detection }, parts.Time, _observer);
        Pace = new DetectionPace(() => Detection.Problem is null && Detection.Lag < DetectionPace.Far ? Detection.Behind : null, parts.Time);
        _counts = new CountedFromOutside(Metrics);
        Tails = new TailIntake(Intake, store.Snapshots, settings.Sources, parts.Input, parts.Time);
        _sourceProblems = new SourceProblems(Tails.Sources, Log);
        _tailing = Tails.RunAsync(_stop.Token);
        Started = parts.Time.GetUtcNow();
        Metrics.Registry.BeforeWriting(Collect);
        _chores.Add(RunAsync(s_pruneEvery, Prune));
        _chores.Add(RunAsync(s_probeEvery, ProbeAsync));
        _chores.Add(RunAsync(s_probeEvery, TellSourceProblems));
    }

    /// <summary>When it started.</summary>
    public DateTimeOffset Started { get; }

    /// <summary>The settings in use.</summary>
    public ServerSettings Settings => Volatile.Read(ref _settings);

    /// <summary>Who may do what.</summary>
    public IAuthenticator Authenticator => Volatile.Read(ref _authenticator);

    /// <summary>What is kept.</summary>
    public Store Store { get; }

    /// <summary>Takes deliveries in.</summary>
    public Intake Intake { get; }

    /// <summary>Evaluates rules.</summary>
    public DetectionLoop Detection { get; }

    /// <summary>Follows files.</summary>
    public TailIntake Tails { get; }

    /// <summary>Tells receivers.</summary>
    public Tellers Tellers { get; }

    /// <summary>The rules in use.</summary>
    public LoadedRules Rules { get; private set; }

    /// <summary>Vedette's own audit log.</summary>
    public AccessLog Access { get; }

    /// <summary>Bytes of bodies being dealt with.</summary>
    public ByteBudget Budget { get; }

    /// <summary>Lets deliveries wait a little for detection.</summary>
    public DetectionPace Pace { get; }

    /// <summary>Watches what feeds it.</summary>
    public SourceWatching Watching { get; }

    /// <summary>What is counted.</summary>
    public ServerMetrics Metrics { get; }

    /// <summary>Clock.</summary>
    public TimeProvider Time => _parts.Time;

    /// <summary>What is told to people who run it.</summary>
    public IServerLog Log => _parts.Log;

    /// <summary>Is it ending? Then nothing more is taken in.</summary>
    public bool IsStopping => _stop.IsCancellationRequested;

    /// <summary>Ends when the server ends.</summary>
    public CancellationToken Stopping => _stop.Token;

    /// <summary>Why nothing can be stored; null when all is well.</summary>
    public string? StorageProblem => _observer.StorageProblem;

    private string? AdminTokenValue { get; }

    /// <summary>Opens the store and starts everything.</summary>
    /// <param name="settings">Settings.</param>
    /// <param name="parts">What it is built on.</param>
    /// <exception cref="IOException">The data directory cannot be used, or another process uses it.</exception>
    /// <exception cref="UnauthorizedAccessException">The data directory may not be used.</exception>
    /// <exception cref="InvalidDataException">The key is wrong, or what is stored is of a newer version.</exception>
    public static async Task<RunningServer> StartAsync(ServerSettings settings, ServerParts parts)
    {
        ServerMetrics metrics = new(parts.Version, parts.Time);
        LoadedRules rules = parts.LoadRules(settings.Rules);
        StoreKey key = StoreKey.LoadOrCreate(parts.Files, settings.Key ?? StoreKey.DefaultPath(settings.Data), settings.Data);
        string? adminToken = settings.Users.IsEmpty ? AdminToken.LoadOrCreate(parts.Files, settings.Data) : null;
        StoreOptions options = new() { Journal = settings.Journal with { OnCommit = commit => OnCommit(metrics, commit) }, RecentBytes = settings.Limits.Recent };
        Store store = Store.Open(parts.Files, settings.Data, key, options, parts.Time);
        try
        {
            return new RunningServer(settings, parts, store, rules, adminToken, metrics);
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    /// <summary>Goes on with other settings. What cannot change while it runs stays, and is said.</summary>
    /// <param name="settings">The new ones, already checked.</param>
    /// <param name="cancellation">Heeded before anything is changed.</param>
    /// <exception cref="InvalidDataException">Rules cannot be used; the old ones stay.</exception>
    public async Task ReplaceAsync(ServerSettings settings, CancellationToken cancellation)
    {
        LoadedRules rules = _parts.LoadRules(settings.Rules);
        ServerSettings old = Settings;
        if (settings.Data != old.Data || settings.Key != old.Key || !settings.Listen.Equals(old.Listen) || settings.Limits != old.Limits || settings.Detection != old.Detection || settings.Tls is null != old.Tls is null || !settings.Sources.IsSame(old.Sources))
        {
            Log.Warning("data, key, listen, tls, limits, detection and sources change at the next start only");
        }

        await Tellers.ReloadAsync(settings.Routing, cancellation);
        foreach (string gone in old.Routing.Receivers.Select(receiver => receiver.Name).Except(settings.Routing.Receivers.Select(receiver => receiver.Name), StringComparer.Ordinal))
        {
            _counts.Forget(gone);
        }

        Volatile.Write(ref _settings, settings with { Data = old.Data, Key = old.Key, Listen = old.Listen, Limits = old.Limits, Sources = old.Sources, Detection = old.Detection });
        Volatile.Write(ref _authenticator, new StaticAuthenticator(settings, AdminTokenValue));
        Watching.Replace(settings.Watch);
        if (rules.Fingerprint != Rules.Fingerprint)
        {
            Rules = rules;
            Detection.Replace(rules.Compiled);
            Log.Information("rules replaced", ("rules", rules.Compiled.Rules.Length));
        }
    }

    /// <summary>What is checked for readiness, with the reason where it is not.</summary>
    public IEnumerable<(string Check, string? Problem)> Checks()
    {
        yield return ("storage", StorageProblem);
        yield return ("detection", Detection.Problem);
        yield return ("stopping", IsStopping ? "the server is ending" : null);
    }

    /// <summary>Takes nothing more in: who sends is asked to come again, who looks on is let go. The rest goes on until it is disposed.</summary>
    public Task StopTakingAsync() => _stop.CancelAsync();

    /// <summary>Ends: what is stored is evaluated and told, as far as that goes quickly.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_chores);
        try
        {
            await _tailing;
        }
        catch (OperationCanceledException)
        {
            // As asked.
        }

        _sourceProblems.Tell();
        await Tails.DisposeAsync();
        await Detection.DisposeAsync();
        await Tellers.DisposeAsync();
        await Watching.DisposeAsync();
        Intake.Dispose();
        await Store.DisposeAsync();
        await Access.DisposeAsync();
        _stop.Dispose();
    }

    private static void OnCommit(ServerMetrics metrics, JournalCommit commit)
    {
        metrics.JournalCommit(commit.Elapsed);
        if (commit.Problem is { } problem)
        {
            metrics.JournalFailure(problem.Kind.ToString());
        }
    }

    private void Collect()
    {
        Metrics.DetectionLag(Math.Max(0, Store.Events.End - Detection.Position), Detection.Lag);
        Metrics.JournalPending(Store.Events.PendingBytes);
        DirectorySize.Tell(Settings.Data, Metrics);
        foreach (ReceiverStatus receiver in Tellers.Status)
        {
            _counts.Add(receiver);
        }

        foreach (SourceStatus source in Tails.Sources)
        {
            _counts.Add(source);
        }

        _counts.AddSkipped(Detection.Skipped);
        _counts.Add(Detection.Use);
        foreach ((string rule, long blind) in Detection.Blind)
        {
            _counts.AddBlind(rule, blind);
        }

        Metrics.Ready(Checks().All(check => check.Problem is null));
    }

    /// <summary>Removes what is older or more than retention wants; what somebody still needs only for lack of room.</summary>
    private ValueTask Prune(CancellationToken cancellation)
    {
        ServerSettings settings = Settings;
        foreach ((string name, Journal journal, long needed) in new[]
            {
                ("events", Store.Events, Math.Min(Detection.NeededFrom, Tellers.EventsNeededFrom)),
                ("findings", Store.Findings, Tellers.FindingsNeededFrom),
                ("quarantine", Store.Quarantine, long.MaxValue),
            })
        {
            PruneResult pruned = journal.Prune(settings.Retention, needed);
            if (pruned.Unread > 0)
            {
                Log.Error("records were removed for lack of room before they were dealt with", ("journal", name), ("records", pruned.Unread));
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>While nothing can be stored, finds out by itself when it can be again: a load balancer may send nobody until then.</summary>
    private async ValueTask ProbeAsync(CancellationToken cancellation)
    {
        if (StorageProblem is not null)
        {
            _observer.StorageProblem = (await Store.Events.ProbeAsync())?.Message;
        }
    }

    private ValueTask TellSourceProblems(CancellationToken cancellation)
    {
        _sourceProblems.Tell();
        return ValueTask.CompletedTask;
    }

    private async Task RunAsync(TimeSpan every, Func<CancellationToken, ValueTask> chore)
    {
        using PeriodicTimer timer = new(every, Time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                try
                {
                    await chore(_stop.Token);
                }
                catch (Exception exception) when (StoreProblem.IsOfDisk(exception) || exception is InvalidDataException)
                {
                    Log.Warning("the disk failed", ("problem", exception.Message));
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The server ends.
        }
    }

    /// <summary>Turns what the parts say into metrics and log lines.</summary>
    private sealed class Observer(RunningServer server) : IIntakeObserver, IDetectionObserver
    {
        private volatile string? _storageProblem;

        public string? StorageProblem
        {
            get => _storageProblem;
            set
            {
                if (_storageProblem is null != value is null)
                {
                    if (value is null)
                    {
                        server.Log.Information("events can be stored again");
                    }
                    else
                    {
                        server.Log.Error("events cannot be stored; senders are asked to come again", ("problem", value));
                    }
                }

                _storageProblem = value;
            }
        }

        public void OnDelivery(string cluster, string source, int bytes, in IntakeResult result, RejectLog rejects)
        {
            // Too much at once is not a disk that fails: the next delivery may find room.
            StorageProblem = result.Problem is { Kind: not StoreProblemKind.Overloaded } problem ? problem.Message : null;
            if (!result.IsDurable)
            {
                return;
            }

            server.Metrics.SourceHeard(cluster, source, server.Time.GetUtcNow());
            server.Watching.Heard(cluster, source);
            if (result.Duplicates > 0)
            {
                server.Metrics.Duplicates(cluster, source, result.Duplicates);
            }

            foreach ((RejectReason reason, long count) in rejects.Counts)
            {
                server.Metrics.Rejected(cluster, source, reason.Name(), count);
            }
        }

        public void OnEvent(in EventView view, DateTimeOffset? claimed, EventLabel label)
        {
            server.Metrics.Events.Add(view, label.Cluster, label.Source);
            server.Watching.Add(view, claimed, label);
        }

        // It would be told only what is found after the next start.
        public string? Hold => server.Tellers.Unplaced is { } receiver ? $"the place of {receiver}, which is new, cannot be written down" : null;

        public void OnFinding(Finding finding, bool isUpdate) => server.Metrics.Told(new ToldFinding(finding, isUpdate ? ToldOccasion.Update : ToldOccasion.Event));

        public IReadOnlyList<ToldFinding> TakeFindings(DateTimeOffset now) => server.Watching.TakeFindings(now);

        public void OnProblem(string message) => server.Log.Error("detection has a problem", ("problem", message));
    }
}
