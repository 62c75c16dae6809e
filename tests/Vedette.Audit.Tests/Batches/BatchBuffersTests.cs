using Vedette.Audit.Batches;
using Xunit;

namespace Vedette.Audit.Tests.Batches;

/// <summary>By itself: the buffers are the whole process's.</summary>
[CollectionDefinition(nameof(BatchBuffersTests), DisableParallelization = true)]
[Collection(nameof(BatchBuffersTests))]
public class BatchBuffersTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(128 * 1024)]
    [InlineData(128 * 1024 + 1)]
    [InlineData(5_000_000)]
    public void A_buffer_is_long_enough_and_nobody_elses(int length)
    {
        byte[][] buffers = [.. Enumerable.Range(0, 20).Select(_ => BatchBuffers.Rent(length))];
        Assert.All(buffers, buffer => Assert.InRange(buffer.Length, length, int.MaxValue));
        Assert.Equal(buffers.Length, buffers.Distinct(ReferenceEqualityComparer.Instance).Count());
        Array.ForEach(buffers, BatchBuffers.Return);
    }

    [Fact]
    public void A_large_buffer_that_is_given_back_is_the_next_one_and_only_so_many_are_kept()
    {
        byte[][] buffers = [.. Enumerable.Range(0, 2 * (int)(BatchBuffers.MaxIdle >> 20)).Select(_ => BatchBuffers.Rent(1 << 20))];
        Array.ForEach(buffers, BatchBuffers.Return);
        Assert.InRange(BatchBuffers.Idle, BatchBuffers.MaxIdle - (1 << 20), BatchBuffers.MaxIdle);
        long before = BatchBuffers.Idle;
        byte[] again = BatchBuffers.Rent(1 << 20);
        Assert.Contains(again, buffers);
        Assert.Equal(before - (1 << 20), BatchBuffers.Idle);
        BatchBuffers.Return(again);
        Assert.Equal(before, BatchBuffers.Idle);
    }
}
