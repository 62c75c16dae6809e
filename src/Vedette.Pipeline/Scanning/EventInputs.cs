using System.Collections.Immutable;
using Vedette.Audit.Batches;
using Vedette.Audit.Events;
using Vedette.Audit.Shapes;
using Vedette.Sources.Files;

namespace Vedette.Pipeline.Scanning;

/// <summary>Takes an event; the view is good during the call only.</summary>
public delegate void EventHandler(in EventView view);

/// <summary>Reads inputs one after the other and hands out their events.</summary>
public static class EventInputs
{
    /// <summary>Bytes read before events are looked for. Large enough to make calls rare, small enough to stay in a core's cache.</summary>
    private const int WindowLength = 1 << 20;

    /// <summary>Reads one input to its end.</summary>
    /// <param name="input">The input.</param>
    /// <param name="options">Where rejects and progress go.</param>
    /// <param name="onEvent">Takes each event.</param>
    /// <param name="onWindow">Called after each window with the bytes read so far, as stored, and the events so far.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public static InputStatistics Read(LogInput input, ScanOptions options, EventHandler onEvent, Action<long, long>? onWindow, CancellationToken cancellation)
    {
        RejectLog rejects = new(options.Rejects);
        long events = 0;
        long bytes = 0;
        string? problem = null;
        bool couldNotOpen = false;
        try
        {
            using LogStream stream = input.Open(options.StandardInput);
            using EventBatch batch = new(WindowLength);
            AuditLogReader reader = new(input.Name, rejects);
            int window = WindowLength;
            do
            {
                cancellation.ThrowIfCancellationRequested();
                stream.Fill(batch, window);
                reader.Begin(batch, stream.IsAtEnd);
                while (reader.TryRead(out EventView view))
                {
                    events++;
                    onEvent(view);
                }

                // A document larger than the window needs a larger one; doubling keeps the work linear.
                window = reader.Consumed == 0 ? (int)Math.Min(Array.MaxLength, window * 2L) : WindowLength;
                batch.Reset(reader.Consumed);
                bytes = stream.PlainRead;
                onWindow?.Invoke(stream.StoredRead, events);
            }
            while (!stream.IsAtEnd);

            if (stream.Damage is { } damage)
            {
                problem = $"its compression is damaged after {bytes} bytes ({damage}); what came before was read";
                rejects.Add(RejectReason.BadEncoding, new EventOrigin(input.Name, 0), default);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            problem = exception.Message;
            couldNotOpen = bytes == 0;
        }

        return new InputStatistics(
            input.Name, events, bytes,
            rejects.Counts.ToImmutableSortedDictionary(pair => pair.Reason.Name(), pair => pair.Count, StringComparer.Ordinal), problem, couldNotOpen);
    }
}
