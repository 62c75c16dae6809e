using System.Buffers;
using Vedette.Pipeline.Serving;
using Vedette.Sinks.Forwarding;
using Vedette.Sinks.Routing;
using Vedette.Storage.Events;
using Vedette.Storage.Journals;
using Vedette.Storage.Stores;

namespace Vedette.Pipeline.Telling;

/// <summary>Forwards the journal of events to another Vedette, in its order for each cluster. The journal is the spool: what could not be sent yet is read again when it can.</summary>
internal sealed class EventTeller : IReceiverTeller
{
    /// <summary>Suffix of the cursors' names.</summary>
    public const string CursorSuffix = ":events";

    /// <summary>Most bytes of events sent together, before packing. A single event may have more.</summary>
    public const int MaxBatchBytes = 4 * 1024 * 1024;

    /// <summary>Most events sent together.</summary>
    public const int MaxBatchEvents = 10_000;

    private readonly ReceiverSettings _receiver;
    private readonly Store _store;
    private readonly EventForwarder _forwarder;
    private readonly TellingOptions _options;
    private readonly TimeProvider _time;
    private readonly SteadyClock _clock;
    private readonly CursorKeeper _cursor;
    private readonly Delivery _delivery;
    private readonly Backoff _reading;
    private readonly Dictionary<string, ClusterLines> _clusters = new(StringComparer.Ordinal);
    private long _needed;

    /// <summary>Makes one; its place in the journal is known from then on.</summary>
    public EventTeller(ReceiverSettings receiver, Store store, EventForwarder forwarder, ReceiverStatus status, TellingOptions options, TimeProvider time)
    {
        _receiver = receiver;
        _store = store;
        _forwarder = forwarder;
        _options = options;
        _time = time;
        Status = status;
        _clock = new SteadyClock(time);
        _cursor = new CursorKeeper(store.Cursors, FindingTeller.CursorPrefix + receiver.Name + CursorSuffix, store.Events, receiver.FromStart, options, _clock);
        _reading = new Backoff(options.Jitter);
        _delivery = new Delivery($"{receiver.Name} (events)", status, options, time);
        status.At(_cursor.Value, held: 0);
        _needed = _cursor.Value;
    }

    /// <inheritdoc />
    public ReceiverStatus Status { get; }

    /// <inheritdoc />
    public bool IsPlaced => _cursor.IsPlaced;

    /// <inheritdoc />
    public long Cursor => Interlocked.Read(ref _needed);

    /// <summary>Events go where they go whatever the routes.</summary>
    public void Use(RoutingTable table)
    {
    }

    /// <inheritdoc />
    public async Task RunAsync(CancellationToken stop, CancellationToken abort)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await ForwardAsync(stop, abort);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
            {
                _options.Log($"the events for {_receiver.Name} cannot be read, which is tried again: {exception.Message}");
                await Task.Delay(_reading.Next(null), _time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        _cursor.Write();
    }

    /// <inheritdoc />
    public void Dispose() => _forwarder.Dispose();

    private async Task ForwardAsync(CancellationToken stop, CancellationToken abort)
    {
        using JournalReader reader = _store.Events.Read(_cursor.Value, damage => _options.Log($"events for {_receiver.Name}: {damage}"));
        long lost = 0;
        while (!stop.IsCancellationRequested)
        {
            bool hasAny = Fill(reader);
            _reading.Reset();
            if (reader.Removed > lost)
            {
                Status.CountLost(reader.Removed - lost);
                _options.Log($"{reader.Removed - lost} events were removed from the store before they were forwarded to {_receiver.Name}");
                lost = reader.Removed;
            }

            foreach ((string cluster, ClusterLines lines) in _clusters)
            {
                if (!await DeliverAsync(cluster, lines, stop, abort))
                {
                    return;
                }
            }

            _cursor.Move(reader.Position);
            Interlocked.Exchange(ref _needed, reader.Position);
            Status.At(reader.Position, held: 0);
            if (!hasAny)
            {
                await JournalWait.ForAsync(_store.Events, reader.Position, _cursor.Due - _clock.Now, _time, stop);
            }
        }
    }

    /// <summary>Reads a batch, of which each cluster has its lines.</summary>
    /// <returns>Was there anything?</returns>
    private bool Fill(JournalReader reader)
    {
        _clusters.Clear();
        int events = 0;
        long bytes = 0;
        while (events < MaxBatchEvents && bytes < MaxBatchBytes && reader.TryRead(out JournalRecord record))
        {
            string cluster = EventLabel.Read(record.Label)?.Cluster ?? "";
            if (!_clusters.TryGetValue(cluster, out ClusterLines? lines))
            {
                _clusters.Add(cluster, lines = new ClusterLines());
            }

            lines.Add(record.Sequence, record.Bytes);
            events++;
            bytes += record.Bytes.Length;
        }

        return events > 0;
    }

    private Task<bool> DeliverAsync(string cluster, ClusterLines lines, CancellationToken stop, CancellationToken abort) => _delivery.DeliverAsync(
        lines.Lines,
        some => _forwarder.SendAsync(cluster, lines.Between(some.Span[0], some.Span[^1]), abort),
        line => $"event {line.Sequence} of the store",
        stop);

    /// <summary>Where an event stands in the lines of its cluster.</summary>
    private readonly record struct Line(long Sequence, int Start, int End);

    private sealed class ClusterLines
    {
        private readonly ArrayBufferWriter<byte> _bytes = new(64 * 1024);
        private readonly List<Line> _lines = [];

        public ReadOnlyMemory<Line> Lines => _lines.ToArray();

        public void Add(long sequence, ReadOnlySpan<byte> line)
        {
            int start = _bytes.WrittenCount;
            _bytes.Write(line);
            _bytes.Write("\n"u8);
            _lines.Add(new Line(sequence, start, _bytes.WrittenCount));
        }

        public ReadOnlyMemory<byte> Between(Line first, Line last) => _bytes.WrittenMemory[first.Start..last.End];
    }
}
