using System.Runtime.Intrinsics;
using Vedette.Detection.Engine;
using Xunit;

namespace Vedette.Detection.Tests.Engine;

public class SharedRowsTests
{
    [Fact]
    public void What_one_memory_learnt_another_has_without_its_being_worked_out_again()
    {
        SharedRows shared = new(words: 2);
        FacetMemory first = new(ruleWords: 1, answerWords: 1, shared: shared);
        FacetMemory second = new(ruleWords: 1, answerWords: 1, shared: shared);
        KeyedHash key = KeyOf("kubectl");
        KeyedHash same = KeyOf("curl");
        Assert.Equal(0, first.Find(key, out int place));
        first.Learn(key, place, [1, 7]);
        Assert.Equal(0, first.Find(same, out place));
        Assert.True(first.TryLearn(same, place, [7], out _));

        foreach (KeyedHash value in new[] { key, same, key })
        {
            int row = second.Find(value, out place);
            Assert.Equal(-1, place);
            Assert.Equal([1UL, 7UL], second[row].ToArray());
        }

        Assert.Equal(0, second.Find(KeyOf("wget"), out place));
        Assert.NotEqual(-1, place);
    }

    [Fact]
    public void A_row_is_only_ever_found_by_the_value_it_was_added_for_and_the_first_ones_stay()
    {
        SharedRows shared = new(words: 1);
        shared.Add(ValueOf(0), [0]);
        int found = 0;
        for (ulong i = 1; i < 10 * FacetMemory.MaxValues; i++)
        {
            shared.Add(ValueOf(i), [i % 100]);
            ReadOnlySpan<ulong> row = shared.Find(ValueOf(i));
            Assert.True(row.IsEmpty || row[0] == i % 100);
            found += row.IsEmpty ? 0 : 1;
        }

        Assert.InRange(found, FacetMemory.MaxValues / 2, FacetMemory.MaxValues - 1);
        Assert.Equal([0UL], shared.Find(ValueOf(0)).ToArray());
    }

    [Fact]
    public void Rows_that_are_alike_are_kept_once_and_of_different_ones_not_more_than_there_is_room_for()
    {
        SharedRows shared = new(words: 2);
        shared.Add(ValueOf(1), [5, 6]);
        shared.Add(ValueOf(2), [5, 6]);
        Assert.True(shared.Find(ValueOf(1)) == shared.Find(ValueOf(2)));
        int kept = 0;
        for (ulong i = 3; i < FacetMemory.MaxValues / 2; i++)
        {
            shared.Add(ValueOf(i), [i, 0]);
            kept += shared.Find(ValueOf(i)).IsEmpty ? 0 : 1;
        }

        Assert.InRange(kept, 1, SharedRows.MaxRows - 1);
    }

    [Theory]
    [InlineData(10_000)]
    [InlineData(2_000_000)]
    public void Large_rows_are_kept_while_they_take_no_more_than_those_of_one_thread_may(int words)
    {
        SharedRows shared = new(words);
        ulong[] row = new ulong[words];
        int kept = 0;
        for (ulong i = 0; i < 500; i++)
        {
            row[0] = i;
            shared.Add(ValueOf(i), row);
            kept += shared.Find(ValueOf(i)).IsEmpty ? 0 : 1;
        }

        // Four at least, so that there are any.
        Assert.InRange((long)kept * words * sizeof(ulong), 1, Math.Max(FacetMemory.MaxRowBytes, 4L * words * sizeof(ulong)));
    }

    [Fact]
    public void Threads_that_add_and_look_at_once_find_what_was_added_or_nothing()
    {
        SharedRows shared = new(words: 1);
        using Barrier start = new(2);
        int found = 0;
        Thread[] threads = [.. Enumerable.Range(0, 2).Select(_ => new Thread(() =>
        {
            start.SignalAndWait();
            for (ulong i = 0; i < 20_000; i++)
            {
                ulong value = i % 2_000;
                ReadOnlySpan<ulong> row = shared.Find(ValueOf(value));
                if (row.IsEmpty)
                {
                    shared.Add(ValueOf(value), [value % 7, value % 11]);
                }
                else if (row[0] == value % 7 && row[1] == value % 11)
                {
                    Interlocked.Increment(ref found);
                }
                else
                {
                    found = int.MinValue;
                }
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.InRange(found, 20_000, 40_000);
    }

    private static Vector256<ulong> ValueOf(ulong number)
    {
        Random random = new((int)number);
        return Vector256.Create((ulong)random.NextInt64(), (ulong)random.NextInt64(), (ulong)random.NextInt64(), 0);
    }

    private static KeyedHash KeyOf(string text)
    {
        KeyedHash key = new();
        key.Read(System.Text.Encoding.UTF8.GetBytes(text));
        return key;
    }
}
