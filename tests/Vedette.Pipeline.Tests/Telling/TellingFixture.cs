using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Vedette.Audit.Decoding;
using Vedette.Audit.Events;
using Vedette.Pipeline.Serving;
using Vedette.Pipeline.Telling;
using Vedette.Sinks;
using Vedette.Sinks.Http;
using Vedette.Sinks.Routing;
using Vedette.Sinks.StandardOutput;
using Vedette.Sinks.Webhook;
using Vedette.Storage.Events;
using Vedette.Storage.Files;
using Vedette.Storage.Journals;
using Vedette.Storage.Stores;
using Xunit;

namespace Vedette.Pipeline.Tests.Telling;

/// <summary>A store, a clock that stands until it is moved, receivers, and what tells them.</summary>
internal sealed class TellingFixture : IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("vedette-telling-").FullName;
    private Tellers? _tellers;

    public TellingFixture() => Store = Open();

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 25, 20, 0, 0, TimeSpan.Zero));

    public Store Store { get; private set; }

    public Tellers Tellers => _tellers!;

    public FakeReceivers Receivers { get; } = new();

    public ConcurrentQueue<string> Log { get; } = new();

    public MemoryStream Output { get; } = new();

    public static ReceiverSettings Webhook(string name, bool fromStart = false, bool updates = true, string? host = null) =>
        new(name, new WebhookSettings(new Uri($"http://{host ?? name}/"), Http)) { FromStart = fromStart, Updates = updates };

    /// <summary>No time limit that the clock's jumps could run into.</summary>
    public static HttpSettings Http { get; } = new() { Timeout = TimeSpan.FromDays(40) };

    public static RoutingTable Table(params ImmutableArray<ReceiverSettings> receivers) =>
        new(receivers, [new Route("all", FindingMatcher.Everything, [.. receivers.Where(one => one.Sink.TakesFindings).Select(receiver => receiver.Name)])], []);

    public void Start(RoutingTable table) => _tellers = Tellers.Start(Store, table, Options, Time);

    public TellingOptions Options => new() { StandardOutput = Output, Log = Log.Enqueue, Handler = _ => Receivers.CreateHandler(), Jitter = () => 0 };

    /// <summary>Stores findings as detection does.</summary>
    public async Task AddAsync(params IEnumerable<StoredFinding> findings)
    {
        using RecordBatch batch = new();
        foreach (StoredFinding finding in findings)
        {
            FindingRecord.Add(finding.Id, $"{finding.Count}", finding.Cluster, finding.IsUpdate, finding.Json.Span, batch);
        }

        Assert.True((await Store.Findings.AppendAsync(batch, TestContext.Current.CancellationToken)).IsDurable);
    }

    public async Task AddEventsAsync(string cluster, params IEnumerable<string> events)
    {
        using EventRecords records = Store.CreateRecords();
        records.Begin(cluster, "webhook", Time.GetUtcNow());
        EventDecoder decoder = new();
        foreach (string json in events)
        {
            Assert.Equal(DecodeStatus.Ok, decoder.Decode(Encoding.UTF8.GetBytes(json), out EventView view));
            records.Add(view);
        }

        Assert.True((await Store.AppendAsync(records, TestContext.Current.CancellationToken)).IsDurable);
    }

    public static StoredFinding Finding(int number, string level = "high", string cluster = "prod", string user = "alice", string rule = "rule-1", string ns = "default", int count = 1, bool isUpdate = false) =>
        new MadeFinding
        {
            RuleId = rule,
            Title = "Title of " + rule,
            Level = level,
            Cluster = cluster,
            Namespace = ns,
            User = user,
            Time = new DateTimeOffset(2026, 11, 25, 20, 0, 0, TimeSpan.Zero).AddSeconds(number),
            Count = count,
            Message = $"number {number}",
            Cause = $"{number}",
        }.Create(0) with
        { IsUpdate = isUpdate };

    /// <summary>Moves the clock until something is so.</summary>
    public async Task UntilAsync(Func<bool> isSo, TimeSpan step = default)
    {
        using CancellationTokenSource hung = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        hung.CancelAfter(TimeSpan.FromSeconds(60));
        while (!isSo())
        {
            Assert.False(hung.IsCancellationRequested, $"it never came to be; the log says: {string.Join("\n", Log)}; received: {Receivers}");
            if (step > TimeSpan.Zero)
            {
                Time.Advance(step);
            }

            await Task.Delay(1, CancellationToken.None);
        }
    }

    /// <summary>Ends telling and the store, and begins again as after a restart.</summary>
    public async Task RestartAsync(RoutingTable table)
    {
        await StopAsync();
        Store = Open();
        Start(table);
    }

    public async Task StopAsync()
    {
        if (_tellers is { } tellers)
        {
            await tellers.DisposeAsync();
            _tellers = null;
        }

        await Store.DisposeAsync();
    }

    public ReceiverStatus Status(string receiver, bool isEvents = false) => Tellers.Status.Single(status => status.Receiver == receiver && status.IsEvents == isEvents);

    public static ReceiverSettings StandardOutput(string name) => new(name, new StandardOutputSettings());

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private Store Open()
    {
        string data = Path.Combine(_directory, "data");
        return Store.Open(LinuxFileSystem.Instance, data, StoreKey.LoadOrCreate(LinuxFileSystem.Instance, StoreKey.DefaultPath(data), data), new StoreOptions(), TimeProvider.System);
    }
}
