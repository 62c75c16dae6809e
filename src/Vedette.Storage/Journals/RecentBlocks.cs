using System.Buffers;
using Vedette.Audit.Batches;

namespace Vedette.Storage.Journals;

/// <summary>
/// The records of the newest blocks, as they were before they were compressed, for who reads close behind the commits: what is here need not be read back, checked and decompressed. It is let go when it was dealt with
/// (<see cref="Forget"/>). When it is full nothing is added, and readers take what is not here from the disk. Safe for threads.
/// </summary>
/// <param name="maxBytes">Most memory.</param>
internal sealed class RecentBlocks(long maxBytes)
{
    private readonly Lock _using = new();
    private readonly Queue<RecentBlock> _blocks = new();
    private long _bytes;

    /// <summary>Is there room for records of so many bytes? Pooled memory is up to twice as long as what is in it.</summary>
    public bool HasRoom(int bytes)
    {
        lock (_using)
        {
            return _bytes + 2L * bytes <= maxBytes;
        }
    }

    /// <summary>Adds a block that follows those before it, and is durable.</summary>
    public void Add(RecentBlock block)
    {
        lock (_using)
        {
            _blocks.Enqueue(block);
            _bytes += block.Bytes;
        }
    }

    /// <summary>The block that a record is the first of, to be released by who takes it; null when it is not here.</summary>
    public RecentBlock? Take(long first)
    {
        lock (_using)
        {
            foreach (RecentBlock block in _blocks)
            {
                if (block.First >= first)
                {
                    return block.First == first ? block.Held() : null;
                }
            }
        }

        return null;
    }

    /// <summary>Lets go what comes before a record.</summary>
    public void Forget(long before)
    {
        lock (_using)
        {
            while (_blocks.TryPeek(out RecentBlock? block) && block.Next <= before)
            {
                _bytes -= block.Bytes;
                _blocks.Dequeue().Release();
            }
        }
    }
}

/// <summary>The records of a block. Its memory goes back to where it came from when the last who holds it has released it.</summary>
/// <param name="first">Sequence of its first record.</param>
/// <param name="written">When it was written.</param>
/// <param name="identities">The identities of its records, which are copied.</param>
/// <param name="pieces">The records as they are stored, which are its own from now on.</param>
internal sealed class RecentBlock(long first, DateTimeOffset written, ReadOnlySpan<UInt128> identities, BatchBuffer[] pieces)
{
    private readonly UInt128[] _identities = Rented(identities);

    // Its maker's.
    private int _holders = 1;

    /// <summary>Sequence of its first record.</summary>
    public long First => first;

    /// <summary>When it was written.</summary>
    public DateTimeOffset Written => written;

    /// <summary>The records as they are stored.</summary>
    public ReadOnlySpan<BatchBuffer> Pieces => pieces;

    /// <summary>Number of records.</summary>
    public int Records { get; } = identities.Length;

    /// <summary>Sequence of the record after its last.</summary>
    public long Next => First + Records;

    /// <summary>Memory in use.</summary>
    public long Bytes { get; } = pieces.Sum(piece => piece.Held) + identities.Length * 16L;

    /// <summary>The identity of a record.</summary>
    public UInt128 IdentityOf(int record) => _identities[record];

    /// <summary>The block, for one more who releases it.</summary>
    public RecentBlock Held()
    {
        Interlocked.Increment(ref _holders);
        return this;
    }

    /// <summary>Lets it go.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            foreach (BatchBuffer piece in pieces)
            {
                BatchBuffers.Return(piece);
            }

            ArrayPool<UInt128>.Shared.Return(_identities);
        }
    }

    private static UInt128[] Rented(ReadOnlySpan<UInt128> identities)
    {
        UInt128[] rented = ArrayPool<UInt128>.Shared.Rent(identities.Length);
        identities.CopyTo(rented);
        return rented;
    }
}
