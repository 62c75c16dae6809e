using System.Text;
using Vedette.Audit.Decoding;
using Vedette.Audit.Events;
using Vedette.Detection.Engine;
using Xunit;

namespace Vedette.Detection.Tests.Engine;

public class FacetMemoryTests
{
    [Fact]
    public void A_row_is_only_ever_found_by_the_value_it_was_learnt_for_however_many_values_there_are()
    {
        const int Values = FacetMemory.MaxValues * 8;
        FacetMemory memory = new(0, 1);
        int found = 0;
        for (int i = 0; i < Values * 4; i++)
        {
            ulong value = (ulong)(i / 4 % Values);
            KeyedHash key = KeyOf($"value {value}");
            int row = memory.Find(key, out int place);
            if (place >= 0)
            {
                Assert.Equal(0, row);
                row = Learn(memory, key, place, [value]);
            }
            else
            {
                found += row > 0 ? 1 : 0;
            }

            Assert.True(row == 0 || memory[row][0] == value);
        }

        Assert.True(found > 0);
    }

    [Fact]
    public void Values_of_the_same_text_and_another_kind_have_rows_of_their_own()
    {
        FacetMemory memory = new(0, 1);
        string[] values = ["null", "\"null\"", "true", "\"true\"", "12", "\"12\"", "[]", "\"[]\""];
        for (int pass = 0; pass < 3; pass++)
        {
            for (int value = 0; value < values.Length; value++)
            {
                KeyedHash key = new();
                KeyOf(key, $"{{\"kind\":\"Event\",\"userAgent\":{values[value]},\"stage\":\"Panic\"}}");
                int row = memory.Find(key, out int place);
                if (place >= 0)
                {
                    Learn(memory, key, place, [(ulong)value]);
                }

                Assert.Equal(pass > 0 ? value : -1, row > 0 ? (int)memory[row][0] : -1);
            }
        }
    }

    [Fact]
    public void Rows_that_are_alike_are_there_once_and_too_many_different_ones_are_forgotten()
    {
        const int Words = FacetMemory.MaxRowBytes / sizeof(ulong) / 9;
        FacetMemory memory = new(0, Words);
        KeyedHash usual = KeyOf("kubectl");
        ulong[] row = new ulong[Words];
        Assert.Equal(Words, Learn(memory, usual, PlaceOf(memory, usual), row));
        for (int i = 1; i < 8; i++)
        {
            KeyedHash key = KeyOf($"value {i}");
            KeyedHash other = KeyOf($"other {i}");
            row[^1] = (ulong)i;
            Assert.Equal((i + 1) * Words, Learn(memory, key, PlaceOf(memory, key), row));
            Assert.Equal((i + 1) * Words, Learn(memory, other, PlaceOf(memory, other), row));
            Assert.Equal(Words, memory.Find(usual, out _));
        }

        KeyedHash last = KeyOf("last");
        row[^1] = 8;
        Assert.Equal(Words, Learn(memory, last, PlaceOf(memory, last), row));
        Assert.Equal(8UL, memory[memory.Find(last, out _)][^1]);
        Assert.Equal(0, memory.Find(usual, out _));
    }

    [Fact]
    public void Values_that_come_once_take_no_place_from_those_that_come_again()
    {
        FacetMemory memory = new(0, 1);
        KeyedHash usual = KeyOf("kubectl/v1.36.0");
        Assert.Equal((true, false), (Find(memory, usual), Find(memory, usual)));
        int learnt = 0;
        for (int i = 0; i < FacetMemory.MaxValues * 20; i++)
        {
            learnt += Find(memory, KeyOf($"made up {i}")) ? 1 : 0;
            Assert.True(i % 1_000 != 0 || memory.Find(usual, out _) > 0, $"forgotten after {i} others");
        }

        Assert.InRange(learnt, 1, FacetMemory.MaxValues - 1);
    }

    [Fact]
    public void Values_that_come_by_turns_are_all_remembered_while_there_are_places()
    {
        FacetMemory memory = new(0, 1);
        Random random = new(1);
        ulong[] secrets = [.. Enumerable.Range(0, KeyedHash.SecretWords).Select(_ => (ulong)random.NextInt64(long.MinValue, long.MaxValue))];
        KeyedHash[] values = [.. Enumerable.Range(0, FacetMemory.MaxValues / 16).Select(i => KeyOf($"value {i}", secrets))];
        for (int pass = 0; pass < 100; pass++)
        {
            Array.ForEach(values, value => Find(memory, value));
        }

        Assert.All(values, value => Assert.NotEqual(0, memory.Find(value, out _)));
    }

    [Fact]
    public void Working_out_rows_is_rationed_when_every_value_comes_just_twice()
    {
        FacetMemory memory = new(0, 1);
        const int Values = 200_000;
        int learnt = 0;
        for (int i = 0; i < Values * 2; i++)
        {
            learnt += Find(memory, KeyOf($"value {i / 2}")) ? 1 : 0;
        }

        Assert.InRange(learnt, 1, FacetMemory.MaxValues + Values * 2 / 8 + 1);
    }

    [Fact]
    public void What_follows_for_rules_is_that_of_the_first_value_with_the_same_answers()
    {
        FacetMemory memory = new(ruleWords: 2, answerWords: 1);
        KeyedHash first = KeyOf("first");
        KeyedHash same = KeyOf("same");
        int place = PlaceOf(memory, first);
        Assert.False(memory.TryLearn(first, place, [7], out _));
        int row = memory.Learn(first, place, [1, 2, 7]);
        Assert.True(memory.TryLearn(same, PlaceOf(memory, same), [7], out int found));
        Assert.Equal(row, found);
        Assert.Equal(row, memory.Find(same, out _));
        Assert.Equal([1UL, 2UL, 7UL], memory[row].ToArray());
        KeyedHash other = KeyOf("other");
        Assert.False(memory.TryLearn(other, PlaceOf(memory, other), [1], out _));
    }

    [Fact]
    public void Where_many_values_come_once_one_is_learnt_when_it_comes_again()
    {
        FacetMemory memory = new(0, 1, learnsAtOnce: false);
        KeyedHash once = KeyOf("once");
        KeyedHash again = KeyOf("again");
        Assert.False(Find(memory, again));
        Assert.False(Find(memory, once));
        Assert.True(Find(memory, again));
        Assert.NotEqual(0, memory.Find(again, out _));
    }

    private static int Learn(FacetMemory memory, KeyedHash key, int place, ReadOnlySpan<ulong> row) =>
        memory.TryLearn(key, place, row, out int found) ? found : memory.Learn(key, place, row);

    private static bool Find(FacetMemory memory, KeyedHash key)
    {
        _ = memory.Find(key, out int place);
        if (place >= 0)
        {
            Learn(memory, key, place, [0]);
        }

        return place >= 0;
    }

    private static int PlaceOf(FacetMemory memory, KeyedHash key)
    {
        Assert.Equal(0, memory.Find(key, out int place));
        Assert.NotEqual(-1, place);
        return place;
    }

    private static KeyedHash KeyOf(string text, ulong[]? secrets = null)
    {
        KeyedHash key = new(secrets);
        KeyOf(key, $"{{\"kind\":\"Event\",\"userAgent\":\"{text}\",\"stage\":\"Panic\"}}");
        return key;
    }

    private static void KeyOf(KeyedHash key, string json)
    {
        Assert.Equal(DecodeStatus.Ok, new EventDecoder().Decode(Encoding.UTF8.GetBytes(json), out EventView view));
        Assert.True(key.TryRead([AuditField.UserAgent], view));
    }
}
