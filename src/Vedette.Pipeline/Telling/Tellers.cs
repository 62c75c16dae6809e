using System.Collections.Immutable;
using Vedette.Audit.Text;
using Vedette.Sinks;
using Vedette.Sinks.Routing;
using Vedette.Storage.Stores;

namespace Vedette.Pipeline.Telling;

/// <summary>
/// Tells all receivers: each has a loop of its own, which reads the journals of the store from its own cursor, so that none holds up another, nor the intake. At least once, with the same ids.
/// </summary>
public sealed class Tellers : IAsyncDisposable
{
    private readonly Store _store;
    private readonly TellingOptions _options;
    private readonly TimeProvider _time;
    private readonly SinkFactory _sinks;
    private readonly SemaphoreSlim _changing = new(1);
    private ImmutableArray<Running> _running = [];
    private bool _isDisposed;

    private Tellers(Store store, TellingOptions options, TimeProvider time)
    {
        _store = store;
        _options = options;
        _time = time;
        _sinks = new SinkFactory(options.Handler, options.StandardOutput, time);
    }

    /// <summary>How it goes, by receiver; one that is forwarded events has two.</summary>
    public IReadOnlyList<ReceiverStatus> Status => [.. Current.Select(running => running.Teller.Status)];

    /// <summary>Sequence of the first finding that a receiver still needs; the journal's end when all have all.</summary>
    public long FindingsNeededFrom => NeededFrom(isEvents: false, _store.Findings.End);

    /// <summary>A receiver of findings that is new and whose place could not be written down yet; null when there is none. What is stored before it is may pass it by.</summary>
    public string? Unplaced => Current.FirstOrDefault(running => !running.Teller.Status.IsEvents && !running.Teller.IsPlaced)?.Receiver.Name;

    /// <summary>Sequence of the first event that still has to be forwarded; the journal's end when none has.</summary>
    public long EventsNeededFrom => NeededFrom(isEvents: true, _store.Events.End);

    private ImmutableArray<Running> Current
    {
        get
        {
            lock (_sinks)
            {
                return _running;
            }
        }
    }

    /// <summary>Begins to tell.</summary>
    /// <param name="store">Where findings and events are, and how far receivers have come. It must outlive this.</param>
    /// <param name="table">Receivers and routes.</param>
    /// <param name="options">What is given from outside.</param>
    /// <param name="time">Clock.</param>
    public static Tellers Start(Store store, RoutingTable table, TellingOptions options, TimeProvider time)
    {
        Tellers tellers = new(store, options, time);
        tellers._running = [.. table.Receivers.SelectMany(receiver => tellers.Create(receiver, table, []))];
        return tellers;
    }

    /// <summary>
    /// Goes on with another table. Receivers that are the same go on, and what they were not told yet is routed anew; others are stopped or begun. A receiver that is no longer there keeps its place:
    /// when it comes back it is told what is still stored.
    /// </summary>
    /// <param name="table">The table.</param>
    /// <param name="cancellation">Heeded before anything is changed.</param>
    public async Task ReloadAsync(RoutingTable table, CancellationToken cancellation)
    {
        await _changing.WaitAsync(cancellation);
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            ImmutableArray<Running> before = _running;
            Running[] ended = [.. before.Where(running => !table.Receivers.Contains(running.Receiver))];
            await Task.WhenAll(ended.Select(running => running.DisposeAsync().AsTask()));
            ReceiverStatus[] known = [.. before.Select(running => running.Teller.Status)];
            ImmutableArray<Running>.Builder after = ImmutableArray.CreateBuilder<Running>();
            foreach (ReceiverSettings receiver in table.Receivers)
            {
                Running[] kept = [.. before.Where(running => running.Receiver == receiver)];
                foreach (Running running in kept)
                {
                    running.Teller.Use(table);
                }

                after.AddRange(kept.Length > 0 ? kept : Create(receiver, table, known));
            }

            lock (_sinks)
            {
                _running = after.ToImmutable();
            }
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Stops: requests under way have a little time to end, and every receiver's place is written down.</summary>
    public async ValueTask DisposeAsync()
    {
        await _changing.WaitAsync();
        try
        {
            if (!_isDisposed)
            {
                _isDisposed = true;
                await Task.WhenAll(_running.Select(running => running.DisposeAsync().AsTask()));
            }
        }
        finally
        {
            _changing.Release();
        }
    }

    private List<Running> Create(ReceiverSettings receiver, RoutingTable table, ReceiverStatus[] known)
    {
        List<Running> running = [];
        if (receiver.Sink.TakesFindings)
        {
            ReceiverStatus status = StatusOf(receiver, isEvents: false, known);
            running.Add(new Running(receiver, new FindingTeller(receiver, table, _store, _sinks.Create(receiver.Sink), status, _options, _time), _options, _time));
        }

        if (_sinks.CreateForwarder(receiver.Sink) is { } forwarder)
        {
            ReceiverStatus status = StatusOf(receiver, isEvents: true, known);
            running.Add(new Running(receiver, new EventTeller(receiver, _store, forwarder, status, _options, _time), _options, _time));
        }

        return running;
    }

    /// <summary>A receiver whose settings have changed goes on counting.</summary>
    private ReceiverStatus StatusOf(ReceiverSettings receiver, bool isEvents, ReceiverStatus[] known) =>
        known.FirstOrDefault(status => status.Receiver == receiver.Name && status.IsEvents == isEvents && status.Kind == receiver.Sink.Kind && status.Address == receiver.Sink.Address)
        ?? new ReceiverStatus(receiver, isEvents ? _store.Events : _store.Findings, isEvents);

    private long NeededFrom(bool isEvents, long end) => Current.Where(running => running.Teller.Status.IsEvents == isEvents).Select(running => running.Teller.Cursor).Append(end).Min();

    /// <summary>A receiver that is being told.</summary>
    private sealed class Running : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly CancellationTokenSource _abort;
        private readonly TimeSpan _drain;
        private readonly Task _loop;

        public Running(ReceiverSettings receiver, IReceiverTeller teller, TellingOptions options, TimeProvider time)
        {
            Receiver = receiver;
            Teller = teller;
            _drain = options.DrainTime;
            _abort = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
            _loop = Task.Run(() => RunAsync(options, time));
        }

        public ReceiverSettings Receiver { get; }

        public IReceiverTeller Teller { get; }

        /// <summary>Stops: a request under way has a little time to end.</summary>
        public async ValueTask DisposeAsync()
        {
            _abort.CancelAfter(_drain);
            await _stop.CancelAsync();
            await _loop;
            Teller.Dispose();
            _stop.Dispose();
            _abort.Dispose();
        }

        /// <summary>A defect must not silence a receiver for good.</summary>
        private async Task RunAsync(TellingOptions options, TimeProvider time)
        {
            while (!_stop.IsCancellationRequested)
            {
                try
                {
                    await Teller.RunAsync(_stop.Token, _abort.Token);
                }
                catch (Exception exception)
                {
                    options.Log($"telling {Receiver.Name} met a defect of vedette and is begun again: {VisibleText.Of(exception.ToString())}");
                    await Task.Delay(Backoff.Max, time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
            }
        }
    }
}
