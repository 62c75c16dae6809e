using System.Text;
using CsCheck;
using Vedette.Audit.Blocks;
using Vedette.Audit.Decoding;
using Vedette.Audit.Events;
using Vedette.Audit.Json;
using Xunit;

namespace Vedette.Audit.Tests.Blocks;

/// <summary>Every width of vectors against a loop over bytes, with what matters at every place of a block.</summary>
public class BlockScanTests
{
    // Mostly letters, so that what is looked for may lie blocks away.
    private static readonly Gen<byte[]> s_text = Gen.Frequency(
        (20, Gen.Const((byte)'a')), (1, Gen.Int[0, 4].Select(place => "\"\\\n\u0080\u00ff"[place]).Select(character => (byte)character))).Array[0, 300];

    // Brackets, quotes and backslashes among letters, so that a container may end in any block or in none.
    private static readonly Gen<byte[]> s_containers = Gen.Frequency(
        (12, Gen.Const((byte)'a')), (5, Gen.Int[0, 7].Select(place => (byte)"{}[]\"\"\\}"[place]))).Array[0, 300].Select(rest => (byte[])[(byte)'{', .. rest]);

    // Letters, and among them what strings and white space are made of, which mostly goes into strings.
    private static readonly Gen<byte[]> s_tokens = Gen.Frequency(
        (6, Gen.Const("aaaaaaaa")), (3, Gen.Int[0, 40].Select(length => $"\"{new string(' ', length)}\"")), (2, Gen.Const("\"a \\\" \\\\\"")), (1, Gen.Int[0, 5].Select(place => " \n\t\r\"\\".Substring(place, 1))))
        .Array[0, 40].Select(parts => Encoding.UTF8.GetBytes(string.Concat(parts)));

    private delegate bool IsCompact(ReadOnlySpan<byte> json);

    private static readonly IsCompact[] s_areCompact =
        [BlockScan<ScalarKernel>.IsCompact, BlockScan<Vector128Kernel>.IsCompact, BlockScan<Vector256Kernel>.IsCompact, BlockScan<Vector512Kernel>.IsCompact];

    private delegate int ShortLength(ref byte block);

    private static readonly ShortLength[] s_shortLengths =
        [BlockScan<ScalarKernel>.ShortLength, BlockScan<Vector128Kernel>.ShortLength, BlockScan<Vector256Kernel>.ShortLength, BlockScan<Vector512Kernel>.ShortLength];

    private delegate int LineEnd(ReadOnlySpan<byte> text, out bool isAscii);

    private delegate int StringEnd(ReadOnlySpan<byte> json, int at, int limit, out bool isEscaped);

    private delegate int ContainerEnd(ReadOnlySpan<byte> json, int at, int limit);

    private static readonly LineEnd[] s_lineEnds =
        [BlockScan<ScalarKernel>.LineEnd, BlockScan<Vector128Kernel>.LineEnd, BlockScan<Vector256Kernel>.LineEnd, BlockScan<Vector512Kernel>.LineEnd];

    private static readonly StringEnd[] s_stringEnds =
        [BlockScan<ScalarKernel>.StringEnd, BlockScan<Vector128Kernel>.StringEnd, BlockScan<Vector256Kernel>.StringEnd, BlockScan<Vector512Kernel>.StringEnd];

    private static readonly ContainerEnd[] s_containerEnds =
        [BlockScan<ScalarKernel>.ContainerEnd, BlockScan<Vector128Kernel>.ContainerEnd, BlockScan<Vector256Kernel>.ContainerEnd, BlockScan<Vector512Kernel>.ContainerEnd];

    [Fact]
    public void A_short_string_ends_at_its_first_quote_in_a_block_when_no_backslash_stands_before_it() => s_text.Sample(
        text =>
        {
            byte[] block = [.. text, .. new byte[IBlockKernel.BlockSize]];
            int quote = Array.IndexOf(block, (byte)'"', 0, IBlockKernel.BlockSize);
            int expected = quote >= 0 && Array.IndexOf(block, (byte)'\\', 0, quote) < 0 ? quote : -1;
            foreach (ShortLength shortLength in s_shortLengths)
            {
                Assert.Equal(expected, shortLength(ref block[0]));
            }
        },
        iter: 5_000);

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
    public void A_containers_end_is_where_all_that_was_opened_outside_of_strings_is_closed() => Gen.Select(s_containers, Gen.Int[0, 300]).Sample(
        (text, to) =>
        {
            int limit = Math.Min(to, text.Length);
            int end = ObviousContainerEnd(text);
            foreach (ContainerEnd containerEnd in s_containerEnds)
            {
                int found = containerEnd(text, 0, limit);
                Assert.True(end < limit ? found == end : found >= limit, $"{found} was found, {end} is the end, {limit} the limit");
            }
        },
        iter: 20_000);

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

    [Fact]
    public void Text_is_compact_when_all_its_white_space_is_inside_of_strings() => s_tokens.Sample(
        text =>
        {
            bool expected = IsObviouslyCompact(text);
            foreach (IsCompact isCompact in s_areCompact)
            {
                Assert.Equal(expected, isCompact(text));
            }

            // A blank before it has it gone over byte by byte.
            byte[] spaced = [(byte)' ', .. text];
            byte[] compact = new byte[spaced.Length];
            int length = JsonText.Compact(spaced, compact);
            Assert.True(!expected || compact.AsSpan(0, length).SequenceEqual(text));
        },
        iter: 20_000);

    private static bool IsObviouslyCompact(byte[] text)
    {
        for (int at = 0; at < text.Length; at++)
        {
            if (text[at] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' or (byte)'\\')
            {
                return false;
            }

            at = text[at] == '"' ? ObviousEnd(text, at + 1).End : at;
        }

        return true;
    }

    private static int ObviousContainerEnd(byte[] text)
    {
        int depth = 0;
        for (int at = 0; at < text.Length; at++)
        {
            depth += text[at] is (byte)'{' or (byte)'[' ? 1 : text[at] is (byte)'}' or (byte)']' ? -1 : 0;
            if (depth == 0)
            {
                return at;
            }

            // Outside of strings a backslash is no JSON; it takes the next quote away there too.
            at = text[at] == '"' ? ObviousEnd(text, at + 1).End
                : text[at] == '\\' && at + 1 < text.Length && text[at + 1] is (byte)'"' or (byte)'\\' ? at + 1
                : at;
        }

        return text.Length;
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
