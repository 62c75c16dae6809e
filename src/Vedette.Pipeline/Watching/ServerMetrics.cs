using System.Collections.Immutable;
using System.Globalization;
using Vedette.Detection.Findings;
using Vedette.Detection.Stateful;
using Vedette.Pipeline.Serving;

namespace Vedette.Pipeline.Watching;

/// <summary>All metrics of the server, by what happened. docs/metrics.md lists them. Safe for threads; noting something about names that were seen before allocates nothing.</summary>
public sealed class ServerMetrics
{
    // 0.25 ms to 16 s, each twice the one before: a commit waits for others (milliseconds) and for the disk (microseconds to seconds).
    private static readonly ImmutableArray<double> s_commitBounds = [.. Enumerable.Range(0, 17).Select(power => 0.00025 * (1 << power))];

    private readonly MetricFamily<Counter> _findings;
    private readonly MetricFamily<Gauge> _sourceLag;
    private readonly MetricFamily<Gauge> _sourceLast;
    private readonly MetricFamily<Gauge> _sourceSilent;
    private readonly MetricFamily<Counter> _sourceGaps;
    private readonly MetricFamily<Gauge> _sourceProblem;
    private readonly Gauge _detectionRecords;
    private readonly Gauge _detectionSeconds;
    private readonly Counter _detectionSkipped;
    private readonly MetricFamily<Gauge> _detectionMemory;
    private readonly Gauge _detectionMemoryLimit;
    private readonly MetricFamily<Counter> _detectionGivenUp;
    private readonly Histogram _commits;
    private readonly MetricFamily<Counter> _fsyncFailures;
    private readonly Gauge _pending;
    private readonly MetricFamily<Counter> _rejects;
    private readonly MetricFamily<Counter> _duplicates;
    private readonly MetricFamily<Counter> _blind;
    private readonly MetricFamily<Counter> _deliveries;
    private readonly MetricFamily<Gauge> _receiverLag;
    private readonly MetricFamily<Gauge> _receiverSuccess;
    private readonly MetricFamily<Counter> _auditErrors;
    private readonly MetricFamily<Gauge> _auditErrorsUp;
    private readonly MetricFamily<Counter> _http;
    private readonly Gauge _connections;
    private readonly MetricFamily<Counter> _connectionsEnded;
    private readonly Gauge _reloadSuccessful;
    private readonly Gauge _reloadTime;
    private readonly Gauge _ready;
    private readonly Gauge _dataSize;
    private readonly Gauge _dataFree;

    /// <summary>Makes all metrics.</summary>
    /// <param name="version">Version of this program.</param>
    /// <param name="time">The clock.</param>
    public ServerMetrics(string version, TimeProvider time)
    {
        Registry = new MetricRegistry();
        Events = new EventMetrics(Registry);
        _findings = Registry.Counter("vedette_findings_total", null, "Findings told for the first time.", ["cluster", "level", "rule"], kept: 2);
        _sourceLag = Registry.Gauge("vedette_source_lag_bytes", "bytes", "Bytes that a source holds and that are not stored yet.", ["cluster", "source"]);
        _sourceLast = Registry.Gauge("vedette_source_last_event_timestamp_seconds", "seconds", "When the last event came by a source, by our clock, since 1970.", ["cluster", "source"]);
        _sourceSilent = Registry.Gauge("vedette_source_silent", null, "1 while a source that normally speaks is silent, else 0.", ["cluster", "source"]);
        _sourceGaps = Registry.Counter(
            "vedette_source_gaps_total", null, "Files that were gone or truncated before it was known that they had been read to their end: something may be lost.", ["cluster", "source"]);
        _sourceProblem = Registry.Gauge("vedette_source_problem", null, "1 while something is wrong with a file source, which the log tells, else 0.", ["cluster", "source"]);
        _detectionRecords = Registry.Gauge("vedette_detection_lag_records", null, "Stored events that detection has not seen yet.", []).With();
        _detectionSeconds = Registry.Gauge("vedette_detection_lag_seconds", "seconds", "How long ago the oldest event that detection has not seen was stored.", []).With();
        _detectionSkipped = Registry.Counter(
            "vedette_detection_skipped_events_total", null, "Stored events that no rule was asked about: of more clusters than have detection of their own, or not to be decoded.", []).With();
        _detectionMemory = Registry.Gauge("vedette_detection_memory_bytes", "bytes", "Bytes of what stateful rules remember, as they are counted.", ["part"]);
        _detectionMemoryLimit = Registry.Gauge("vedette_detection_memory_limit_bytes", "bytes", "Most bytes that stateful rules may remember, all parts together.", []).With();
        _detectionGivenUp = Registry.Counter("vedette_detection_given_up_total", null, "What stateful rules gave up before its time for lack of room.", ["part"]);
        _commits = Registry.Histogram("vedette_journal_commit_seconds", "seconds", "From an append to the journal until it is on disk.", [], s_commitBounds).With();
        _fsyncFailures = Registry.Counter("vedette_journal_fsync_failures_total", null, "Appends that did not reach the disk, and were not acknowledged.", ["reason"]);
        _pending = Registry.Gauge("vedette_journal_pending_bytes", "bytes", "Bytes that wait for the disk.", []).With();
        _rejects = Registry.Counter("vedette_rejects_total", null, "Items that are no audit events, kept in quarantine.", ["cluster", "source", "reason"], kept: 2);
        _duplicates = Registry.Counter("vedette_duplicates_total", null, "Events that were stored already.", ["cluster", "source"]);
        _blind = Registry.Counter("vedette_rule_blind_events_total", null, "Events that a rule could not judge, since their audit level lacks what it needs.", ["rule"]);
        _deliveries = Registry.Counter("vedette_deliveries_total", null, "Attempts to tell a receiver.", ["receiver", "outcome"], kept: 1);
        _receiverLag = Registry.Gauge("vedette_receiver_lag_records", null, "Findings that a receiver has not been told yet.", ["receiver"]);
        _receiverSuccess = Registry.Gauge("vedette_receiver_last_success_timestamp_seconds", "seconds", "When a receiver last took what it was told, since 1970.", ["receiver"]);
        _auditErrors = Registry.Counter("vedette_apiserver_audit_errors_total", null, "Audit events that an API server says it lost (its apiserver_audit_error_total).", ["cluster", "plugin"], kept: 1);
        _auditErrorsUp = Registry.Gauge("vedette_apiserver_scrape_up", null, "1 when the last look at an API server's metrics succeeded, else 0.", ["cluster", "apiserver"]);
        _http = Registry.Counter("vedette_http_requests_total", null, "HTTP requests answered.", ["route", "code"]);
        _connections = Registry.Gauge("vedette_connections", null, "Connections that are open.", []).With();
        _connectionsEnded = Registry.Counter("vedette_connections_ended_total", null, "Connections that were ended here for what came, or did not come, over them, or for lack of room.", ["reason"]);
        _reloadSuccessful = Registry.Gauge("vedette_settings_last_reload_successful", null, "1 when the last reading of settings, rules and certificates succeeded, else 0.", []).With();
        _reloadTime = Registry.Gauge("vedette_settings_last_reload_timestamp_seconds", "seconds", "When settings, rules and certificates were last read with success, since 1970.", []).With();
        _ready = Registry.Gauge("vedette_ready", null, "1 while events are taken in, else 0.", []).With();
        _dataSize = Registry.Gauge("vedette_data_bytes", "bytes", "Bytes in the data directory.", []).With();
        _dataFree = Registry.Gauge("vedette_data_free_bytes", "bytes", "Bytes that are free where the data directory is.", []).With();
        Registry.Gauge("vedette_build_info", null, "1, with the version of this program.", ["version"]).With(version).Value = 1;
        _ = new ProcessMetrics(Registry, time);
    }

    /// <summary>The registry, for writing.</summary>
    public MetricRegistry Registry { get; }

    /// <summary>What is counted of each event.</summary>
    public EventMetrics Events { get; }

    /// <summary>Counts a finding; updates of one told before are not counted.</summary>
    public void Told(ToldFinding told)
    {
        if (told.Occasion != ToldOccasion.Update)
        {
            _findings.With(told.Finding.Cluster ?? "", FindingJson.Name(told.Finding.Rule.Level) ?? "none", told.Finding.Rule.Title).Add();
        }
    }

    /// <summary>A source has given something, at this time by our clock.</summary>
    public void SourceHeard(string cluster, string source, DateTimeOffset arrival) => _sourceLast.With(cluster, source).Value = Seconds(arrival);

    /// <summary>How many bytes a source holds that are not stored yet.</summary>
    public void SourceLag(string cluster, string source, long bytes) => _sourceLag.With(cluster, source).Value = bytes;

    /// <summary>Whether a source that normally speaks is silent.</summary>
    public void SourceSilent(string cluster, string source, bool isSilent) => _sourceSilent.With(cluster, source).Value = isSilent ? 1 : 0;

    /// <summary>Files of a source were gone before it was known that they had been read to their end.</summary>
    public void SourceGaps(string cluster, string source, long count) => _sourceGaps.With(cluster, source).Add(count);

    /// <summary>Whether something is wrong with a source that is read.</summary>
    public void SourceProblem(string cluster, string source, bool isWrong) => _sourceProblem.With(cluster, source).Value = isWrong ? 1 : 0;

    /// <summary>What detection remembers.</summary>
    public void DetectionMemory(DetectionUse use)
    {
        _detectionMemory.With("order").Value = use.Order;
        _detectionMemory.With("windows").Value = use.Windows;
        _detectionMemory.With("terms").Value = use.Terms;
        _detectionMemory.With("findings").Value = use.Findings;
        _detectionMemoryLimit.Value = use.Limit;
    }

    /// <summary>Detection gave something up for lack of room.</summary>
    /// <param name="part">order, groups, matches, terms, findings.</param>
    /// <param name="count">How much more.</param>
    public void DetectionGivenUp(string part, long count) => _detectionGivenUp.With(part).Add(count);

    /// <summary>How far detection is behind storing.</summary>
    /// <param name="records">Events stored and not seen.</param>
    /// <param name="age">How long ago the oldest of them was stored; zero where there is none.</param>
    public void DetectionLag(long records, TimeSpan age)
    {
        _detectionRecords.Value = records;
        _detectionSeconds.Value = age.TotalSeconds;
    }

    /// <summary>No rule was asked about events.</summary>
    public void DetectionSkipped(long count) => _detectionSkipped.Add(count);

    /// <summary>An append to the journal is on disk.</summary>
    public void JournalCommit(TimeSpan took) => _commits.Observe(took.TotalSeconds);

    /// <summary>An append did not reach the disk.</summary>
    /// <param name="reason">Why, one word of few, such as <c>DiskFull</c>.</param>
    public void JournalFailure(string reason) => _fsyncFailures.With(reason).Add();

    /// <summary>How many bytes wait for the disk.</summary>
    public void JournalPending(long bytes) => _pending.Value = bytes;

    /// <summary>Items went to quarantine.</summary>
    public void Rejected(string cluster, string source, string reason, long count = 1) => _rejects.With(cluster, source, reason).Add(count);

    /// <summary>Events came that were stored already.</summary>
    public void Duplicates(string cluster, string source, long count) => _duplicates.With(cluster, source).Add(count);

    /// <summary>A rule could not judge events.</summary>
    /// <param name="rule">Title of the rule.</param>
    /// <param name="count">How many more.</param>
    public void RuleBlind(string rule, long count) => _blind.With(rule).Add(count);

    /// <summary>A receiver was told, or not.</summary>
    /// <param name="receiver">Its name.</param>
    /// <param name="outcome">How it ended, one word of few: <c>sent</c>, <c>failed</c>, <c>refused</c>, <c>lost</c>.</param>
    /// <param name="count">How many findings.</param>
    public void Delivered(string receiver, string outcome, long count = 1) => _deliveries.With(receiver, outcome).Add(count);

    /// <summary>How many findings a receiver has not been told.</summary>
    public void ReceiverLag(string receiver, long records) => _receiverLag.With(receiver).Value = records;

    /// <summary>A receiver took what it was told, at this time.</summary>
    public void ReceiverSuccess(string receiver, DateTimeOffset at) => _receiverSuccess.With(receiver).Value = Seconds(at);

    /// <summary>A receiver is no longer there: its gauges are not shown any more.</summary>
    public void ForgetReceiver(string receiver)
    {
        _receiverLag.Forget("receiver", receiver);
        _receiverSuccess.Forget("receiver", receiver);
    }

    /// <summary>An API server says that it lost more audit events.</summary>
    public void ApiServerAuditErrors(string cluster, string plugin, long count) => _auditErrors.With(cluster, plugin).Add(count);

    /// <summary>Whether an API server's metrics could be read.</summary>
    public void ApiServerScrape(string cluster, string apiServer, bool succeeded) => _auditErrorsUp.With(cluster, apiServer).Value = succeeded ? 1 : 0;

    /// <summary>An HTTP request was answered.</summary>
    /// <param name="route">The route's pattern, never the path that was asked for.</param>
    /// <param name="code">Status code.</param>
    public void HttpRequest(string route, int code) => _http.With(route, code is >= 100 and <= 599 ? s_codes[code - 100] : "none").Add();

    /// <summary>How many connections are open.</summary>
    public void Connections(int count) => _connections.Value = count;

    /// <summary>A connection was ended, or not taken.</summary>
    /// <param name="reason">Why, one word of few.</param>
    public void ConnectionEnded(string reason) => _connectionsEnded.With(reason).Add();

    /// <summary>Settings, rules and certificates were read.</summary>
    /// <param name="succeeded">False when something was wrong and the last good ones stay.</param>
    /// <param name="at">When.</param>
    public void SettingsReloaded(bool succeeded, DateTimeOffset at)
    {
        _reloadSuccessful.Value = succeeded ? 1 : 0;
        _reloadTime.Value = succeeded ? Seconds(at) : _reloadTime.Value;
    }

    /// <summary>Whether events are taken in.</summary>
    public void Ready(bool isReady) => _ready.Value = isReady ? 1 : 0;

    /// <summary>How much is in the data directory, and how much could come.</summary>
    public void DataDirectory(long bytes, long free)
    {
        _dataSize.Value = bytes;
        _dataFree.Value = free;
    }

    private static readonly ImmutableArray<string> s_codes = [.. Enumerable.Range(100, 500).Select(code => code.ToString(CultureInfo.InvariantCulture))];

    private static double Seconds(DateTimeOffset at) => (at.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / (double)TimeSpan.TicksPerSecond;
}
