using Vedette.Audit.Batches;

namespace Vedette.Storage.Journals;

/// <summary>Compresses batches on the threads of those who append them, so that a commit need not: it only puts them behind each other. Safe for threads.</summary>
/// <param name="level">Level of zstd; null for none.</param>
internal sealed class RecordPacker(int? level) : IDisposable
{
    /// <summary>Shorter batches are compressed together by the commit: by itself a few events give a poor ratio.</summary>
    public const int MinLength = 64 * 1024;

    // Apart: a frame that was refused for its length is left unfinished in a compressor, and would become part of the next that is made in pieces.
    private readonly CompressorPool? _whole = level is { } wanted ? new CompressorPool(wanted) : null;
    private readonly CompressorPool? _growing = level is { } wanted ? new CompressorPool(wanted) : null;

    /// <summary>For a batch that is compressed while it grows; null where nothing is compressed.</summary>
    public RecordPacking? Of(RecordBatch batch) => _growing is null ? null : new RecordPacking(this, _growing, batch);

    /// <summary>A batch, compressed; null where that does not pay.</summary>
    public PackedRecords? Pack(RecordBatch batch)
    {
        if (_whole is null || batch.Length < MinLength)
        {
            return null;
        }

        ZstdSharp.Compressor compressor = _whole.Rent();
        BatchBuffer buffer = BatchBuffers.Rent(FrameCapacity(batch.Length));
        bool isPacked = compressor.TryWrap(batch.AllStored, buffer.Span, out int length);
        _whole.Return(compressor);
        if (isPacked)
        {
            return new PackedRecords(BatchBuffers.Trim(buffer, length));
        }

        BatchBuffers.Return(buffer);
        return null;
    }

    /// <summary>Bytes for a frame. Audit events shrink to a fifth or less; what does not even to half is not worth a buffer of its own.</summary>
    /// <param name="length">Bytes of the records.</param>
    public static int FrameCapacity(int length) => length / 2;

    /// <inheritdoc />
    public void Dispose()
    {
        _whole?.Dispose();
        _growing?.Dispose();
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
