using System.Collections.Immutable;
using Vedette.Audit.Batches;
using Vedette.Audit.Shapes;
using Vedette.Sources.Files;

namespace Vedette.Pipeline.Scanning;

/// <summary>What one input held, counted while it is read.</summary>
internal sealed class InputTally
{
    private InputTally(RejectHandler? rejects) => Rejects = new RejectLog(rejects);

    /// <summary>Pieces that gave no event.</summary>
    public RejectLog Rejects { get; }

    /// <summary>When its events were.</summary>
    public EventPeriod Period { get; } = new();

    /// <summary>Audit events.</summary>
    public long Events { get; set; }

    /// <summary>Bytes, decompressed.</summary>
    public long Bytes { get; set; }

    /// <summary>Opens an input, reads it, and says what it held and why it could not be read to its end.</summary>
    /// <param name="input">The input.</param>
    /// <param name="options">Where rejects go, where standard input comes from.</param>
    /// <param name="read">Reads it to its end.</param>
    public static InputStatistics Read(LogInput input, ScanOptions options, Action<LogStream, InputTally> read)
    {
        InputTally tally = new(options.Rejects);
        string? problem = null;
        bool couldNotOpen = false;
        try
        {
            using LogStream stream = input.Open(options.StandardInput);
            read(stream, tally);
            if (stream.Damage is { } damage)
            {
                problem = $"its compression is damaged after {tally.Bytes} bytes ({damage}); what came before was read";
                tally.Rejects.Add(RejectReason.BadEncoding, new EventOrigin(input.Name, 0), default);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            problem = exception.Message;
            couldNotOpen = tally.Bytes == 0;
        }

        return new InputStatistics(
            input.Name, tally.Events, tally.Bytes,
            tally.Rejects.Counts.ToImmutableSortedDictionary(pair => pair.Reason.Name(), pair => pair.Count, StringComparer.Ordinal), problem, couldNotOpen)
        {
            FirstEvent = tally.Period.First,
            LastEvent = tally.Period.Last,
        };
    }
}
