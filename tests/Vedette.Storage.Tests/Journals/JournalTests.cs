using System.Buffers.Binary;
using System.Text;
using Vedette.Storage.Files;
using Vedette.Storage.Journals;
using Vedette.Storage.Tests.Disks;
using Xunit;

namespace Vedette.Storage.Tests.Journals;

public class JournalTests
{
    private readonly SimulatedDisk _disk = new(1);
    private readonly Sender _sender = new();

    [Fact]
    public async Task What_is_acknowledged_is_on_disk_and_what_is_not_yet_is_not_waited_for_by_readers()
    {
        await using Journal journal = Open();
        Assert.Equal(2, (await _sender.SendAsync(journal, 1, 2)).Stored);
        _sender.AssertKept(_disk.LosePower());
        _sender.AssertKept(journal.Read(0));
        Assert.Equal(2, journal.End);
    }

    [Fact]
    public async Task A_record_is_stored_once_also_after_a_restart()
    {
        await using (Journal journal = Open())
        {
            await _sender.SendAsync(journal, 1, 2, 3);
            Assert.Equal((1, 2), Counts(await _sender.SendAsync(journal, 2, 3, 4)));
        }

        await using (Journal journal = Open())
        {
            Assert.Equal((1, 2), Counts(await _sender.SendAsync(journal, 1, 4, 5)));
            _sender.AssertKept(journal.Read(0));
        }
    }

    [Fact]
    public async Task The_same_record_twice_in_one_batch_or_in_two_at_once_is_stored_once()
    {
        await using Journal journal = Open(Sender.Options with { CommitWindow = TimeSpan.FromMilliseconds(20) });
        await _sender.SendAsync(journal, 0);
        AppendResult[] results = await Task.WhenAll(_sender.SendAsync(journal, 1, 1), _sender.SendAsync(journal, 1), _sender.SendAsync(journal, 1, 2));
        Assert.Equal(2, results.Sum(result => result.Stored));
        Assert.Equal(3, results.Sum(result => result.Duplicates));
        _sender.AssertKept(_disk.LosePower());
    }

    [Fact]
    public async Task Beyond_the_window_a_record_is_not_known_any_more_and_within_it_it_is()
    {
        JournalOptions options = Sender.Options with { IdentityWindow = 10 };
        await using (Journal journal = Open(options))
        {
            for (int i = 0; i < 25; i++)
            {
                await _sender.SendAsync(journal, i);
            }

            Assert.Equal(10, (await _sender.SendAsync(journal, Enumerable.Range(15, 10))).Duplicates);
            Assert.Equal(1, (await _sender.SendAsync(journal, 14)).Stored);
        }

        await using Journal again = Open(options);
        Assert.Equal(10, (await _sender.SendAsync(again, [.. Enumerable.Range(16, 9), 14])).Duplicates);
        Assert.Equal(1, (await _sender.SendAsync(again, 15)).Stored);
    }

    [Fact]
    public async Task Batches_that_come_within_the_window_are_committed_together()
    {
        List<JournalCommit> commits = [];
        await using (Journal journal = Open(Sender.Options with { CommitWindow = TimeSpan.FromMilliseconds(200), OnCommit = commits.Add }))
        {
            await _sender.SendAsync(journal, 0);
            await Task.WhenAll(Enumerable.Range(1, 20).Select(i => _sender.SendAsync(journal, i)));
        }

        Assert.Equal(2, commits.Count);
        Assert.Equal(20, commits[1].Records);
    }

    [Fact]
    public async Task What_is_large_does_not_wait_for_the_window_when_nothing_else_is_coming()
    {
        await using Journal journal = Open(Sender.Options with { CommitWindow = TimeSpan.FromHours(1) });
        await _sender.SendAsync(journal, 0);
        Assert.True((await _sender.SendAsync(journal, Enumerable.Range(1, 100))).IsDurable);
        _sender.AssertKept(_disk.LosePower());
    }

    [Fact]
    public async Task What_is_large_waits_for_what_is_coming_and_is_committed_with_it()
    {
        List<JournalCommit> commits = [];
        await using (Journal journal = Open(Sender.Options with { CommitWindow = TimeSpan.FromHours(1), OnCommit = commits.Add }))
        {
            await _sender.SendAsync(journal, 0);
            Task<AppendResult> large;
            Task<AppendResult> small;
            using (journal.Announce())
            {
                large = _sender.SendAsync(journal, Enumerable.Range(1, 100));
                small = _sender.SendAsync(journal, 101);
            }

            await Task.WhenAll(large, small);
            _sender.AssertKept(_disk.LosePower());
        }

        Assert.Equal([1, 101], commits.Select(commit => commit.Records));
    }

    [Fact]
    public async Task What_is_large_does_not_wait_for_what_was_announced_and_does_not_come()
    {
        await using Journal journal = Open(Sender.Options with { CommitWindow = TimeSpan.FromHours(1) });
        await _sender.SendAsync(journal, 0);
        Journal.Coming coming = journal.Announce();
        Task<AppendResult> large = _sender.SendAsync(journal, Enumerable.Range(1, 100));
        Assert.False(large.IsCompleted);
        coming.Dispose();
        Assert.True((await large).IsDurable);
    }

    [Fact]
    public async Task What_is_large_and_comes_last_while_the_commit_looks_does_not_wait_for_the_window()
    {
        WindowTime time = new();
        await using Journal journal = Journal.Open(_disk, Sender.Directory, Sender.Options with { CommitWindow = TimeSpan.FromHours(1) }, time);
        await _sender.SendAsync(journal, 0);
        Journal.Coming coming = journal.Announce();
        Task<AppendResult> large = time.WhenWindowOpens(() => _sender.SendAsync(journal, Enumerable.Range(2, 100)), coming);
        Task<AppendResult> small = _sender.SendAsync(journal, 1);
        Assert.True((await large).IsDurable);
        Assert.True((await small).IsDurable);
    }

    [Fact]
    public async Task What_was_announced_and_comes_while_the_commit_looks_is_committed_with_what_waits()
    {
        WindowTime time = new();
        List<JournalCommit> commits = [];
        await using (Journal journal = Journal.Open(_disk, Sender.Directory, Sender.Options with { CommitWindow = TimeSpan.FromHours(1), OnCommit = commits.Add }, time))
        {
            await _sender.SendAsync(journal, 0);
            Journal.Coming coming = journal.Announce();
            Task<AppendResult> small = time.WhenWindowOpens(() => _sender.SendAsync(journal, 101), coming);
            await _sender.SendAsync(journal, Enumerable.Range(1, 100));
            await small;
        }

        Assert.Equal([1, 101], commits.Select(commit => commit.Records));
    }

    [Fact]
    public async Task Batches_appended_together_are_one_commit_in_order_each_record_once()
    {
        List<JournalCommit> commits = [];
        await using Journal journal = Open(Sender.Options with { OnCommit = commits.Add });
        Assert.Equal((90, 30), Counts(await _sender.SendAsync(journal, [.. Enumerable.Range(0, 60), .. Enumerable.Range(30, 60)])));
        Assert.Equal(90, Assert.Single(commits).Records);
        _sender.AssertKept(_disk.LosePower());
    }

    [Fact]
    public async Task What_waits_is_bounded_and_more_is_refused()
    {
        using ManualResetEventSlim isFree = new();
        await using Journal journal = Open(Sender.Options with { MaxPendingBytes = 4000 });
        _disk.Fail = (_, name) =>
        {
            if (name == "sync")
            {
                isFree.Wait(TestContext.Current.CancellationToken);
            }

            return null;
        };
        Task<AppendResult>[] sends = [.. Enumerable.Range(0, 20).Select(i => Task.Run(() => _sender.SendAsync(journal, i), TestContext.Current.CancellationToken))];
        AppendResult refused = await await Task.WhenAny(sends);
        Assert.Equal(StoreProblemKind.Overloaded, refused.Problem?.Kind);
        isFree.Set();
        AppendResult[] results = await Task.WhenAll(sends);
        Assert.Contains(results, result => result.IsDurable);
        Assert.Equal(0, journal.PendingBytes);
        _sender.AssertKept(_disk);
    }

    [Fact]
    public async Task A_batch_larger_than_a_segment_and_than_what_may_wait_is_stored()
    {
        await using Journal journal = Open(Sender.Options with { MaxPendingBytes = 100 });
        using RecordBatch batch = new();
        batch.Add(1, "label"u8, new byte[100_000]);
        Assert.True((await journal.AppendAsync(batch, CancellationToken.None)).IsDurable);
        using JournalReader reader = journal.Read(0);
        Assert.True(reader.TryRead(out JournalRecord record));
        Assert.Equal(100_000, record.Bytes.Length);
    }

    [Fact]
    public async Task After_closing_nothing_is_taken()
    {
        Journal journal = Open();
        await journal.DisposeAsync();
        Assert.Equal(StoreProblemKind.Closed, (await _sender.SendAsync(journal, 1)).Problem?.Kind);
    }

    [Fact]
    public async Task What_waits_when_it_is_closed_is_stored()
    {
        Journal journal = Open(Sender.Options with { CommitWindow = TimeSpan.FromMinutes(1) });
        await _sender.SendAsync(journal, 0);
        await journal.DisposeAsync();
        _sender.AssertKept(_disk.LosePower());
    }

    [Fact]
    public async Task A_reader_goes_on_where_it_was_when_more_comes()
    {
        await using Journal journal = Open();
        using JournalReader reader = journal.Read(0);
        int read = 0;
        for (int i = 0; i < 40; i++)
        {
            await _sender.SendAsync(journal, 2 * i, 2 * i + 1);
            while (reader.TryRead(out JournalRecord record))
            {
                Assert.Equal(read++, record.Sequence);
            }

            Assert.Equal(2 * i + 2, read);
        }

        using JournalReader middle = journal.Read(33);
        Assert.True(middle.TryRead(out JournalRecord at));
        Assert.Equal(33, at.Sequence);
        Assert.Equal(Sender.Text(33), Encoding.UTF8.GetString(at.Bytes));
    }

    [Fact]
    public async Task Who_waits_for_a_record_is_woken_when_it_is_durable()
    {
        await using Journal journal = Open();
        await _sender.SendAsync(journal, 0);
        ValueTask waiting = journal.WaitAsync(1, TestContext.Current.CancellationToken);
        Assert.False(waiting.IsCompleted);
        await _sender.SendAsync(journal, 1);
        await waiting;
        await journal.WaitAsync(0, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Damage_costs_what_it_hit_and_no_more()
    {
        await using (Journal journal = Open(Sender.Options with { SegmentLength = 1 << 20 }))
        {
            for (int i = 0; i < 20; i++)
            {
                await _sender.SendAsync(journal, i);
            }
        }

        string path = JournalExtent.Of(_disk, Sender.Directory).Segments[0].Path;
        byte[] whole = _disk[path];
        for (int page = 1; page < whole.Length / Segment.PageLength; page++)
        {
            byte[] damaged = whole.ToArray();
            damaged[page * Segment.PageLength + 30] ^= 1;
            _disk[path] = damaged;
            JournalStatus status = JournalStatus.Of(_disk, Sender.Directory, verify: true, CancellationToken.None);
            List<JournalDamage> told = [];
            using JournalReader reader = JournalReader.Open(_disk, Sender.Directory, 0, told.Add);
            List<long> sequences = [];
            while (reader.TryRead(out JournalRecord record))
            {
                sequences.Add(record.Sequence);
            }

            Assert.Equal(19, sequences.Count);
            Assert.Equal(19, status.Records);
            if (sequences[^1] == 19)
            {
                // Damage at the very end cannot be told from a write that was never finished.
                Assert.Equal(1, Assert.Single(told).Records);
                Assert.Equal(1, Assert.Single(status.Damage).Records);
            }

            await using Journal journal = Open(Sender.Options with { SegmentLength = 1 << 20 });
            Assert.Equal(sequences[^1] + 1, journal.End);
        }
    }

    [Fact]
    public async Task A_journal_of_an_unknown_format_is_left_alone()
    {
        await using (Journal journal = Open())
        {
            await _sender.SendAsync(journal, 1);
        }

        string path = JournalExtent.Of(_disk, Sender.Directory).Segments[0].Path;
        byte[] bytes = _disk[path];
        bytes[8] = 9;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(36), Crc32C.Of(bytes.AsSpan(0, 36)));
        _disk[path] = bytes;
        InvalidDataException refused = Assert.Throws<InvalidDataException>(() => Open());
        Assert.Contains("format 9", refused.Message, StringComparison.Ordinal);
        Assert.Equal(bytes, _disk[path]);
    }

    [Fact]
    public void The_checksum_is_that_of_RFC_3720()
    {
        Assert.Equal(0x8A9136AAu, Crc32C.Of(new byte[32]));
        Assert.Equal(0x62A8AB43u, Crc32C.Of([.. Enumerable.Repeat((byte)0xff, 32)]));
        Assert.Equal(0x46DD794Eu, Crc32C.Of([.. Enumerable.Range(0, 32).Select(i => (byte)i)]));
        Assert.Equal(0xE3069283u, Crc32C.Of("123456789"u8));
    }

    private static (int, int) Counts(AppendResult result) => (result.Stored, result.Duplicates);

    private Journal Open(JournalOptions? options = null) => Journal.Open(_disk, Sender.Directory, options ?? Sender.Options, TimeProvider.System);

    /// <summary>A clock by which something happens on the commit's own thread just as its window opens: after it has taken what waits, before it looks what is coming.</summary>
    private sealed class WindowTime : TimeProvider
    {
        private Action? _onTimer;

        /// <summary>Has what was announced appended then.</summary>
        public Task<AppendResult> WhenWindowOpens(Func<Task<AppendResult>> append, Journal.Coming coming)
        {
            TaskCompletionSource<Task<AppendResult>> begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
            Volatile.Write(ref _onTimer, () =>
            {
                begun.SetResult(append());
                coming.Dispose();
            });
            return begun.Task.Unwrap();
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Interlocked.Exchange(ref _onTimer, null)?.Invoke();
            return base.CreateTimer(callback, state, dueTime, period);
        }
    }
}
