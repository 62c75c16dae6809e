using System.Buffers;
using System.Text;
using System.Text.Json;
using CsCheck;
using Vedette.Audit.Decoding;
using Vedette.Audit.Events;
using Vedette.Audit.Shapes;
using Vedette.Audit.Tests.Decoding;
using Xunit;

namespace Vedette.Audit.Tests.Shapes;

public class EventNormalizerTests
{
    [Theory]
    [InlineData(
        """{"verb":"get","kind":"Event","level":"Metadata","apiVersion":"audit.k8s.io/v1"}""",
        """{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","verb":"get"}""")]
    [InlineData(
        "{ \"verb\" : \"get\",\n \"extra\": [ 1, {\"a b\": \" c \"} ] ,\"verb\":\"list\"}",
        """{"kind":"Event","apiVersion":"audit.k8s.io/v1","verb":"list","extra":[1,{"a b":" c "}]}""")]
    [InlineData(
        """{"kind":"Event","apiVersion":"audit.k8s.io/v1beta1","metadata":{"creationTimestamp":"x"},"timestamp":"2017-09-11T19:55:05Z","verb":"get"}""",
        """{"kind":"Event","apiVersion":"audit.k8s.io/v1","verb":"get","requestReceivedTimestamp":"2017-09-11T19:55:05Z"}""")]
    [InlineData(
        """{"verb":"get","user":{"username":"a\u003c\"b"},"x":null,"n":1e5}""",
        """{"kind":"Event","apiVersion":"audit.k8s.io/v1","verb":"get","user":{"username":"a\u003c\"b"},"x":null,"n":1e5}""")]
    public void An_event_is_written_compactly_in_the_order_of_the_type(string json, string expected) => Assert.Equal(expected, Normalize(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void Bytes_that_are_not_UTF8_become_replacement_characters()
    {
        string text = Normalize([.. "{\"verb\":\"a"u8, 0xff, .. "b\",\"requestObject\":{\"x\":\""u8, 0xc3, .. "\"}}"u8]);
        Assert.Equal("""{"kind":"Event","apiVersion":"audit.k8s.io/v1","verb":"a�b","requestObject":{"x":"�"}}""", text);
    }

    [Fact]
    public void Whatever_comes_in_one_line_of_JSON_comes_out_that_reads_the_same_again() =>
        GeneratedJson.Event.Sample(
            json =>
            {
                string once = Normalize(Encoding.UTF8.GetBytes(json));
                Assert.DoesNotContain('\n', once);
                JsonDocument.Parse(once).Dispose();
                Assert.Equal(once, Normalize(Encoding.UTF8.GetBytes(once)));
            },
            iter: 3_000);

    private static string Normalize(byte[] json)
    {
        Assert.Equal(DecodeStatus.Ok, new EventDecoder().Decode(json, out EventView view));
        ArrayBufferWriter<byte> buffer = new();
        EventNormalizer.Write(view, buffer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
