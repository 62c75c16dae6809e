using System.Text;
using Vedette.Detection.Engine;
using Xunit;

namespace Vedette.Detection.Tests.Engine;

public class FacetMemoryTests
{
    [Fact]
    public void A_row_is_only_ever_found_by_the_value_it_was_learnt_for_however_many_values_there_are()
    {
        const int Values = FacetMemory.MaxValues * 8;
        FacetMemory memory = new(1);
        int found = 0;
        for (int i = 0; i < Values * 4; i++)
        {
            ulong value = (ulong)(i / 4 % Values);
            byte[] key = Encoding.ASCII.GetBytes($"value {value}");
            ulong[]? row = memory.Find(0, key, out int place);
            if (place >= 0)
            {
                Assert.Null(row);
                memory.Learn(0, key, place)[0] = value;
            }
            else if (row is not null)
            {
                Assert.Equal(value, row[0]);
                found++;
            }
        }

        Assert.True(found > 0);
    }

    [Fact]
    public void Values_of_the_same_text_and_another_kind_have_rows_of_their_own()
    {
        FacetMemory memory = new(1);
        for (int pass = 0; pass < 3; pass++)
        {
            for (int kind = 0; kind < 4; kind++)
            {
                ulong[]? row = memory.Find(kind, "null"u8, out int place);
                if (place >= 0)
                {
                    memory.Learn(kind, "null"u8, place)[0] = (ulong)kind;
                }

                Assert.Equal(pass == 2 ? (ulong)kind : null, row?[0]);
            }
        }
    }

    [Fact]
    public void Values_that_come_once_take_no_place_from_those_that_come_again()
    {
        FacetMemory memory = new(1);
        byte[] usual = Encoding.ASCII.GetBytes("kubectl/v1.36.0");
        Assert.Equal((false, true), (Find(memory, usual), Find(memory, usual)));
        for (int i = 0; i < FacetMemory.MaxValues * 20; i++)
        {
            Assert.False(Find(memory, Encoding.ASCII.GetBytes($"made up {i}")));
            Assert.True(i % 1_000 != 0 || memory.Find(0, usual, out _) is not null, $"forgotten after {i} others");
        }
    }

    [Fact]
    public void Values_that_come_by_turns_are_all_remembered_while_there_are_places()
    {
        FacetMemory memory = new(1, seed: 1);
        byte[][] values = [.. Enumerable.Range(0, FacetMemory.MaxValues / 16).Select(i => Encoding.ASCII.GetBytes($"value {i}"))];
        for (int pass = 0; pass < 100; pass++)
        {
            Array.ForEach(values, value => Find(memory, value));
        }

        Assert.All(values, value => Assert.NotNull(memory.Find(0, value, out _)));
    }

    [Fact]
    public void Working_out_rows_is_rationed_when_every_value_comes_just_twice()
    {
        FacetMemory memory = new(1);
        const int Values = 200_000;
        int learnt = 0;
        for (int i = 0; i < Values * 2; i++)
        {
            learnt += Find(memory, Encoding.ASCII.GetBytes($"value {i / 2}")) ? 1 : 0;
        }

        Assert.InRange(learnt, 1, FacetMemory.MaxValues + Values * 2 / 8 + 1);
    }

    private static bool Find(FacetMemory memory, byte[] key)
    {
        _ = memory.Find(0, key, out int place);
        if (place >= 0)
        {
            memory.Learn(0, key, place);
        }

        return place >= 0;
    }
}
