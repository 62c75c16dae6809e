using System.Numerics;
using System.Runtime.Intrinsics;

namespace Vedette.Detection.Engine;

/// <summary>
/// A set of bits that is narrowed down, and which of its words hold any, so that a set which few are left of is narrowed down further without a look at the rest: rules about what an event is not are gone
/// after the first step, and cost no more than that, however many there are. A set of one block, which holds more rules than most have, is narrowed down as a whole and without a branch that depends on what is left:
/// whoever looks at the event next would wait until the processor has found out that it guessed wrong.
/// </summary>
/// <param name="all">The set to begin with; whole blocks.</param>
internal sealed class LiveWords(ulong[] all)
{
    private readonly ulong[] _set = new ulong[all.Length];
    private readonly int[] _words = new int[all.Length];
    private readonly int[] _allWords = [.. Enumerable.Range(0, all.Length)];
    private int _count;
    private bool _isAll = true;

    /// <summary>The set; only its words at <see cref="Places"/> count.</summary>
    public ReadOnlySpan<ulong> Set => _isAll ? all : _set;

    /// <summary>The places of the words that hold any, in order.</summary>
    public ReadOnlySpan<int> Places => _isAll ? _allWords : _words.AsSpan(0, _count);

    /// <summary>How many bits there are.</summary>
    public int Count => CountCommon(Set);

    /// <summary>Begins anew, with a set that holds all.</summary>
    public void Begin() => _isAll = true;

    /// <summary>Keeps what is in another set, too, which has nothing that is not in the set to begin with.</summary>
    public void And(ReadOnlySpan<ulong> other)
    {
        // In a set of one block words that hold none are empty, and may be looked at again.
        _count = _isAll ? KeepOfAll(other, other) : _set.Length == BitSets.BlockWords ? KeepOfAll(_set, other) : Keep(other);
        _isAll = false;
    }

    /// <summary>Has it any bit in common with another set?</summary>
    public bool Intersects(ReadOnlySpan<ulong> other)
    {
        ReadOnlySpan<ulong> set = Set;
        if (set.Length == BitSets.BlockWords)
        {
            return (Vector256.Create(set) & Vector256.Create(other)) != Vector256<ulong>.Zero;
        }

        foreach (int word in Places)
        {
            if ((set[word] & other[word]) != 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>How many bits it has in common with another set.</summary>
    public int CountCommon(ReadOnlySpan<ulong> other)
    {
        int bits = 0;
        ReadOnlySpan<ulong> set = Set;
        foreach (int word in Places)
        {
            bits += BitOperations.PopCount(set[word] & other[word]);
        }

        return bits;
    }

    // Without a branch for each word, and with so little at hand that all of it stays in registers.
    private int KeepOfAll(ReadOnlySpan<ulong> one, ReadOnlySpan<ulong> other)
    {
        ulong[] set = _set;
        int[] words = _words;
        int kept = 0;
        for (int word = 0; word < set.Length; word++)
        {
            ulong common = one[word] & other[word];
            set[word] = common;
            words[kept] = word;
            kept += common == 0 ? 0 : 1;
        }

        return kept;
    }

    private int Keep(ReadOnlySpan<ulong> other)
    {
        ulong[] set = _set;
        int[] words = _words;
        int count = _count;
        int kept = 0;
        for (int i = 0; i < count; i++)
        {
            int word = words[i];
            ulong common = set[word] & other[word];
            set[word] = common;
            words[kept] = word;
            kept += common == 0 ? 0 : 1;
        }

        return kept;
    }
}
