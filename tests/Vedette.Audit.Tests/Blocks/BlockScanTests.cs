using System.Text;
using CsCheck;
using Vedette.Audit.Blocks;
using Vedette.Audit.Decoding;
using Vedette.Audit.Events;
using Xunit;

namespace Vedette.Audit.Tests.Blocks;

/// <summary>Every width of vectors against a loop over bytes, with what matters at every place of a block.</summary>
public class BlockScanTests
{
    // Mostly letters, so that what is looked for may lie blocks away.
    private static readonly Gen<byte[]> s_text = Gen.Frequency(
        (20, Gen.Const((byte)'a')), (1, Gen.Int[0, 4].Select(place => "\"\\\n\u0080\u00ff"[place]).Select(character => (byte)character))).Array[0, 300];

    private delegate int LineEnd(ReadOnlySpan<byte> text, out bool isAscii);

    private delegate int StringEnd(ReadOnlySpan<byte> json, int at, int limit, out bool isEscaped);

    private static readonly LineEnd[] s_lineEnds =
        [BlockScan<ScalarKernel>.LineEnd, BlockScan<Vector128Kernel>.LineEnd, BlockScan<Vector256Kernel>.LineEnd, BlockScan<Vector512Kernel>.LineEnd];

    private static readonly StringEnd[] s_stringEnds =
        [BlockScan<ScalarKernel>.StringEnd, BlockScan<Vector128Kernel>.StringEnd, BlockScan<Vector256Kernel>.StringEnd, BlockScan<Vector512Kernel>.StringEnd];

    [Fact]
    public void A_lines_end_is_its_first_line_feed_and_bytes_behind_it_say_nothing_about_it() => s_text.Sample(
        text =>
        {
            int expected = Array.IndexOf(text, (byte)'\n') is >= 0 and var found ? found : text.Length;
            foreach (LineEnd lineEnd in s_lineEnds)
            {
                Assert.Equal(expected, lineEnd(text, out bool isAscii));
                Assert.Equal(Array.FindIndex(text, 0, expected, value => value >= 0x80) < 0, isAscii);
            }
        },
        iter: 5_000);

    [Fact]
    public void A_strings_end_is_its_first_quote_that_no_backslash_takes_away() => Gen.Select(s_text, Gen.Int[0, 300], Gen.Int[0, 300]).Sample(
        (text, from, to) =>
        {
            int at = Math.Min(from, text.Length);
            int limit = Math.Clamp(to, at, text.Length);
            (int end, bool isEscaped) = ObviousEnd(text, at);
            foreach (StringEnd stringEnd in s_stringEnds)
            {
                int found = stringEnd(text, at, limit, out bool escapes);
                if (end < limit)
                {
                    Assert.Equal((end, isEscaped), (found, escapes));
                }
                else
                {
                    Assert.True(found >= limit, $"{found} was found, {end} is the end, {limit} the limit");
                }
            }
        },
        iter: 5_000);

    [Theory]
    [InlineData((byte)0x80)]
    [InlineData((byte)0xff)]
    public void A_line_in_invalid_UTF_8_is_not_taken_as_kube_apiserver_writes_none(byte bad)
    {
        byte[] line = Encoding.UTF8.GetBytes(
            """{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"?","stage":"ResponseComplete","requestURI":"/","verb":"get","user":{"username":"ü"},"requestReceivedTimestamp":"t","stageTimestamp":"t"}""");
        foreach (SimdWidth width in Enum.GetValues<SimdWidth>())
        {
            EventDecoder decoder = new(width);
            Assert.True(decoder.TryDecodeLine(line, isFinal: true, FieldSet.All, out _, out int end));
            Assert.Equal(line.Length, end);
            byte[] damaged = [.. line];
            damaged[Array.IndexOf(line, (byte)'?')] = bad;
            Assert.False(decoder.TryDecodeLine(damaged, isFinal: true, FieldSet.All, out _, out _));
        }
    }

    private static (int End, bool IsEscaped) ObviousEnd(byte[] text, int at)
    {
        bool isEscaped = false;
        for (; at < text.Length && text[at] != '"'; at++)
        {
            if (text[at] == '\\')
            {
                isEscaped = true;
                at++;
            }
        }

        return (Math.Min(at, text.Length), isEscaped);
    }
}
