using Vedette.Storage.Journals;
using Vedette.Storage.Tests.Disks;
using Xunit;

namespace Vedette.Storage.Tests.Journals;

public class RecentBlocksTests
{
    private readonly SimulatedDisk _disk = new(1);
    private readonly Sender _sender = new();
    private int _reads;

    public RecentBlocksTests() => _disk.Fail = (_, name) =>
    {
        _reads += name == "read" ? 1 : 0;
        return null;
    };

    [Fact]
    public async Task Who_reads_close_behind_needs_no_disk_and_gets_what_is_on_it()
    {
        await using Journal journal = Open(8 * 1024 * 1024);
        _reads = 0;
        await SendManyAsync(journal);
        using JournalReader reader = journal.Read(0);
        List<string> fromMemory = Read(reader);
        Assert.Equal(0, _reads);
        Assert.Equal(journal.End, fromMemory.Count);
        using JournalReader fromDisk = JournalReader.Open(_disk, Sender.Directory);
        Assert.Equal(Read(fromDisk), fromMemory);
        Assert.NotEqual(0, _reads);
    }

    [Fact]
    public async Task What_was_let_go_is_read_from_the_disk()
    {
        await using Journal journal = Open(8 * 1024 * 1024);
        await SendManyAsync(journal);
        using JournalReader before = journal.Read(0);
        List<string> all = Read(before);
        journal.Forget(journal.End);
        using JournalReader after = journal.Read(0);
        Assert.Equal(all, Read(after));
        Assert.NotEqual(0, _reads);
    }

    [Fact]
    public async Task What_a_reader_stands_on_stays_until_it_goes_on()
    {
        await using Journal journal = Open(8 * 1024 * 1024);
        await _sender.SendAsync(journal, Enumerable.Range(0, 200));
        _reads = 0;
        using JournalReader reader = journal.Read(0);
        Assert.True(reader.TryRead(out JournalRecord _));
        journal.Forget(journal.End);

        // Were its memory in the pool again, this would be written over it.
        await _sender.SendAsync(journal, Enumerable.Range(1000, 200));
        List<string> rest = Read(reader);
        Assert.Equal(Enumerable.Range(1, 199).Concat(Enumerable.Range(1000, 200)).Select(Sender.Text), rest);
        Assert.Equal(0, _reads);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4_000)]
    [InlineData(100_000)]
    [InlineData(1_000_000)]
    public async Task When_there_is_no_room_the_rest_is_read_from_the_disk_in_order(long recentBytes)
    {
        await using Journal journal = Open(recentBytes);
        using JournalReader reader = journal.Read(0);
        List<string> read = [];
        for (int i = 0; i < 10; i++)
        {
            await SendManyAsync(journal, from: i * 10_000);
            if (i % 3 == 0)
            {
                read.AddRange(Read(reader));
                journal.Forget(reader.Position);
            }
        }

        read.AddRange(Read(reader));
        using JournalReader fromDisk = JournalReader.Open(_disk, Sender.Directory);
        Assert.Equal(Read(fromDisk), read);
        _sender.AssertKept(_disk.LosePower());
    }

    [Fact]
    public async Task Reading_may_begin_anywhere()
    {
        await using Journal journal = Open(8 * 1024 * 1024);
        await SendManyAsync(journal);
        using JournalReader whole = journal.Read(0);
        List<string> all = Read(whole);
        for (int from = 0; from <= all.Count; from += 7)
        {
            using JournalReader reader = journal.Read(from);
            Assert.Equal(all[from..], Read(reader));
            Assert.Equal(journal.End, reader.Position);
        }
    }

    [Fact]
    public async Task Batches_that_are_compressed_alone_together_or_not_at_all_are_read_as_they_were_sent()
    {
        await using (Journal journal = Open(0, Sender.Options with { CommitWindow = TimeSpan.FromMilliseconds(50) }))
        {
            await _sender.SendAsync(journal, 0);
            await Task.WhenAll(
                _sender.SendAsync(journal, Enumerable.Range(1, 200)), _sender.SendAsync(journal, 300), _sender.SendAsync(journal, 301),
                _sender.SendAsync(journal, Enumerable.Range(400, 200)), _sender.SendAsync(journal, Enumerable.Range(500, 200)), _sender.SendAsync(journal, Enumerable.Range(1, 200)));
            _sender.AssertKept(_disk.LosePower());
        }

        await using Journal again = Open(0);
        _sender.AssertKept(again.Read(0));
    }

    /// <summary>Large deliveries, small ones, and some of which a part or all is known.</summary>
    private async Task SendManyAsync(Journal journal, int from = 0)
    {
        await _sender.SendAsync(journal, from);
        await _sender.SendAsync(journal, Enumerable.Range(from + 1, 150));
        await _sender.SendAsync(journal, Enumerable.Range(from + 100, 150));
        await Task.WhenAll(_sender.SendAsync(journal, Enumerable.Range(from + 300, 120)), _sender.SendAsync(journal, from + 500), _sender.SendAsync(journal, Enumerable.Range(from + 300, 120)));
        await _sender.SendAsync(journal, from + 501);
    }

    private static List<string> Read(JournalReader reader)
    {
        List<string> read = [];
        while (reader.TryRead(out JournalRecord record))
        {
            Assert.Equal(record.Sequence + 1, reader.Position);
            Assert.True(record.Label.SequenceEqual("label"u8));
            read.Add(System.Text.Encoding.UTF8.GetString(record.Bytes));
        }

        return read;
    }

    private Journal Open(long recentBytes, JournalOptions? options = null) =>
        Journal.Open(_disk, Sender.Directory, (options ?? Sender.Options) with { RecentBytes = recentBytes }, TimeProvider.System);
}
