using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;

namespace Vedette.Server.Hosting;

/// <summary>
/// The buffers that connections receive into. Kestrel's own have 4 KB, one call of the kernel each, which is most of what reading a body of half a megabyte costs; these have <see cref="Length"/>. A connection
/// on which nothing comes has none.
/// </summary>
internal sealed class ReceiveBuffers : IMemoryPoolFactory<byte>
{
    /// <summary>Bytes of a buffer.</summary>
    public const int Length = 32 * 1024;

    /// <summary>Most buffers kept for the next who needs one; others are left to the collector.</summary>
    public const int MaxIdle = 256;

    /// <inheritdoc />
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new Pool();

    private sealed class Pool : MemoryPool<byte>
    {
        private readonly ConcurrentQueue<byte[]> _idle = [];

        public override int MaxBufferSize => Length;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, Length);
            // Pinned for good, as Kestrel's are: the kernel writes into them while the collector may run.
            return new Buffer(this, _idle.TryDequeue(out byte[]? idle) ? idle : GC.AllocateUninitializedArray<byte>(Length, pinned: true));
        }

        protected override void Dispose(bool disposing) => _idle.Clear();

        private void Return(byte[] bytes)
        {
            if (_idle.Count < MaxIdle)
            {
                _idle.Enqueue(bytes);
            }
        }

        private sealed class Buffer(Pool pool, byte[] bytes) : IMemoryOwner<byte>
        {
            private byte[]? _bytes = bytes;

            public Memory<byte> Memory => MemoryMarshal.CreateFromPinnedArray(_bytes ?? throw new ObjectDisposedException(nameof(Buffer)), 0, Length);

            public void Dispose()
            {
                if (Interlocked.Exchange(ref _bytes, null) is { } held)
                {
                    pool.Return(held);
                }
            }
        }
    }
}
