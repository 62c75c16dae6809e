using System.Text;
using CsCheck;
using Vedette.Tests;
using Xunit;

namespace Vedette.Audit.Tests.Shapes;

/// <summary>
/// Lists as kube-apiserver writes them are read where they stand; with a blank after the first brace the same list goes the way of every envelope. Both must give the same, whatever is wrong.
/// </summary>
public class EventListTests
{
    private const string Start = """{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[""";

    private static readonly string s_item =
        """{"level":"Metadata","auditID":"a","stage":"ResponseComplete","requestURI":"/","verb":"get","user":{"username":"u"},"requestReceivedTimestamp":"2026-11-23T10:00:00.000000Z","stageTimestamp":"2026-11-23T10:00:00.000000Z"}""";

    private static readonly Gen<string> s_items = AnyOf(
        s_item, s_item, s_item, s_item + s_item, s_item.Replace("\"stage\"", "\"x\":1,\"stage\"", StringComparison.Ordinal), "1", "null", "\"text\"", "{", "}", "[", "]", "\"", "\\", "", " ", "\n",
        "{}", "[{]", """{"kind":"Pod"}""", Start + s_item + "]}", $$"""{"timestamp":1,"ingestionTime":2,"message":"{{s_item.Replace("\"", "\\\"", StringComparison.Ordinal)}}"}""");

    [Fact]
    public void A_list_of_any_items_gives_the_same_where_it_stands() =>
        Gen.Select(s_items.Array[0, 6], AnyOf(",", ",", ",", ", ", "", "]"), AnyOf("]}", "]}", "]} ", "]", "}", "],\"items\":[]}", "]}]}", "]},", "]}{}"))
            .Sample((items, between, end) => AssertSame(Start + string.Join(between, items) + end + "\n" + s_item + "\n"), iter: 20_000);

    [Fact]
    public void A_list_cut_or_garbled_anywhere_gives_the_same_where_it_stands()
    {
        byte[] list = SharedData.ReadCase("apiserver/eventlist-100.json.gz");
        string text = Encoding.UTF8.GetString(list).TrimEnd();
        string few = Start + string.Join(',', s_item, s_item, s_item) + "]}";
        for (int cut = 1; cut < few.Length; cut++)
        {
            AssertSame(few[..cut]);
            AssertSame(few[..cut] + "\n" + few);
        }

        Gen.Select(Gen.Int[1, text.Length - 1], AnyOf("", "\"", "\\", "{", "}", "[", "]", ",", "\n", "x"), Gen.Int[0, 3])
            .Sample((at, put, gone) => AssertSame(text[..at] + put + text[Math.Min(text.Length, at + gone)..] + "\n"), iter: 200);
    }

    private static Gen<string> AnyOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(index => texts[index]);

    private static void AssertSame(string list)
    {
        Intake inPlace = Intake.Read(list);
        Intake unwrapped = Intake.Read(list.StartsWith(Start, StringComparison.Ordinal) ? "{ " + list[1..] : list);
        Assert.Equal(unwrapped.Events, inPlace.Events);
        Assert.Equal(unwrapped.Origins, inPlace.Origins);
        Assert.Equal(unwrapped.Rejects, inPlace.Rejects);
    }
}
