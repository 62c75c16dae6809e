using System.Buffers;
using System.Collections.Concurrent;
using System.Numerics;

namespace Vedette.Audit.Batches;

/// <summary>
/// Buffers of batches. The shared pool keeps an array of each size for every thread that ever returned one, which for bodies of megabytes on dozens of threads is hundreds of megabytes; of large ones all threads
/// together keep only <see cref="MaxIdle"/> here. Safe for threads.
/// </summary>
public static class BatchBuffers
{
    /// <summary><see cref="MaxIdle"/> unless said otherwise.</summary>
    public const long DefaultMaxIdle = 32 * 1024 * 1024;

    /// <summary>Longest buffer that comes from the shared pool, in bytes.</summary>
    private const int MaxShared = 128 * 1024;

    // By the logarithm of their length, which is a power of two.
    private static readonly ConcurrentStack<byte[]>[] s_idle = [.. Enumerable.Range(0, 31).Select(_ => new ConcurrentStack<byte[]>())];

    private static long s_idleBytes;
    private static long s_maxIdle = DefaultMaxIdle;

    /// <summary>Most bytes of large buffers that are kept for the next batch; what is more is left to the collector, which has much to do where it is less than what is in use at once.</summary>
    public static long MaxIdle
    {
        get => Interlocked.Read(ref s_maxIdle);
        set => Interlocked.Exchange(ref s_maxIdle, value);
    }

    /// <summary>Bytes of large buffers that are kept for the next batch.</summary>
    public static long Idle => Interlocked.Read(ref s_idleBytes);

    /// <summary>A buffer of at least this many bytes, with anything in it.</summary>
    public static byte[] Rent(int atLeast)
    {
        if (atLeast <= MaxShared)
        {
            return ArrayPool<byte>.Shared.Rent(atLeast);
        }

        if (atLeast > 1 << 30)
        {
            return GC.AllocateUninitializedArray<byte>(atLeast);
        }

        int length = (int)BitOperations.RoundUpToPowerOf2((uint)atLeast);
        if (s_idle[BitOperations.Log2((uint)length)].TryPop(out byte[]? idle))
        {
            Interlocked.Add(ref s_idleBytes, -length);
            return idle;
        }

        return GC.AllocateUninitializedArray<byte>(length);
    }

    /// <summary>Gives back what <see cref="Rent"/> gave, or an empty array. Who gives back must not use it any more.</summary>
    public static void Return(byte[] buffer)
    {
        if (buffer.Length <= MaxShared)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        else if (buffer.Length <= 1 << 30)
        {
            if (Interlocked.Add(ref s_idleBytes, buffer.Length) <= MaxIdle)
            {
                s_idle[BitOperations.Log2((uint)buffer.Length)].Push(buffer);
            }
            else
            {
                Interlocked.Add(ref s_idleBytes, -buffer.Length);
            }
        }
    }
}
