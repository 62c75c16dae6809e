using System.Text;
using CsCheck;
using Vedette.Audit.Json;
using Vedette.Audit.Tests.Decoding;
using Xunit;

namespace Vedette.Audit.Tests.Json;

public class JsonObjectMemoryTests
{
    private static readonly byte[][] s_missing = [[], "no such name"u8.ToArray()];

    private readonly JsonObjectMemory _memory = new();

    [Fact]
    public void Gives_what_reading_the_object_gives_the_first_time_and_again() =>
        GeneratedJson.Value(4).Array[1, 3].Sample(
            texts =>
            {
                JsonObjectMemory memory = new();
                foreach (string text in texts)
                {
                    memory.Forget();
                    Assert.True(new JsonScanner(Encoding.UTF8.GetBytes(text)).TryReadValue(out JsonValue value));
                    AssertSame(memory, value);
                    AssertSame(memory, value);
                }
            },
            iter: 5_000);

    [Fact]
    public void Of_members_with_the_same_name_the_last_wins()
    {
        JsonValue value = new("""{"a":1,"\u0061":{"b":2,"b":3},"c":""}"""u8, JsonKind.Object);
        for (int pass = 0; pass < 2; pass++)
        {
            Assert.Equal("3", _memory.Member(_memory.Member(value, "a"u8), "b"u8).AsString());
            Assert.Equal("", _memory.Member(value, "c"u8).AsString());
        }
    }

    [Fact]
    public void An_object_that_is_cut_off_has_the_members_before_the_cut()
    {
        JsonValue value = new("""{"a":1,"b":{"c":2},"d" """u8, JsonKind.Object);
        AssertSame(_memory, value);
        Assert.Equal("2", _memory.Member(_memory.Member(value, "b"u8), "c"u8).AsString());
    }

    [Fact]
    public void Other_kinds_have_no_members()
    {
        Assert.False(_memory.Member(new JsonValue("""[{"a":1}]"""u8, JsonKind.Array), "a"u8).Exists);
        Assert.False(_memory.Member(default, "a"u8).Exists);
    }

    [Fact]
    public void More_members_than_it_may_remember_are_found_all_the_same()
    {
        IEnumerable<string> members = Enumerable.Range(0, JsonObjectMemory.MaxMembers - 1).Select(i => $"\"m{i}\":{i}");
        JsonValue value = new(Encoding.UTF8.GetBytes($$$"""{"small":{"a":1,"b":2},"large":{{{{string.Join(',', members)}}}},"other":{"c":3}}"""), JsonKind.Object);
        for (int pass = 0; pass < 2; pass++)
        {
            Assert.Equal("2", _memory.Member(_memory.Member(value, "small"u8), "b"u8).AsString());
            Assert.Equal("7", _memory.Member(_memory.Member(value, "large"u8), "m7"u8).AsString());
            Assert.Equal("3", _memory.Member(_memory.Member(value, "other"u8), "c"u8).AsString());
        }
    }

    private static void AssertSame(JsonObjectMemory memory, JsonValue value)
    {
        foreach (JsonMember member in value.Members())
        {
            byte[] name = Encoding.UTF8.GetBytes(member.Name);
            JsonValue expected = value.Member(name);
            JsonValue found = memory.Member(value, name);
            Assert.Equal((expected.Kind, expected.IsEscaped, expected.AsString()), (found.Kind, found.IsEscaped, found.AsString()));
            AssertSame(memory, found);
        }

        foreach (JsonValue element in value.Elements())
        {
            AssertSame(memory, element);
        }

        foreach (byte[] name in s_missing)
        {
            Assert.Equal(value.Member(name).AsString(), memory.Member(value, name).AsString());
        }
    }
}
