using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;

namespace Vedette.Server.Hosting;

/// <summary>
/// The buffers that connections receive into. Kestrel's own have 4 KB, one call of the kernel each, which is most of what reading a body of half a megabyte costs; these have <see cref="Length"/>. A connection
/// on which nothing comes has none.
/// </summary>
/// <param name="maxIdle">Most bytes of buffers that are kept for the next who needs one, of all pools together; others are left to the collector.</param>
internal sealed class ReceiveBuffers(long maxIdle) : IMemoryPoolFactory<byte>
{
    /// <summary>Bytes of a buffer.</summary>
    public const int Length = 32 * 1024;

    private readonly ConcurrentQueue<byte[]> _idle = [];
    private long _idleBytes;
    private long _lent;
    private long _mostLent;

    /// <summary>Most buffers that were in use at once.</summary>
    public long MostLent => Interlocked.Read(ref _mostLent);

    /// <summary>Bytes of buffers that are kept.</summary>
    public long Idle => Interlocked.Read(ref _idleBytes);

    /// <inheritdoc />
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new Pool(this);

    private byte[] Take()
    {
        long lent = Interlocked.Increment(ref _lent);
        for (long most = MostLent; lent > most; most = MostLent)
        {
            Interlocked.CompareExchange(ref _mostLent, lent, most);
        }

        if (_idle.TryDequeue(out byte[]? idle))
        {
            Interlocked.Add(ref _idleBytes, -Length);
            return idle;
        }

        // Pinned for good, as Kestrel's are: the kernel writes into them while the collector may run.
        return GC.AllocateUninitializedArray<byte>(Length, pinned: true);
    }

    private void Return(byte[] bytes)
    {
        Interlocked.Decrement(ref _lent);
        if (Interlocked.Add(ref _idleBytes, Length) <= maxIdle)
        {
            _idle.Enqueue(bytes);
        }
        else
        {
            Interlocked.Add(ref _idleBytes, -Length);
        }
    }

    private sealed class Pool(ReceiveBuffers buffers) : MemoryPool<byte>
    {
        public override int MaxBufferSize => Length;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, Length);
            return new Buffer(buffers, buffers.Take());
        }

        protected override void Dispose(bool disposing)
        {
            // The buffers are those of all pools.
        }
    }

    private sealed class Buffer(ReceiveBuffers buffers, byte[] bytes) : IMemoryOwner<byte>
    {
        private byte[]? _bytes = bytes;

        public Memory<byte> Memory => MemoryMarshal.CreateFromPinnedArray(_bytes ?? throw new ObjectDisposedException(nameof(Buffer)), 0, Length);

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _bytes, null) is { } held)
            {
                buffers.Return(held);
            }
        }
    }
}
