using System.Text;
using CsCheck;
using Vedette.Audit.Json;
using Vedette.Audit.Tests.Decoding;
using Xunit;

namespace Vedette.Audit.Tests.Json;

public class JsonValueTests
{
    [Fact]
    public void Reading_member_by_member_gives_what_JsonNode_gives() =>
        GeneratedJson.Value(4).Sample(
            json =>
            {
                Assert.True(new JsonScanner(Encoding.UTF8.GetBytes(json)).TryReadValue(out JsonValue value));
                AssertSame(System.Text.Json.JsonDocument.Parse(json).RootElement, value);
            },
            iter: 5_000);

    [Theory]
    [InlineData("""a\"b\\c\/d\b\f\n\r\t""", "a\"b\\c/d\b\f\n\r\t")]
    [InlineData("""\u0041\u00e9\u65e5""", "Aé日")]
    [InlineData("""\ud83d\ude00!""", "😀!")]
    [InlineData("""\ud83d!""", "\ufffd!")]
    [InlineData("""\ude00\ud83d""", "\ufffd\ufffd")]
    [InlineData("""\ud83d\u0041""", "\ufffdA")]
    [InlineData("""\x\u12""", """\x\u12""")]
    [InlineData("""tail\""", """tail\""")]
    public void Escapes_are_resolved_as_Go_does(string raw, string expected)
    {
        JsonValue value = new(Encoding.UTF8.GetBytes(raw), JsonKind.String);
        Assert.Equal(expected, value.AsString());
        Assert.True(value.StringEquals(Encoding.UTF8.GetBytes(expected)));
        Assert.False(value.StringEquals(Encoding.UTF8.GetBytes(expected + "x")));
    }

    [Fact]
    public void Of_members_with_the_same_name_the_last_wins() =>
        Assert.Equal("2", new JsonValue("""{"a":1,"\u0061":2,"b":3}"""u8, JsonKind.Object).Member("a"u8).AsString());

    [Theory]
    [InlineData("0", JsonKind.Number)]
    [InlineData("-0.5e+10", JsonKind.Number)]
    [InlineData("01", JsonKind.Missing)]
    [InlineData("1.", JsonKind.Missing)]
    [InlineData("-", JsonKind.Missing)]
    [InlineData("1e", JsonKind.Missing)]
    [InlineData("+1", JsonKind.Missing)]
    [InlineData("NaN", JsonKind.Missing)]
    [InlineData("nul", JsonKind.Missing)]
    [InlineData("true", JsonKind.True)]
    [InlineData("False", JsonKind.Missing)]
    public void Literals_and_numbers_follow_the_grammar(string text, JsonKind expected)
    {
        new JsonScanner(Encoding.UTF8.GetBytes(text)).TryReadValue(out JsonValue value);
        Assert.Equal(expected, value.Kind);
    }

    [Fact]
    public void A_walk_over_broken_JSON_ends()
    {
        int members = 0;
        foreach (JsonMember member in new JsonValue("""{"a":1,"b":[1,2}"c"""u8, JsonKind.Object).Members())
        {
            Assert.NotEqual("c", member.Name);
            members++;
        }

        Assert.InRange(members, 1, 2);
    }

    private static void AssertSame(System.Text.Json.JsonElement expected, JsonValue actual)
    {
        switch (expected.ValueKind)
        {
            case System.Text.Json.JsonValueKind.Object:
                Assert.Equal(JsonKind.Object, actual.Kind);
                JsonMembers members = actual.Members();
                foreach (System.Text.Json.JsonProperty property in expected.EnumerateObject())
                {
                    Assert.True(members.MoveNext());
                    AssertSame(property.Value, members.Current.Value);
                    if (TryText(() => property.Name, out string? name))
                    {
                        Assert.Equal(name, members.Current.Name);
                    }
                }

                Assert.False(members.MoveNext());
                break;
            case System.Text.Json.JsonValueKind.Array:
                Assert.Equal(JsonKind.Array, actual.Kind);
                JsonElements elements = actual.Elements();
                foreach (System.Text.Json.JsonElement item in expected.EnumerateArray())
                {
                    Assert.True(elements.MoveNext());
                    AssertSame(item, elements.Current);
                }

                Assert.False(elements.MoveNext());
                break;
            case System.Text.Json.JsonValueKind.String:
                Assert.Equal(JsonKind.String, actual.Kind);
                if (TryText(() => expected.GetString()!, out string? text))
                {
                    Assert.Equal(text, actual.AsString());
                }

                break;
            default:
                Assert.Equal(expected.GetRawText(), actual.AsString() ?? "null");
                break;
        }
    }

    // System.Text.Json refuses lone surrogates, which we replace.
    private static bool TryText(Func<string> read, out string? text)
    {
        try
        {
            text = read();
            return true;
        }
        catch (InvalidOperationException)
        {
            text = null;
            return false;
        }
    }
}
