using System.Text;
using CsCheck;
using Vedette.Storage.Journals;
using Vedette.Storage.Tests.Disks;
using Xunit;

namespace Vedette.Storage.Tests.Journals;

/// <summary>Batches that are compressed by themselves, or not since that does not pay.</summary>
public class RecordPackerTests
{
    private static readonly JournalOptions s_options = Sender.Options with { RecentBytes = 0, SegmentLength = 64 * 1024 * 1024 };

    [Fact]
    public Task Batches_of_any_lengths_are_read_as_they_were_added() =>
        Gen.Select(Gen.Int[0, 1_000].Array[1, 4], Gen.Int[1, 20_000], Gen.Bool, Gen.Bool).SampleAsync(
            async (counts, length, isNoise, isExpected) =>
            {
                SimulatedDisk disk = new(1);
                List<byte[]> sent = await FillAsync(disk, counts.Select(count => Math.Min(count, 1_500_000 / length)), length, isNoise, isExpected);
                using JournalReader reader = JournalReader.Open(disk, Sender.Directory);
                foreach (byte[] bytes in sent)
                {
                    Assert.True(reader.TryRead(out JournalRecord record));
                    Assert.True(record.Bytes.SequenceEqual(bytes));
                }

                Assert.False(reader.TryRead(out JournalRecord _));
            },
            iter: 40, threads: 1);

    [Fact]
    public void A_batch_is_compressed_once_until_it_is_changed()
    {
        using RecordPacker packer = new(1);
        using RecordBatch batch = new();
        Fill(batch);
        batch.Pack(packer);
        PackedRecords? packed = batch.Packed;
        Assert.NotNull(packed);
        batch.Pack(packer);
        Assert.Same(packed, batch.Packed);
        batch.Add(0, [], "more"u8);
        Assert.Null(batch.Packed);
        batch.Pack(packer);
        Assert.NotNull(batch.Packed);
        Assert.NotSame(packed, batch.Packed);
    }

    [Fact]
    public void What_does_not_pay_is_tried_once()
    {
        using RecordPacker without = new(null);
        using RecordPacker packer = new(1);
        using RecordBatch batch = new();
        Fill(batch);
        batch.Pack(without);
        batch.Pack(packer);
        Assert.Null(batch.Packed);
        batch.Clear();
        Fill(batch);
        batch.Pack(packer);
        Assert.NotNull(batch.Packed);
    }

    private static void Fill(RecordBatch batch)
    {
        for (int i = 0; i < 100; i++)
        {
            Add(batch, i, Content(i, RecordPacker.MinLength / 50, isNoise: false));
        }
    }

    /// <summary>One batch, used again and again.</summary>
    private static async Task<List<byte[]>> FillAsync(SimulatedDisk disk, IEnumerable<int> counts, int length, bool isNoise, bool isExpected)
    {
        List<byte[]> sent = [];
        await using Journal journal = Journal.Open(disk, Sender.Directory, s_options, TimeProvider.System);
        using RecordBatch batch = new();
        foreach (int count in counts)
        {
            batch.Expect(isExpected ? (long)count * (length + 20) : 0);
            for (int i = 0; i < count; i++)
            {
                byte[] bytes = Content(sent.Count, length, isNoise);
                Add(batch, sent.Count, bytes);
                sent.Add(bytes);
            }

            AppendResult result = await journal.AppendAsync(batch, TestContext.Current.CancellationToken);
            Assert.Equal((count, null), (result.Stored, result.Problem));
            batch.Release();
        }

        return sent;
    }

    private static void Add(RecordBatch batch, int identity, byte[] bytes) => batch.Add((UInt128)(uint)identity + 1, "label"u8, bytes);

    private static byte[] Content(int seed, int length, bool isNoise)
    {
        byte[] bytes = new byte[length];
        if (isNoise)
        {
            new Random(seed).NextBytes(bytes);
            return bytes;
        }

        StringBuilder text = new();
        for (int i = 0; text.Length < length; i++)
        {
            text.Append("{\"verb\":\"get\",\"resource\":\"pods\",\"name\":\"pod-").Append(seed * 31 + i).Append("\"},");
        }

        return Encoding.UTF8.GetBytes(text.ToString(0, length));
    }
}
