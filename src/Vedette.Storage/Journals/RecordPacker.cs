using System.Collections.Concurrent;
using Vedette.Audit.Batches;

namespace Vedette.Storage.Journals;

/// <summary>Compresses batches on the threads of those who append them, so that a commit need not: it only puts them behind each other. Safe for threads.</summary>
/// <param name="level">Level of zstd; null for none.</param>
internal sealed class RecordPacker(int? level) : IDisposable
{
    /// <summary>Shorter batches are compressed together by the commit: by itself a few events give a poor ratio.</summary>
    public const int MinLength = 64 * 1024;

    /// <summary>Most compressors kept, with their tables, for the next batches.</summary>
    private const int MaxIdle = 16;

    private readonly ConcurrentBag<ZstdSharp.Compressor> _idle = [];

    /// <summary>A batch, compressed; null where that does not pay.</summary>
    public PackedRecords? Pack(RecordBatch batch)
    {
        if (level is not { } wanted || batch.Length < MinLength)
        {
            return null;
        }

        ZstdSharp.Compressor compressor = _idle.TryTake(out ZstdSharp.Compressor? idle) ? idle : RecordCompression.Create(wanted);

        // Audit events shrink to a fifth or less. What does not even to half is not worth a buffer of its own.
        BatchBuffer buffer = BatchBuffers.Rent(batch.Length / 2);
        bool isPacked = compressor.TryWrap(batch.AllStored, buffer.Span, out int length);
        if (_idle.Count < MaxIdle)
        {
            _idle.Add(compressor);
        }
        else
        {
            compressor.Dispose();
        }

        if (isPacked)
        {
            return new PackedRecords(BatchBuffers.Trim(buffer, length));
        }

        BatchBuffers.Return(buffer);
        return null;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        while (_idle.TryTake(out ZstdSharp.Compressor? compressor))
        {
            compressor.Dispose();
        }
    }
}

/// <summary>A batch's records as one frame of zstd. Its memory is pooled: dispose it when it is stored.</summary>
internal sealed class PackedRecords(BatchBuffer frame) : IDisposable
{
    /// <summary>The frame.</summary>
    public ReadOnlySpan<byte> Frame => frame.Span;

    /// <inheritdoc />
    public void Dispose() => BatchBuffers.Return(frame);
}
