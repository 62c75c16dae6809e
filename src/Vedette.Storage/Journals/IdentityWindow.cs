namespace Vedette.Storage.Journals;

/// <summary>The identities of the newest records, as many as it is made for: what is in it came before. 24 bytes each. Not thread-safe.</summary>
/// <remarks>A ring of identities, and chains through it by hash. Identities are keyed hashes, or made by us: their low bits are as good as any, and nobody can make them collide.</remarks>
internal sealed class IdentityWindow
{
    // Places in the ring, from 1; 0 is none. Memory that was never used costs nothing.
    private readonly UInt128[] _ring;
    private readonly int[] _next;
    private readonly int[] _heads;
    private int _count;
    private int _at;

    /// <summary>An empty window.</summary>
    public IdentityWindow(int capacity)
    {
        _ring = new UInt128[capacity];
        _next = new int[capacity];
        _heads = new int[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)capacity)];
    }

    /// <summary>How many it can hold.</summary>
    public int Capacity => _ring.Length;

    /// <summary>Is it one of the newest?</summary>
    public bool Contains(UInt128 identity)
    {
        for (int place = _heads[Bucket(identity)]; place > 0; place = _next[place - 1])
        {
            if (_ring[place - 1] == identity)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Adds one; the oldest goes when there is no room.</summary>
    public void Add(UInt128 identity)
    {
        if (_count == _ring.Length)
        {
            Unchain(_at);
        }
        else
        {
            _count++;
        }

        ref int head = ref _heads[Bucket(identity)];
        _ring[_at] = identity;
        _next[_at] = head;
        head = _at + 1;
        _at = _at + 1 == _ring.Length ? 0 : _at + 1;
    }

    private void Unchain(int oldest)
    {
        ref int link = ref _heads[Bucket(_ring[oldest])];
        while (link != oldest + 1)
        {
            link = ref _next[link - 1];
        }

        link = _next[oldest];
    }

    private int Bucket(UInt128 identity) => (int)((uint)(ulong)identity & (uint)(_heads.Length - 1));
}
