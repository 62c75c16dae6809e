using System.Numerics;

namespace Vedette.Detection.Engine;

/// <summary>
/// The words of a set of bits that hold any, so that a set which few are left of is narrowed down further without a look at the rest: rules about what an event is not are gone after the first step, and
/// cost no more than that, however many there are.
/// </summary>
/// <param name="capacity">Words of the set.</param>
internal sealed class LiveWords(int capacity)
{
    private readonly int[] _words = [.. Enumerable.Range(0, capacity)];
    private readonly int[] _all = [.. Enumerable.Range(0, capacity)];
    private int _count = capacity;

    /// <summary>Their places, in order.</summary>
    public ReadOnlySpan<int> Places => IsAll ? _all : _words.AsSpan(0, _count);

    /// <summary>True until the set is narrowed down: what it holds was not looked at.</summary>
    public bool IsAll { get; private set; } = true;

    /// <summary>Begins anew, with a set that holds all.</summary>
    public void Begin() => IsAll = true;

    /// <summary>Keeps of a set what is in another one, too; of one that holds all, what is in the other one, whatever lay in its memory.</summary>
    /// <returns>How many bits are left.</returns>
    public int And(ulong[] set, ulong[] other)
    {
        int bits = 0;
        int kept = 0;
        foreach (int word in Places)
        {
            ulong common = IsAll ? other[word] : set[word] & other[word];
            set[word] = common;
            bits += BitOperations.PopCount(common);
            _words[kept] = word;
            kept += common == 0 ? 0 : 1;
        }

        IsAll = false;
        _count = kept;
        return bits;
    }

    /// <summary>Has a set any bit in common with another one?</summary>
    public bool Intersect(ulong[] set, ulong[] other)
    {
        foreach (int word in Places)
        {
            if ((set[word] & other[word]) != 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>How many bits a set has in common with another one.</summary>
    public int CountCommon(ulong[] set, ulong[] other)
    {
        int bits = 0;
        foreach (int word in Places)
        {
            bits += BitOperations.PopCount(set[word] & other[word]);
        }

        return bits;
    }
}
