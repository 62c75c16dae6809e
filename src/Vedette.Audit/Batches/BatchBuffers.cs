using System.Buffers;

namespace Vedette.Audit.Batches;

/// <summary>
/// Buffers of batches, for the whole process. Large ones are cut from one piece of memory of <see cref="Capacity"/> bytes: arrays of their own, pooled, were hundreds of megabytes under load, most of them waiting for
/// the collector or for somebody who needs just that size. Safe for threads.
/// </summary>
public static class BatchBuffers
{
    /// <summary><see cref="Capacity"/> unless said otherwise.</summary>
    public const long DefaultCapacity = 32 * 1024 * 1024;

    /// <summary>Longest buffer that comes from the shared pool of arrays, in bytes.</summary>
    private const int MaxShared = 64 * 1024;

    private static BufferArena s_arena = new(DefaultCapacity);

    /// <summary>
    /// Most bytes of large buffers that are lent at once from memory that stays. Who needs more gets an array that is left to the collector afterwards: what comes in must be bounded by who lets it in. Buffers that are lent
    /// when it changes are good until they are given back.
    /// </summary>
    public static long Capacity
    {
        get => Volatile.Read(ref s_arena).Capacity;
        set
        {
            if (value != Capacity)
            {
                Volatile.Write(ref s_arena, new BufferArena(value));
            }
        }
    }

    /// <summary>Bytes of large buffers that are lent now.</summary>
    public static long Used => Volatile.Read(ref s_arena).Used;

    /// <summary>A buffer of at least this many bytes, with anything in it.</summary>
    public static BatchBuffer Rent(int atLeast)
    {
        if (atLeast <= MaxShared)
        {
            byte[] array = ArrayPool<byte>.Shared.Rent(atLeast);
            return new BatchBuffer(array, 0, array.Length, null);
        }

        return Volatile.Read(ref s_arena).TryRent(atLeast, out BatchBuffer buffer) ? buffer : new BatchBuffer(GC.AllocateUninitializedArray<byte>(atLeast), 0, atLeast, null);
    }

    /// <summary>Gives back a buffer of which only the first bytes are still needed, but for these.</summary>
    /// <param name="buffer">The buffer, which is not to be used any more.</param>
    /// <param name="length">How many bytes are still needed.</param>
    /// <returns>The buffer of so many bytes.</returns>
    public static BatchBuffer Trim(in BatchBuffer buffer, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, buffer.Length);
        return buffer.Arena is { } arena ? arena.Return(buffer, length)
            : buffer.Array is { } array ? new BatchBuffer(array, 0, length, null)
            : default;
    }

    /// <summary>Gives back what <see cref="Rent"/> gave, or the default. Who gives back must not use it any more.</summary>
    public static void Return(in BatchBuffer buffer)
    {
        if (buffer.Arena is { } arena)
        {
            arena.Return(buffer, kept: 0);
        }
        else if (buffer.Array is { Length: <= MaxShared } array)
        {
            ArrayPool<byte>.Shared.Return(array);
        }
    }
}
