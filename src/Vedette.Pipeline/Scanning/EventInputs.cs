using Vedette.Audit.Batches;
using Vedette.Audit.Events;
using Vedette.Audit.Shapes;
using Vedette.Sources.Files;

namespace Vedette.Pipeline.Scanning;

/// <summary>Takes an event; the view is good during the call only.</summary>
public delegate void EventHandler(in EventView view);

/// <summary>Reads inputs one after the other, on the calling thread, and hands out their events.</summary>
public static class EventInputs
{
    /// <summary>Reads one input to its end.</summary>
    /// <param name="input">The input.</param>
    /// <param name="options">Where rejects and progress go.</param>
    /// <param name="onEvent">Takes each event.</param>
    /// <param name="onWindow">Called after each window with the bytes read so far, as stored, and the events so far.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public static InputStatistics Read(LogInput input, ScanOptions options, EventHandler onEvent, Action<long, long>? onWindow, CancellationToken cancellation) =>
        InputTally.Read(input, options, (stream, tally) =>
        {
            using EventBatch batch = new(options.WindowLength);
            AuditLogReader reader = new(input.Name, tally.Rejects);
            int window = options.WindowLength;
            do
            {
                cancellation.ThrowIfCancellationRequested();
                stream.Fill(batch, window);
                reader.Begin(batch, stream.IsAtEnd);
                while (reader.TryRead(out EventView view))
                {
                    tally.Events++;
                    tally.Period.Add(view);
                    onEvent(view);
                }

                // A document larger than the window needs a larger one; doubling keeps the work linear.
                window = reader.Consumed == 0 ? (int)Math.Min(Array.MaxLength, window * 2L) : options.WindowLength;
                batch.Reset(reader.Consumed);
                tally.Bytes = stream.PlainRead;
                onWindow?.Invoke(stream.StoredRead, tally.Events);
            }
            while (!stream.IsAtEnd);
        });
}
