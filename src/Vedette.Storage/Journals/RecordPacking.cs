using System.Buffers;
using Vedette.Audit.Batches;

namespace Vedette.Storage.Journals;

/// <summary>
/// Compresses the records of a batch while further ones are added to it: on a thread of the pool as far as one is free meanwhile, the rest when the batch is complete. The frame is that of compressing all at once, but that it
/// does not say its length. Of one batch, whose owner calls everything but <see cref="Execute"/>.
/// </summary>
/// <param name="packer">Compresses what cannot be compressed while it grows.</param>
/// <param name="compressors">For this alone.</param>
/// <param name="batch">The batch.</param>
internal sealed class RecordPacking(RecordPacker packer, CompressorPool compressors, RecordBatch batch) : IThreadPoolWorkItem
{
    /// <summary>Bytes after which a thread of the pool is asked: a block of zstd at its longest (RFC 8878, section 3.1.1.2.3), before which nothing is compressed.</summary>
    public const int Step = 128 * 1024;

    // Records up to here are complete and will not be changed.
    private int _limit;
    private int _isQueued;

    // Under the batch's lock.
    private ZstdSharp.Compressor? _compressor;
    private BatchBuffer _frame;
    private int _taken;
    private int _length;
    private bool _isTooLong;

    /// <summary>Says that the records up to here are complete.</summary>
    /// <param name="limit">Bytes of them.</param>
    public void Offer(int limit)
    {
        Volatile.Write(ref _limit, limit);
        if (Interlocked.Exchange(ref _isQueued, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    /// <inheritdoc />
    public void Execute()
    {
        Volatile.Write(ref _isQueued, 0);
        lock (batch.Reading)
        {
            int limit = Volatile.Read(ref _limit);
            if (limit > _taken && !_isTooLong)
            {
                Take(limit, isLast: false);
            }
        }
    }

    /// <summary>The whole batch, compressed; null where that does not pay. It can be used for the next batch.</summary>
    public PackedRecords? Complete()
    {
        lock (batch.Reading)
        {
            Volatile.Write(ref _limit, 0);
            if (_taken > 0 && !_isTooLong && Take(batch.Length, isLast: true))
            {
                compressors.Return(_compressor!);
                _compressor = null;
                PackedRecords packed = new(BatchBuffers.Trim(_frame, _length));
                _frame = default;
                Forget();
                return packed;
            }

            Forget();
        }

        return packer.Pack(batch);
    }

    /// <summary>Forgets the batch. Its owner holds the lock.</summary>
    public void Forget()
    {
        Volatile.Write(ref _limit, 0);

        // With a frame left unfinished in it nobody else can use it.
        _compressor?.Dispose();
        _compressor = null;
        BatchBuffers.Return(_frame);
        _frame = default;
        (_taken, _length, _isTooLong) = (0, 0, false);
    }

    /// <returns>False when the frame becomes too long.</returns>
    private bool Take(int limit, bool isLast)
    {
        if (_compressor is null)
        {
            _compressor = compressors.Rent();
            _frame = BatchBuffers.Rent(RecordPacker.FrameCapacity(Math.Max(batch.Expected, limit)));
        }

        OperationStatus status = _compressor.WrapStream(batch.AllStored[_taken..limit], _frame.Span[_length..], out int consumed, out int written, isLast);
        _taken += consumed;
        _length += written;
        _isTooLong = _taken < limit || (isLast && status != OperationStatus.Done);
        return !_isTooLong;
    }
}
