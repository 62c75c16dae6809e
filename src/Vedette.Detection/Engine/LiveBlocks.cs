using System.Numerics;
using System.Runtime.Intrinsics;

namespace Vedette.Detection.Engine;

/// <summary>
/// A set of bits that is narrowed down, and which of its blocks hold any, so that a set which few are left of is narrowed down further without a look at the rest: rules about what an event is not are gone
/// after the first step, and cost no more than that, however many there are. A block is as many bits as a processor takes at once, and more than most have rules: narrowing one down has no branch that
/// depends on what is left, for whoever looks at the event next would wait until the processor has found out that it guessed wrong.
/// </summary>
/// <param name="all">The set to begin with; whole blocks.</param>
internal sealed class LiveBlocks(ulong[] all)
{
    private readonly ulong[] _set = new ulong[all.Length];
    private readonly int[] _blocks = new int[all.Length / BitSets.BlockWords];
    private readonly int[] _allBlocks = [.. Enumerable.Range(0, all.Length / BitSets.BlockWords).Select(block => block * BitSets.BlockWords)];
    private int _count;
    private bool _isAll = true;

    /// <summary>The set; only its blocks at <see cref="Places"/> count.</summary>
    public ReadOnlySpan<ulong> Set => _isAll ? all : _set;

    /// <summary>The first words of the blocks that hold any, in order.</summary>
    public ReadOnlySpan<int> Places => _isAll ? _allBlocks : _blocks.AsSpan(0, _count);

    /// <summary>How many bits there are.</summary>
    public int Count => CountCommon(Set);

    /// <summary>Begins anew, with a set that holds all.</summary>
    public void Begin() => _isAll = true;

    /// <summary>Keeps what is in another set, too, which has nothing that is not in the set to begin with.</summary>
    public void And(ReadOnlySpan<ulong> other)
    {
        // All of it in locals, so that it stays in registers.
        ulong[] set = _set;
        int[] blocks = _blocks;
        int kept = 0;
        if (_isAll)
        {
            for (int block = 0; block < set.Length; block += BitSets.BlockWords)
            {
                Keep(BlockAt(other, block), block, set, blocks, ref kept);
            }

            _isAll = false;
        }
        else
        {
            int count = _count;
            for (int i = 0; i < count; i++)
            {
                int block = blocks[i];
                Keep(BlockAt(set, block) & BlockAt(other, block), block, set, blocks, ref kept);
            }
        }

        _count = kept;
    }

    /// <summary>Has it any bit in common with another set?</summary>
    public bool Intersects(ReadOnlySpan<ulong> other)
    {
        ReadOnlySpan<ulong> set = Set;
        foreach (int block in Places)
        {
            if ((BlockAt(set, block) & BlockAt(other, block)) != Vector256<ulong>.Zero)
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
        foreach (int block in Places)
        {
            for (int word = block; word < block + BitSets.BlockWords; word++)
            {
                bits += BitOperations.PopCount(set[word] & other[word]);
            }
        }

        return bits;
    }

    private static Vector256<ulong> BlockAt(ReadOnlySpan<ulong> words, int at) => Vector256.Create(words.Slice(at, BitSets.BlockWords));

    private static void Keep(Vector256<ulong> left, int block, ulong[] set, int[] blocks, ref int kept)
    {
        left.CopyTo(set, block);
        blocks[kept] = block;
        kept += left == Vector256<ulong>.Zero ? 0 : 1;
    }
}
