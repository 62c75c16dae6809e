using Vedette.Audit.Batches;
using Xunit;

namespace Vedette.Audit.Tests.Batches;

/// <summary>By itself, with memory of its own: the buffers are the whole process's.</summary>
[CollectionDefinition(nameof(BatchBuffersTests), DisableParallelization = true)]
[Collection(nameof(BatchBuffersTests))]
public sealed class BatchBuffersTests : IDisposable
{
    private const int Page = BufferArena.PageLength;

    private readonly long _before = BatchBuffers.Capacity;

    public BatchBuffersTests() => BatchBuffers.Capacity = _before + Page;

    public void Dispose() => BatchBuffers.Capacity = _before;

    [Theory]
    [InlineData(1)]
    [InlineData(64 * 1024)]
    [InlineData(64 * 1024 + 1)]
    [InlineData(5_000_000)]
    public void A_buffer_is_long_enough_and_nobody_elses(int length)
    {
        BatchBuffer[] buffers = [.. Enumerable.Range(0, 20).Select(_ => BatchBuffers.Rent(length))];
        for (int i = 0; i < buffers.Length; i++)
        {
            buffers[i].Span.Fill((byte)i);
        }

        for (int i = 0; i < buffers.Length; i++)
        {
            Assert.InRange(buffers[i].Length, length, int.MaxValue);
            Assert.False(buffers[i].Span.ContainsAnyExcept((byte)i));
        }

        Array.ForEach(buffers, buffer => BatchBuffers.Return(buffer));
        Assert.Equal(0, BatchBuffers.Used);
    }

    [Fact]
    public void No_more_than_the_capacity_is_lent_from_memory_that_stays()
    {
        BatchBuffer[] buffers = [.. Enumerable.Range(0, 2 * (int)(BatchBuffers.Capacity >> 20)).Select(_ => BatchBuffers.Rent(1 << 20))];
        Assert.InRange(BatchBuffers.Used, BatchBuffers.Capacity - (1 << 20), BatchBuffers.Capacity);
        Array.ForEach(buffers, buffer => BatchBuffers.Return(buffer));
        Assert.Equal(0, BatchBuffers.Used);
    }

    [Fact]
    public void Buffers_that_are_lent_when_the_capacity_changes_are_good_until_they_are_given_back()
    {
        BatchBuffer old = BatchBuffers.Rent(1 << 20);
        BatchBuffers.Capacity *= 2;
        BatchBuffer other = BatchBuffers.Rent(1 << 20);
        old.Span.Fill(1);
        other.Span.Fill(2);
        Assert.False(old.Span.ContainsAnyExcept((byte)1));
        BatchBuffers.Return(old);
        Assert.Equal(1 << 20, BatchBuffers.Used);
        BatchBuffers.Return(other);
        Assert.Equal(0, BatchBuffers.Used);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(100_000)]
    [InlineData(50_000_000)]
    public void What_is_trimmed_keeps_its_first_bytes_and_no_page_more(int length)
    {
        BatchBuffer buffer = BatchBuffers.Rent(length);
        buffer.Span.Fill(7);
        buffer = BatchBuffers.Trim(buffer, 10);
        Assert.Equal(10, buffer.Length);
        Assert.False(buffer.Span.ContainsAnyExcept((byte)7));
        Assert.InRange(BatchBuffers.Used, 0, Page);
        BatchBuffers.Return(BatchBuffers.Trim(buffer, 0));
        Assert.Equal(0, BatchBuffers.Used);
        BatchBuffers.Return(default);
        Assert.Equal(0, BatchBuffers.Trim(default, 0).Length);
    }

    [Theory]
    [InlineData(3_000_000)]
    [InlineData(0)]
    [InlineData(10_000)]
    [InlineData(300_000_000)]
    public void A_batch_takes_no_more_than_came_whatever_was_expected(long expected)
    {
        const int Length = 3_000_000;
        const int Read = 64 * 1024;
        using EventBatch batch = new(Read);
        batch.Expect(expected);
        long most = 0;
        while (batch.InputLength < Length)
        {
            int count = Math.Min(Read, Length - batch.InputLength);
            batch.GetWriteSpan(Read)[..count].Fill((byte)'x');
            batch.Advance(count);
            most = Math.Max(most, BatchBuffers.Used - batch.InputLength);
        }

        batch.GetWriteSpan(Read);
        // Twice what came, and while right no more than was expected and one read.
        Assert.InRange(most, 0, expected == Length ? Length : 2 * Length);
        Assert.True(expected != Length || BatchBuffers.Used <= Length + Read + Page);
        batch.Trim();
        Assert.InRange(BatchBuffers.Used, Length, Length + Page);
        Assert.False(batch.Input.ContainsAnyExcept((byte)'x'));
    }
}
