using System.Text;
using CsCheck;
using Vedette.Audit.Batches;
using Vedette.Audit.Shapes;
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

    [Fact]
    public void A_list_of_any_items_gives_the_same_when_another_reads_it_from_somewhere_on()
    {
        // Mostly what can be divided: by anything at all, hardly any list would be.
        Gen<string> mostlyEvents = Gen.Frequency((5, Gen.Const(s_item)), (1, s_items));
        Gen<string> separators = Gen.Frequency((9, Gen.Const(",")), (1, AnyOf(", ", "", "]")));
        Gen<string> ends = Gen.Frequency((3, AnyOf("]}", "]}\n")), (1, AnyOf("]} ", "]", "}", "],\"items\":[]}", "]}]}", "]},", "]}{}", "]}\n{}")));
        Gen<int> closings = Gen.Frequency((3, Gen.Const(2)), (1, Gen.Int[0, 4]));
        int divided = 0;
        Gen.Select(mostlyEvents.Array[0, 6], separators, ends, Gen.Double[0, 1], closings)
            .Sample(
                (items, between, end, part, fromEnd) =>
                {
                    byte[] list = Encoding.UTF8.GetBytes(Start + string.Join(between, items) + end);
                    int at = (int)(part * list.Length);
                    int next = list.AsSpan(at).IndexOf("},{"u8);
                    int start = next < 0 ? at : at + next + 2;
                    divided += AssertSameInHalves(list, new EventListHalf(start, Math.Max(start, list.Length - fromEnd))) ? 1 : 0;
                },
                iter: 20_000, threads: 1);
        Assert.NotEqual(0, divided);
    }

    [Fact]
    public void A_guessed_half_is_right_for_what_kube_apiserver_writes()
    {
        byte[] list = SharedData.ReadCase("apiserver/eventlist-100.json.gz");
        Assert.True(EventListHalf.TryGuess(list, out EventListHalf half));
        Assert.True(AssertSameInHalves(list, half));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData(Start + "]}")]
    [InlineData("""{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[{"level":"Metadata"},{"level":"Metadata"}]}""")]
    public void What_is_no_list_of_several_events_is_not_divided(string text) => Assert.False(EventListHalf.TryGuess(Encoding.UTF8.GetBytes(text), out _));

    [Fact]
    public void What_looks_like_an_event_inside_a_body_is_no_place_to_divide_at()
    {
        string large = s_item.Replace("\"stage\"", $$"""
            "requestObject":{"a":"{{new string('x', 2_000)}}","items":[{"level":"a"},{"level":"b"},{"level":"c"}]},"stage"
            """.Trim(), StringComparison.Ordinal);
        byte[] list = Encoding.UTF8.GetBytes(Start + s_item + "," + large + "," + s_item + "]}");
        int inside = list.AsSpan().IndexOf("{\"level\":\"b\""u8);
        Assert.False(AssertSameInHalves(list, new EventListHalf(inside, list.Length - 2)));
    }

    [Fact]
    public void What_looks_like_a_half_and_is_none_is_given_up_at_its_first_item_that_is_no_event()
    {
        string body = string.Join(',', Enumerable.Repeat("""{"level":"a"}""", 100));
        byte[] list = Encoding.UTF8.GetBytes(Start + s_item.Replace("\"stage\"", $"\"requestObject\":[{body}],\"stage\"", StringComparison.Ordinal) + "]}");
        Assert.True(EventListHalf.TryGuess(list, out EventListHalf half));
        List<RejectReason> rejects = [];
        using EventBatch batch = new();
        batch.Append(list);
        AuditLogReader reader = new("log", new RejectLog((reason, _, _) => rejects.Add(reason)));
        reader.Begin(batch, half);
        Assert.False(reader.TryRead(out _));
        Assert.True(reader.HasGivenUp);
        Assert.Single(rejects);
    }

    private static bool AssertSameInHalves(byte[] list, EventListHalf half)
    {
        Intake whole = Intake.ReadWhole(list);
        Intake halves = Intake.ReadHalves(list, half, out bool isDivided);
        Assert.Equal(whole.Events, halves.Events);
        Assert.Equal(whole.Rejects, halves.Rejects);
        return isDivided;
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
