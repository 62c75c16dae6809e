using System.IO.Compression;
using System.Text;
using Vedette.Audit.Batches;
using Vedette.Sources.Bodies;
using Xunit;

namespace Vedette.Sources.Tests.Bodies;

public class BodyDecoderTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("identity")]
    [InlineData("gzip")]
    [InlineData(" GZIP ")]
    [InlineData("zstd")]
    public async Task A_body_is_read_as_its_encoding_says(string? encoding)
    {
        byte[] text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 20_000).Select(number => $"{{\"auditID\":\"{number}\"}}\n")));
        (BodyProblem problem, byte[] plain) = await ReadAsync(Encode(text, encoding), encoding, new BodyLimits());
        Assert.Equal(BodyProblem.None, problem);
        Assert.Equal(text, plain);
    }

    [Theory]
    [InlineData("br")]
    [InlineData("gzip, gzip")]
    [InlineData("deflate")]
    public async Task Other_encodings_are_refused(string encoding) =>
        Assert.Equal(BodyProblem.UnknownEncoding, (await ReadAsync("{}"u8.ToArray(), encoding, new BodyLimits())).Problem);

    [Theory]
    [InlineData("identity")]
    [InlineData("gzip")]
    [InlineData("zstd")]
    public async Task A_body_may_be_as_large_as_its_limit_and_not_a_byte_larger(string encoding)
    {
        BodyLimits limits = new() { MaxPlainLength = 100_000 };
        Assert.Equal(BodyProblem.None, (await ReadAsync(Encode(new byte[100_000], encoding), encoding, limits)).Problem);
        Assert.Equal(BodyProblem.TooLarge, (await ReadAsync(Encode(new byte[100_001], encoding), encoding, limits)).Problem);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("zstd")]
    public async Task A_bomb_is_refused_long_before_it_is_large(string encoding)
    {
        (BodyProblem problem, byte[] plain) = await ReadAsync(Encode(new byte[64 * 1024 * 1024], encoding), encoding, new BodyLimits());
        Assert.Equal(BodyProblem.Bomb, problem);
        Assert.InRange(plain.Length, 0, BodyLimits.FreeLength + 2 * 1024 * 1024);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("zstd")]
    public async Task A_body_cut_anywhere_is_damaged(string encoding)
    {
        byte[] whole = Encode(Encoding.UTF8.GetBytes("{\"kind\":\"EventList\",\"items\":[]}"), encoding);
        for (int length = 0; length < whole.Length; length++)
        {
            Assert.Equal(BodyProblem.Damaged, (await ReadAsync(whole[..length], encoding, new BodyLimits())).Problem);
        }

        Assert.Equal(BodyProblem.Damaged, (await ReadAsync("no compression at all"u8.ToArray(), encoding, new BodyLimits())).Problem);
    }

    [Fact]
    public async Task A_zstd_body_that_claims_a_window_of_a_gigabyte_is_refused()
    {
        // RFC 8878, 3.1.1.1: magic, a frame header descriptor without content size, a window descriptor of 2^(10+20), then a raw block of one byte.
        byte[] body = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 20 << 3, 0x09, 0x00, 0x00, (byte)'x'];
        // Other tests allocate beside, but not always.
        long least = long.MaxValue;
        for (int i = 0; i < 10; i++)
        {
            long before = GC.GetTotalAllocatedBytes();
            Assert.Equal(BodyProblem.Damaged, (await ReadAsync(body, "zstd", new BodyLimits())).Problem);
            least = Math.Min(least, GC.GetTotalAllocatedBytes() - before);
        }

        Assert.InRange(least, 0, 64 * 1024 * 1024);
    }

    [Fact]
    public async Task A_body_that_the_budget_has_no_room_for_is_refused_for_now()
    {
        int left = 200_000;
        BodyLimits limits = new() { Reserve = wanted => (left -= wanted) >= 0 };
        Assert.Equal(BodyProblem.None, (await ReadAsync(new byte[150_000], null, limits)).Problem);
        Assert.Equal(BodyProblem.NoRoom, (await ReadAsync(new byte[150_000], null, limits)).Problem);
    }

    private static async Task<(BodyProblem Problem, byte[] Plain)> ReadAsync(byte[] body, string? encoding, BodyLimits limits)
    {
        using EventBatch batch = new(4096);
        BodyProblem problem = await BodyDecoder.ReadAsync(new MemoryStream(body), encoding, batch, limits, TestContext.Current.CancellationToken);
        return (problem, batch.Input.ToArray());
    }

    private static byte[] Encode(byte[] plain, string? encoding)
    {
        using MemoryStream packed = new();
        switch (encoding?.Trim().ToLowerInvariant())
        {
            case "gzip":
                using (GZipStream gzip = new(packed, CompressionLevel.Optimal, leaveOpen: true))
                {
                    gzip.Write(plain);
                }

                return packed.ToArray();
            case "zstd":
                using (ZstdSharp.Compressor compressor = new())
                {
                    return compressor.Wrap(plain).ToArray();
                }

            default:
                return plain;
        }
    }
}
