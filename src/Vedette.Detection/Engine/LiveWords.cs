using System.Numerics;
using System.Runtime.Intrinsics;

namespace Vedette.Detection.Engine;

/// <summary>
/// A set of bits that is narrowed down, and which of its words hold any, so that a set which few are left of is narrowed down further without a look at the rest: rules about what an event is not are gone
/// after the first step, and cost no more than that, however many there are. What is read as a block is written as one: a processor waits where it reads together what was written in parts just before. Narrowing
/// down does not branch on what a word holds: whoever looks at the event next would wait until the processor has found out that it guessed wrong.
/// </summary>
internal sealed class LiveWords
{
    private const int WordBits = 64;

    private readonly ulong[] _all;
    private readonly ulong[] _allLive;
    private readonly ulong[] _set;
    private readonly ulong[] _live;
    private bool _isAll = true;

    /// <summary>Of all.</summary>
    /// <param name="all">The set to begin with; whole blocks.</param>
    public LiveWords(ulong[] all)
    {
        _all = all;
        _set = new ulong[all.Length];
        _allLive = new ulong[(all.Length + WordBits - 1) / WordBits];
        _live = new ulong[_allLive.Length];
        Copy(all, _allLive);
    }

    /// <summary>The set; only its words that are <see cref="Live"/> count.</summary>
    public ReadOnlySpan<ulong> Set => _isAll ? _all : _set;

    /// <summary>A bit for each word of the set: does it hold any?</summary>
    public ReadOnlySpan<ulong> Live => _isAll ? _allLive : _live;

    /// <summary>How many bits there are.</summary>
    public int Count => CountCommon(Set);

    /// <summary>Begins anew, with a set that holds all.</summary>
    public void Begin() => _isAll = true;

    /// <summary>Keeps what is in another set, too, which has nothing that is not in the set to begin with.</summary>
    public void And(ReadOnlySpan<ulong> other)
    {
        if (_isAll)
        {
            _isAll = false;
            Copy(other, _live);
        }
        else if (_set.Length == BitSets.BlockWords)
        {
            Vector256<ulong> common = Vector256.Create(_set) & Vector256.Create(other);
            common.CopyTo(_set);
            _live[0] = Held(common);
        }
        else
        {
            Keep(other);
        }
    }

    /// <summary>Has it any bit in common with another set?</summary>
    public bool Intersects(ReadOnlySpan<ulong> other)
    {
        ReadOnlySpan<ulong> set = Set;
        if (set.Length == BitSets.BlockWords)
        {
            return (Vector256.Create(set) & Vector256.Create(other)) != Vector256<ulong>.Zero;
        }

        ReadOnlySpan<ulong> live = Live;
        for (int part = 0; part < live.Length; part++)
        {
            for (ulong words = live[part]; words != 0; words &= words - 1)
            {
                int word = (part * WordBits) + BitOperations.TrailingZeroCount(words);
                if ((set[word] & other[word]) != 0)
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>How many bits it has in common with another set.</summary>
    public int CountCommon(ReadOnlySpan<ulong> other)
    {
        int bits = 0;
        ReadOnlySpan<ulong> set = Set;
        if (set.Length == BitSets.BlockWords)
        {
            for (int word = 0; word < BitSets.BlockWords; word++)
            {
                bits += BitOperations.PopCount(set[word] & other[word]);
            }

            return bits;
        }

        ReadOnlySpan<ulong> live = Live;
        for (int part = 0; part < live.Length; part++)
        {
            for (ulong words = live[part]; words != 0; words &= words - 1)
            {
                int word = (part * WordBits) + BitOperations.TrailingZeroCount(words);
                bits += BitOperations.PopCount(set[word] & other[word]);
            }
        }

        return bits;
    }

    private void Copy(ReadOnlySpan<ulong> other, ulong[] live)
    {
        Span<ulong> set = _set;
        for (int part = 0; part < live.Length; part++)
        {
            ulong words = 0;
            int from = part * WordBits;
            int end = Math.Min(from + WordBits, set.Length);
            for (int word = from; word < end; word += BitSets.BlockWords)
            {
                Vector256<ulong> block = Vector256.Create(other[word..]);
                block.CopyTo(set[word..]);
                words |= Held(block) << word;
            }

            live[part] = words;
        }
    }

    private void Keep(ReadOnlySpan<ulong> other)
    {
        ulong[] set = _set;
        ulong[] live = _live;
        for (int part = 0; part < live.Length; part++)
        {
            ulong kept = live[part];
            for (ulong words = kept; words != 0; words &= words - 1)
            {
                int place = BitOperations.TrailingZeroCount(words);
                int word = (part * WordBits) + place;
                ulong common = set[word] & other[word];
                set[word] = common;
                kept ^= (common == 0 ? 1UL : 0) << place;
            }

            live[part] = kept;
        }
    }

    /// <summary>Which words of a block hold any.</summary>
    private static ulong Held(Vector256<ulong> block) => ~Vector256.Equals(block, Vector256<ulong>.Zero).ExtractMostSignificantBits() & ((1U << BitSets.BlockWords) - 1);
}
