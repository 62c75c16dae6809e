using Vedette.Audit.Batches;
using Vedette.Sources.Settings;

namespace Vedette.Sources.Tailing;

/// <summary>
/// Reads standard input to its end: lines as they come. What was read before a restart does not come again, so nothing is kept about it; while a chunk cannot be stored, no more is read, and the writer of a pipe waits.
/// </summary>
public sealed class StandardInputTail(StandardInputSource source, Stream input, TailHandler handler, TimeProvider time)
{
    private readonly TailLimits _limits = new();
    private bool _isSkipping;
    private long _position;

    /// <summary>How it goes.</summary>
    public SourceStatus Status { get; } = new(source.Name, source.Cluster);

    /// <summary>Reads until the end, or until it is cancelled.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using EventBatch batch = new();
        bool isAtEnd = false;
        while (!isAtEnd)
        {
            int read = await input.ReadAsync(batch.GetWriteMemory(64 * 1024), cancellation);
            batch.Advance(read);
            isAtEnd = read == 0;
            await DrainAsync(batch, isAtEnd, cancellation);
        }
    }

    private async ValueTask DrainAsync(EventBatch batch, bool isAtEnd, CancellationToken cancellation)
    {
        while (true)
        {
            LineCut cut = LineCut.Next(batch.Input, _isSkipping, isAtEnd, giveLast: true, _limits.MaxLineLength);
            switch (cut.Kind)
            {
                case CutKind.Drop:
                    _isSkipping &= batch.Input[cut.Length - 1] != '\n';
                    batch.Reset(cut.Length);
                    break;
                case CutKind.Take or CutKind.TooLong:
                    await DeliverAsync(batch, cut, cancellation);
                    _isSkipping = cut.Kind == CutKind.TooLong;
                    break;
                default:
                    return;
            }
        }
    }

    private async ValueTask DeliverAsync(EventBatch batch, LineCut cut, CancellationToken cancellation)
    {
        using EventBatch rest = new(64 * 1024);
        batch.MoveEnd(cut.Length, rest);
        _position += cut.Length;
        bool isTooLong = cut.Kind == CutKind.TooLong;
        if (isTooLong)
        {
            batch.Truncate(TailLimits.MaxTooLongKept);
        }

        TailChunk chunk = new(source.Name, source.Cluster, "-", batch, _position, isTooLong);
        TimeSpan wait = FileTail.MaxBackoff / 10;
        while (!await handler(chunk, cancellation))
        {
            await Task.Delay(wait, time, cancellation);
            wait = wait * 2 < FileTail.MaxBackoff ? wait * 2 : FileTail.MaxBackoff;
            batch.Reset(0);
        }

        Status.Read(cut.Length, time.GetUtcNow());
        Status.Well();
        batch.Reset(batch.InputLength);
        rest.MoveEnd(0, batch);
    }
}
