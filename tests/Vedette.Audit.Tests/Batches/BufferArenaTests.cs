using CsCheck;
using Vedette.Audit.Batches;
using Xunit;

namespace Vedette.Audit.Tests.Batches;

public class BufferArenaTests
{
    private const int Page = BufferArena.PageLength;
    private const int Pages = 40;

    [Fact]
    public void Whatever_is_lent_and_given_back_nobody_has_what_another_has_and_the_bound_is_kept() => Gen.Select(Gen.Int[1, 12 * Page], Gen.Int[0, 3], Gen.Int[0, 1000]).Array[1, 200].Sample(steps =>
    {
        BufferArena arena = new(Pages * Page);
        List<(BatchBuffer Buffer, byte Mark)> lent = [];
        byte next = 0;
        foreach ((int length, int step, int which) in steps)
        {
            if (step < 2)
            {
                bool isLent = arena.TryRent(length, out BatchBuffer buffer);
                Assert.Equal(LongestFree(lent) >= Ceiling(length), isLent);
                if (isLent)
                {
                    Assert.Equal(Ceiling(length) * Page, buffer.Length);
                    buffer.Span.Fill(++next);
                    lent.Add((buffer, next));
                }
            }
            else if (lent.Count > 0)
            {
                int at = which % lent.Count;
                (BatchBuffer buffer, byte mark) = lent[at];
                lent.RemoveAt(at);
                int kept = step == 2 ? 0 : Math.Min(length, buffer.Length);
                BatchBuffer rest = arena.Return(buffer, kept);
                Assert.Equal(kept, rest.Length);
                if (kept > 0)
                {
                    lent.Add((rest, mark));
                }
            }

            Assert.All(lent, one => Assert.False(one.Buffer.Span.ContainsAnyExcept(one.Mark)));
            Assert.Equal(lent.Sum(one => one.Buffer.Held), arena.Used);
            Assert.InRange(arena.Used, 0, arena.Capacity);
        }

        lent.ForEach(one => arena.Return(one.Buffer, 0));
        Assert.True(arena.TryRent(Pages * Page, out _), "what was given back is one piece again");
        Assert.False(arena.TryRent(1, out _));
    });

    [Fact]
    public void The_first_place_that_is_long_enough_is_taken_so_that_what_was_never_needed_costs_nothing()
    {
        BufferArena arena = new(Pages * Page);
        Assert.True(arena.TryRent(2 * Page, out BatchBuffer first));
        Assert.True(arena.TryRent(Page, out BatchBuffer second));
        arena.Return(first, 0);
        Assert.True(arena.TryRent(Page, out BatchBuffer again));
        Assert.Equal((first.Start, first.Array), (again.Start, again.Array));
        Assert.True(arena.TryRent(2 * Page, out BatchBuffer longer));
        Assert.Equal(second.Start + Page, longer.Start);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(Page - 1)]
    public void One_without_a_page_lends_nothing(long capacity) => Assert.False(new BufferArena(capacity).TryRent(1, out _));

    private static int Ceiling(int length) => (length + Page - 1) / Page;

    /// <summary>The longest run of pages that nobody has.</summary>
    private static int LongestFree(List<(BatchBuffer Buffer, byte Mark)> lent)
    {
        bool[] taken = new bool[Pages];
        foreach ((BatchBuffer buffer, _) in lent)
        {
            taken.AsSpan(buffer.Start / Page, Ceiling(buffer.Length)).Fill(true);
        }

        int longest = 0;
        for (int page = 0, run = 0; page < Pages; page++)
        {
            run = taken[page] ? 0 : run + 1;
            longest = Math.Max(longest, run);
        }

        return longest;
    }
}
