using Vedette.Sources.Files;
using Xunit;

namespace Vedette.Sources.Tests;

public class ReadAheadTests
{
    [Fact]
    public void All_bytes_come_in_order_and_then_the_end_stays()
    {
        byte[] bytes = new byte[3_000_000];
        new Random(1).NextBytes(bytes);
        using ReadAhead ahead = new(new MemoryStream(bytes));
        byte[] read = new byte[bytes.Length];
        int at = 0;
        for (int length; (length = ahead.Read(read.AsSpan(at, Math.Min(70_001, read.Length - at)))) > 0;)
        {
            at += length;
        }

        Assert.Equal(bytes, read);
        Assert.Equal(0, ahead.Read(read));
        Assert.Equal(0, ahead.Read(read));
    }

    [Fact]
    public void What_came_before_a_failure_is_given_and_then_the_failure_each_time()
    {
        using ReadAhead ahead = new(new FailingStream("abc"u8.ToArray()));
        byte[] read = new byte[10];
        Assert.Equal(3, ahead.Read(read));
        Assert.Equal("damaged", Assert.Throws<InvalidDataException>(() => ahead.Read(read)).Message);
        Assert.Equal("damaged", Assert.Throws<InvalidDataException>(() => ahead.Read(read)).Message);
    }

    [Fact]
    public void It_reads_only_so_far_ahead_and_closes_the_stream_when_nobody_wants_more()
    {
        EndlessStream endless = new();
        ReadAhead ahead = new(endless);
        Assert.Equal(1, ahead.Read(new byte[1]));
        ahead.Dispose();
        Assert.True(endless.Closed.Wait(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));
        Assert.True(endless.Reads <= ReadAhead.MaxChunks + 2, $"{endless.Reads} chunks were read");
    }

    private sealed class FailingStream(byte[] first) : MemoryStream(first)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer) is > 0 and int length ? length : throw new InvalidDataException("damaged");
    }

    private sealed class EndlessStream : MemoryStream
    {
        public ManualResetEventSlim Closed { get; } = new();

        public int Reads { get; private set; }

        public override int Read(Span<byte> buffer)
        {
            Reads++;
            return buffer.Length;
        }

        protected override void Dispose(bool disposing)
        {
            base.Dispose(disposing);
            Closed.Set();
        }
    }
}
