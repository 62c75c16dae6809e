using System.Numerics;
using CsCheck;
using Vedette.Detection.Engine;
using Xunit;

namespace Vedette.Detection.Tests.Engine;

public class LiveWordsTests
{
    // Few bits, so that whole blocks are left empty; of one block, of several, and of no whole number of them.
    private static readonly Gen<(int Count, int[][] Sets, int[] Asked)> s_sets =
        from count in Gen.OneOf(Gen.Const(1), Gen.Const(100), Gen.Const(256), Gen.Const(257), Gen.Const(1_000), Gen.Const(4_096), Gen.Const(5_000))
        from sets in Gen.Int[0, count - 1].Array[0, 40].Array[0, 4]
        from asked in Gen.Int[0, count - 1].Array[0, 5]
        select (count, sets, asked);

    [Fact]
    public void What_is_left_is_what_all_sets_have_and_is_found_in_the_words_named() => s_sets.Sample(
        sample =>
        {
            LiveWords live = new(BitSets.All(sample.Count));
            for (int events = 0; events < 2; events++)
            {
                HashSet<int> expected = [.. Enumerable.Range(0, sample.Count)];
                live.Begin();
                AssertSame(expected, sample.Asked, sample.Count, live);
                foreach (int[] set in sample.Sets)
                {
                    expected.IntersectWith(set);
                    live.And(BitSets.Of(sample.Count, set));
                    AssertSame(expected, sample.Asked, sample.Count, live);
                }
            }
        },
        iter: 2_000);

    private static void AssertSame(HashSet<int> expected, int[] asked, int count, LiveWords live)
    {
        List<int> found = [];
        for (int word = 0; word < live.Set.Length; word++)
        {
            int before = found.Count;
            if (BitSets.Contains(live.Live, word))
            {
                for (ulong bits = live.Set[word]; bits != 0; bits &= bits - 1)
                {
                    found.Add(word * 64 + BitOperations.TrailingZeroCount(bits));
                }

                Assert.True(found.Count > before);
            }
        }

        Assert.Equal(expected.Order(), found);
        Assert.Equal(expected.Count, live.Count);
        Assert.Equal(expected.Overlaps(asked), live.Intersects(BitSets.Of(count, asked)));
        Assert.Equal(asked.Distinct().Count(expected.Contains), live.CountCommon(BitSets.Of(count, asked)));
    }
}
