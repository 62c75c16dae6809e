namespace Vedette.Audit.Batches;

/// <summary>
/// Memory that large buffers are cut from, page by page, and to which they go back. It is had from the collector once and stays: whatever sizes are asked for, it takes no more than it is made for, and leaves nothing to be
/// collected. The first place that is long enough is taken, so that what was never needed at once costs nothing. Safe for threads.
/// </summary>
internal sealed class BufferArena
{
    /// <summary>Bytes of a page: a buffer has whole ones.</summary>
    public const int PageLength = 64 * 1024;

    /// <summary>Pages of one array: 1 GiB. No buffer is longer.</summary>
    private const int SlabPages = 16 * 1024;

    private readonly Lock _using = new();
    private readonly byte[]?[] _slabs;

    // In order, and none next to another of the same slab.
    private readonly List<Run> _free = [];
    private readonly int _pages;
    private long _used;

    /// <summary>An arena.</summary>
    /// <param name="capacity">Most bytes of it.</param>
    public BufferArena(long capacity)
    {
        Capacity = capacity;
        _pages = (int)Math.Min(capacity / PageLength, int.MaxValue / 2);
        _slabs = new byte[(_pages + SlabPages - 1) / SlabPages][];
        for (int slab = 0; slab < _slabs.Length; slab++)
        {
            _free.Add(new Run(slab * SlabPages, PagesOf(slab)));
        }
    }

    /// <summary>Most bytes of it.</summary>
    public long Capacity { get; }

    /// <summary>Bytes that are lent.</summary>
    public long Used => Interlocked.Read(ref _used);

    /// <summary>Bytes that a buffer of this length takes.</summary>
    public static long Held(int length) => (long)PagesFor(length) * PageLength;

    /// <summary>Cuts a buffer of at least this many bytes; false when there is no room for it in one piece.</summary>
    public bool TryRent(int atLeast, out BatchBuffer buffer)
    {
        int pages = PagesFor(atLeast);
        lock (_using)
        {
            for (int i = 0; i < _free.Count; i++)
            {
                Run run = _free[i];
                if (run.Pages >= pages)
                {
                    if (run.Pages == pages)
                    {
                        _free.RemoveAt(i);
                    }
                    else
                    {
                        _free[i] = new Run(run.First + pages, run.Pages - pages);
                    }

                    int slab = run.First / SlabPages;
                    // Pinned, for it is never to be moved, and apart from the large objects that come and go.
                    byte[] array = _slabs[slab] ??= GC.AllocateUninitializedArray<byte>(PagesOf(slab) * PageLength, pinned: true);
                    Interlocked.Add(ref _used, (long)pages * PageLength);
                    buffer = new BatchBuffer(array, run.First % SlabPages * PageLength, pages * PageLength, this);
                    return true;
                }
            }
        }

        buffer = default;
        return false;
    }

    /// <summary>Takes a buffer back, but for as many of its first bytes as stay lent.</summary>
    /// <returns>What stays lent.</returns>
    public BatchBuffer Return(in BatchBuffer buffer, int kept)
    {
        int keptPages = PagesFor(kept);
        int pages = PagesFor(buffer.Length) - keptPages;
        if (pages > 0)
        {
            lock (_using)
            {
                int first = Array.IndexOf(_slabs, buffer.Array) * SlabPages + buffer.Start / PageLength + keptPages;
                Free(new Run(first, pages));
                Interlocked.Add(ref _used, -(long)pages * PageLength);
            }
        }

        return kept == 0 ? default : new BatchBuffer(buffer.Array!, buffer.Start, kept, this);
    }

    private static int PagesFor(int length) => (int)(((long)length + PageLength - 1) / PageLength);

    private int PagesOf(int slab) => Math.Min(SlabPages, _pages - slab * SlabPages);

    private void Free(Run run)
    {
        int at = _free.FindIndex(other => other.First > run.First);
        at = at < 0 ? _free.Count : at;
        if (at < _free.Count && run.End == _free[at].First && _free[at].First % SlabPages != 0)
        {
            run = new Run(run.First, run.Pages + _free[at].Pages);
            _free.RemoveAt(at);
        }

        if (at > 0 && _free[at - 1].End == run.First && run.First % SlabPages != 0)
        {
            _free[at - 1] = new Run(_free[at - 1].First, _free[at - 1].Pages + run.Pages);
        }
        else
        {
            _free.Insert(at, run);
        }
    }

    /// <summary>Pages in a row.</summary>
    private readonly record struct Run(int First, int Pages)
    {
        public int End => First + Pages;
    }
}
