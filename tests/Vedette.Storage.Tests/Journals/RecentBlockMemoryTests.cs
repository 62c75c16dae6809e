using Vedette.Audit.Batches;
using Vedette.Storage.Journals;
using Xunit;

namespace Vedette.Storage.Tests.Journals;

/// <summary>By itself: the buffers are the whole process's.</summary>
[CollectionDefinition(nameof(RecentBlockMemoryTests), DisableParallelization = true)]
[Collection(nameof(RecentBlockMemoryTests))]
public class RecentBlockMemoryTests
{
    private const int Length = 1024 * 1024;

    [Fact]
    public void A_block_gives_its_memory_back_to_where_batches_have_it_from_when_the_last_has_released_it()
    {
        long before = BatchBuffers.Used;
        RecentBlock block = new(0, DateTimeOffset.UnixEpoch, [1], [BatchBuffers.Rent(Length)]);
        block.Held().Release();
        Assert.Equal(before + Length, BatchBuffers.Used);
        block.Release();
        Assert.Equal(before, BatchBuffers.Used);
    }

    [Fact]
    public void A_batch_whose_memory_is_taken_keeps_none_and_what_is_taken_is_as_long_as_its_records()
    {
        long before = BatchBuffers.Used;
        using RecordBatch batch = new();
        batch.Expect(4 * Length);
        batch.Add(1, [], new byte[Length]);
        Assert.Equal(before + 4 * Length, BatchBuffers.Used);
        BatchBuffer stored = batch.Detach();
        Assert.Equal(batch.Length, stored.Length);
        Assert.Equal(before + stored.Held, BatchBuffers.Used);
        Assert.InRange(stored.Held, Length, Length + 64 * 1024);
        BatchBuffers.Return(stored);
        batch.Clear();
        batch.Add(1, [], [1]);
        Assert.Equal(before + 4 * Length, BatchBuffers.Used);
        batch.Release();
        Assert.Equal(before, BatchBuffers.Used);
    }
}
