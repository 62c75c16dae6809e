using System.Buffers;

namespace Vedette.Sinks.StandardOutput;

/// <summary>Writes findings as they are, one on a line. JSON escapes whatever a terminal would act on.</summary>
/// <param name="into">Where to; not closed. Lines of several sinks that share it do not mix.</param>
internal sealed class StandardOutputSink(Stream into) : ISink
{
    /// <inheritdoc />
    public int MaxBatch => 100;

    /// <inheritdoc />
    public async Task<SinkAnswer> SendAsync(IReadOnlyList<StoredFinding> findings, CancellationToken cancellation)
    {
        ArrayBufferWriter<byte> lines = new(4096);
        foreach (StoredFinding finding in findings)
        {
            lines.Write(finding.Json.Span);
            lines.Write("\n"u8);
        }

        try
        {
            // Who reads standard output may have stopped reading: one who waits for that must still be able to go.
            await Task.Run(() => Write(lines.WrittenSpan), CancellationToken.None).WaitAsync(cancellation);
            return SinkAnswer.Delivered;
        }
        catch (IOException exception)
        {
            return new SinkAnswer(SinkVerdict.TryLater, $"standard output: {exception.Message}");
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
    }

    private void Write(ReadOnlySpan<byte> lines)
    {
        lock (into)
        {
            into.Write(lines);
            into.Flush();
        }
    }
}
