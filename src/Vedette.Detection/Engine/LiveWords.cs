using System.Numerics;

namespace Vedette.Detection.Engine;

/// <summary>
/// The words of a set of bits that hold any, so that a set which few are left of is narrowed down further without a look at the rest: rules about what an event is not are gone after the first step, and
/// cost no more than that, however many there are.
/// </summary>
/// <param name="capacity">Words of the set.</param>
internal sealed class LiveWords(int capacity)
{
    private readonly int[] _words = new int[capacity];
    private bool _isAll = true;
    private int _count;

    /// <summary>Begins anew, with all of a set.</summary>
    public void Begin(ulong[] set, ulong[] all)
    {
        all.CopyTo(set.AsSpan());
        _isAll = true;
        _count = _words.Length;
    }

    /// <summary>Keeps of a set what is in another one, too.</summary>
    /// <returns>How many bits are left.</returns>
    public int And(ulong[] set, ulong[] other)
    {
        int bits = 0;
        int kept = 0;
        for (int i = 0; i < _count; i++)
        {
            int word = _isAll ? i : _words[i];
            ulong common = set[word] & other[word];
            set[word] = common;
            bits += BitOperations.PopCount(common);
            _words[kept] = word;
            kept += common == 0 ? 0 : 1;
        }

        _isAll = false;
        _count = kept;
        return bits;
    }

    /// <summary>How many bits a set has in common with another one.</summary>
    public int CountCommon(ulong[] set, ulong[] other)
    {
        int bits = 0;
        for (int i = 0; i < _count; i++)
        {
            int word = _isAll ? i : _words[i];
            bits += BitOperations.PopCount(set[word] & other[word]);
        }

        return bits;
    }
}
