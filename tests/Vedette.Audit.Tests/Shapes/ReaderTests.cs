using System.Text;
using CsCheck;
using Vedette.Tests;
using Xunit;

namespace Vedette.Audit.Tests.Shapes;

public class ReaderTests
{
    private static string Event(int number) =>
        $$$$"""{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"{{{{number}}}}","verb":"get","requestObject":{"text":"}]\n{[,","n":[1,{"a":null}]}}""";

    private static string Pretty(int number) => Event(number).Replace(",\"verb", ",\n  \"verb", StringComparison.Ordinal).Replace("null}]}}", "null}]}\n}", StringComparison.Ordinal);

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\n\n \n")]
    [InlineData("")]
    [InlineData(" , ")]
    public void Events_are_found_whatever_stands_between_them(string between)
    {
        Intake intake = Intake.Read("\uFEFF" + Event(1) + between + Event(2) + between + Event(3));
        Assert.Equal([Event(1), Event(2), Event(3)], intake.Events);
        Assert.Empty(intake.Rejects);
    }

    [Fact]
    public void Pretty_printed_and_array_documents_are_read_element_by_element()
    {
        string pretty = Pretty(7);
        Intake intake = Intake.Read($"[\n{pretty},\n{Event(8)}\n]\n{pretty}\n");
        Assert.Equal(3, intake.Events.Count);
        Assert.Empty(intake.Rejects);
        Assert.Equal("log:2", intake.Origins[0]);
    }

    [Fact]
    public void A_line_cut_short_is_rejected_alone_wherever_it_was_cut()
    {
        string whole = Event(1);
        for (int cut = 1; cut < whole.Length; cut++)
        {
            Intake intake = Intake.Read(Event(0) + "\n" + whole[..cut] + "\n" + Event(2) + "\n" + Event(3));
            Assert.Equal([Event(0), Event(2), Event(3)], intake.Events);
            string reject = Assert.Single(intake.Rejects);
            Assert.EndsWith(" log:2", reject, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_last_line_cut_short_is_rejected_as_truncated()
    {
        Intake intake = Intake.Read(Event(1) + "\n" + Event(2)[..50]);
        Assert.Equal([Event(1)], intake.Events);
        Assert.Equal(["truncated log:2"], intake.Rejects);
    }

    [Theory]
    [InlineData("hello", "not-json log:2")]
    [InlineData("17", "not-an-audit-event log:2")]
    [InlineData("\"text\"", "not-an-audit-event log:2")]
    [InlineData("{}", "not-an-audit-event log:2")]
    [InlineData("""{"kind":"Event","apiVersion":"v1","involvedObject":{},"reason":"Started"}""", "not-an-audit-event log:2")]
    [InlineData("""{"kind":"Policy","apiVersion":"audit.k8s.io/v1","rules":[]}""", "not-an-audit-event log:2")]
    [InlineData("""{"verb":"get" "stage":"x"}""", "not-json log:2")]
    [InlineData("I1124 12:00:00.000000       1 trace.go:236] Trace[1]: \"Update\"", "not-json log:2")]
    public void What_is_no_event_is_counted_by_reason_and_place(string line, string expected)
    {
        Intake intake = Intake.Read(Event(1) + "\n" + line + "\n" + Event(2));
        Assert.Equal([Event(1), Event(2)], intake.Events);
        Assert.Equal([expected], intake.Rejects);
    }

    [Fact]
    public void Items_of_an_event_list_are_events_without_kind()
    {
        Intake intake = Intake.Read(SharedData.ReadCase("apiserver/eventlist-100.json.gz"));
        Assert.Equal(100, intake.Events.Count);
        Assert.Empty(intake.Rejects);
        Assert.Equal("log:1[99]", intake.Origins[^1]);
        Assert.StartsWith("""{"level":""", intake.Events[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Invalid_UTF8_in_a_patch_and_truncated_events_are_events()
    {
        Assert.Equal(3, Intake.Read(File.ReadAllBytes(SharedData.Case("apiserver/samples-odd-bytes.log"))).Events.Count);
        Assert.Equal(5, Intake.Read(File.ReadAllBytes(SharedData.Case("apiserver/samples-truncated.jsonl"))).Events.Count);
    }

    [Fact]
    public void Where_the_input_is_cut_into_pieces_does_not_matter()
    {
        byte[] bytes = Encoding.UTF8.GetBytes(
            "\uFEFF" + Event(1) + "\r\n" + Event(2)[..40] + "\n[" + Event(3) + "," + Event(4) + "]\n" + Pretty(5) + "\n"
            + """{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[{"auditID":"a","verb":"get","stage":"Panic"},7]}""" + "\nnoise\n" + Event(6) + Event(7));
        Intake whole = Intake.Read(bytes);
        Assert.Equal(7, whole.Events.Count);
        Assert.Equal(3, whole.Rejects.Count);
        for (int cut = 1; cut < bytes.Length; cut++)
        {
            AssertSame(whole, Intake.Read(bytes, pieces: [cut, bytes.Length]));
        }

        AssertSame(whole, Intake.Read(bytes, pieces: [1]));
    }

    [Fact]
    public void Random_documents_in_random_framing_and_random_pieces_are_found()
    {
        Gen<string> between = Gen.OneOf("\n", "\n\n", "\r\n", " ", ",\n", "\n[", "]\n");
        Gen.Select(Gen.Int[0, 99].Array[1, 8], between.Array[8], Gen.Bool.Array[8], Gen.Int[1, 400].Array[1, 5]).Sample(
            (numbers, gaps, pretty, pieces) =>
            {
                StringBuilder text = new();
                for (int i = 0; i < numbers.Length; i++)
                {
                    string document = Event(numbers[i]);
                    text.Append(pretty[i] ? document.Replace(":{", ": {\n", StringComparison.Ordinal) : document).Append(gaps[i]);
                }

                Intake intake = Intake.Read(Encoding.UTF8.GetBytes(text.ToString()), pieces: pieces);
                Assert.Equal(numbers.Length, intake.Events.Count);
                Assert.Empty(intake.Rejects);
            },
            iter: 2_000);
    }

    [Fact]
    public void Damaged_input_never_throws_and_never_loses_a_later_line() =>
        Gen.Select(Gen.Byte.Array[0, 200], Gen.Int[1, 60].Array[1, 3]).Sample(
            (noise, pieces) =>
            {
                byte[] bytes = [.. Encoding.UTF8.GetBytes(Event(1) + "\n"), .. noise.Where(value => value is not ((byte)'{' or (byte)'[' or (byte)'"')), .. Encoding.UTF8.GetBytes("\n" + Event(2))];
                Intake intake = Intake.Read(bytes, pieces: pieces);
                Assert.Equal([Event(1), Event(2)], intake.Events);
                _ = Intake.Read(noise, pieces: pieces);
            },
            iter: 3_000);

    [Fact]
    public void Hostile_nesting_is_rejected_in_linear_time()
    {
        string open = string.Concat(Enumerable.Repeat("{\"a\":\n", 100_000));
        Intake intake = Intake.Read(open + Event(1));
        Assert.Equal(100_000, intake.Rejects.Count);
        Assert.Equal([Event(1)], intake.Events);
        Assert.Empty(Intake.Read(new string('[', 1_000_000)).Events);
    }

    [Fact]
    public void Many_documents_on_one_line_are_read_in_linear_time()
    {
        Intake intake = Intake.Read("[" + string.Join(',', Enumerable.Range(0, 20_000).Select(Event)) + "]");
        Assert.Equal(20_000, intake.Events.Count);
    }

    [Fact]
    public void A_document_over_the_limit_is_rejected_and_the_next_line_read()
    {
        byte[] bytes = Encoding.UTF8.GetBytes("{\"auditID\":\"" + new string('x', 5_000) + "\"}\n" + Event(1));
        foreach (int piece in new[] { bytes.Length, 700 })
        {
            Intake intake = Intake.Read(bytes, maxDocument: 1_000, pieces: [piece]);
            Assert.Equal([Event(1)], intake.Events);
            Assert.Equal(["too-large log:1"], intake.Rejects);
        }
    }

    public static TheoryData<string> InputsAtTheBound => new()
    {
        Event(1) + Event(2) + "," + Event(3) + "\n" + Event(4),
        Event(1) + Event(2)[..60] + "\n" + Event(3) + "\n",
        Event(1) + new string(' ', 300) + "\n" + Event(2),
        Event(1) + new string(' ', 300) + Event(2) + "\n" + Event(3),
        Pretty(1).Replace("\n", "\n" + new string(' ', 200), StringComparison.Ordinal) + "\n" + Event(2),
        string.Concat(Enumerable.Repeat("{\"a\":\n", 60)) + new string('}', 60) + "\n" + Pretty(1) + "\n" + Event(2),
    };

    [Theory]
    [MemberData(nameof(InputsAtTheBound))]
    public void What_is_too_large_does_not_depend_on_how_the_input_is_cut(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        int bound = Event(1).Length + 20;
        Intake whole = Intake.Read(bytes, bound);
        Assert.NotEmpty(whole.Events);
        for (int piece = 1; piece < bytes.Length; piece++)
        {
            AssertSame(whole, Intake.Read(bytes, bound, piece));
        }
    }

    private static void AssertSame(Intake expected, Intake actual)
    {
        Assert.Equal(expected.Events, actual.Events);
        Assert.Equal(expected.Origins, actual.Origins);
        Assert.Equal(expected.Rejects, actual.Rejects);
    }
}
