using Vedette.Storage.Journals;
using Vedette.Storage.Tests.Disks;
using Xunit;

namespace Vedette.Storage.Tests.Journals;

public class RetentionTests
{
    private static readonly JournalRetention s_everything = new() { MaxAge = TimeSpan.FromDays(3650), MaxBytes = long.MaxValue };

    private readonly SimulatedDisk _disk = new(1);
    private readonly Sender _sender = new();
    private readonly ManualClock _clock = new();

    [Fact]
    public async Task Segments_go_oldest_first_when_there_are_more_bytes_than_allowed_and_the_newest_stays()
    {
        await using Journal journal = await FillAsync();
        Assert.Equal(default, journal.Prune(s_everything, 0));
        PruneResult pruned = journal.Prune(s_everything with { MaxBytes = 40 * 1024 }, neededFrom: 5);
        Assert.Equal(journal.Start, pruned.Records);
        Assert.Equal(pruned.Records - 5, pruned.Unread);
        Assert.InRange(JournalStatus.Of(_disk, Sender.Directory, verify: true, CancellationToken.None).Bytes, 1, 40 * 1024);
        journal.Prune(s_everything with { MaxBytes = 0 }, 0);
        Assert.Single(JournalExtent.Of(_disk, Sender.Directory).Segments);
        Assert.Equal(JournalExtent.Of(_disk.LosePower(), Sender.Directory).Segments[0], JournalExtent.Of(_disk, Sender.Directory).Segments[0]);
    }

    [Fact]
    public async Task Age_removes_nothing_that_a_consumer_needs()
    {
        await using Journal journal = await FillAsync();
        _clock.Pass(TimeSpan.FromDays(10));
        JournalRetention retention = s_everything with { MaxAge = TimeSpan.FromDays(1) };
        Assert.Equal(0, journal.Prune(retention, neededFrom: 0).Records);
        PruneResult pruned = journal.Prune(retention, neededFrom: 20);
        Assert.InRange(journal.Start, 1, 20);
        Assert.Equal(0, pruned.Unread);
        journal.Prune(retention, long.MaxValue);
        Assert.Single(JournalExtent.Of(_disk, Sender.Directory).Segments);
    }

    [Fact]
    public async Task A_clock_that_jumps_ahead_removes_nothing()
    {
        await using Journal journal = await FillAsync();
        _clock.Jump(TimeSpan.FromDays(3650));
        await _sender.SendAsync(journal, 1000);
        Assert.Equal(0, journal.Prune(s_everything with { MaxAge = TimeSpan.FromDays(1) }, long.MaxValue).Records);
        _clock.Jump(TimeSpan.FromDays(-7300));
        await _sender.SendAsync(journal, 1001);
        Assert.Equal(0, journal.Prune(s_everything with { MaxAge = TimeSpan.FromDays(1) }, long.MaxValue).Records);
        _sender.AssertKept(_disk.LosePower());
    }

    [Fact]
    public async Task A_clock_that_is_ahead_at_the_start_is_believed_only_after_an_hour()
    {
        await (await FillAsync()).DisposeAsync();
        _clock.Jump(TimeSpan.FromDays(3650));
        JournalRetention retention = s_everything with { MaxAge = TimeSpan.FromDays(1) };
        await using (Journal journal = Journal.Open(_disk, Sender.Directory, Sender.Options, _clock))
        {
            await _sender.SendAsync(journal, 1000);
            _clock.Pass(TimeSpan.FromMinutes(59));
            Assert.Equal(0, journal.Prune(retention, long.MaxValue).Records);
            _sender.AssertKept(_disk.LosePower());
            _clock.Pass(TimeSpan.FromMinutes(2));
            Assert.Equal(40, journal.Prune(retention, long.MaxValue).Records);
        }
    }

    [Fact]
    public async Task A_file_that_cannot_be_removed_goes_before_the_next_one_so_that_nobody_finds_a_hole()
    {
        await using Journal journal = await FillAsync();
        int deletes = 0;
        _disk.Fail = (_, name) => name is "delete" && deletes++ == 1 ? new IOException("input/output error", 5) : null;
        Assert.Throws<IOException>(() => journal.Prune(s_everything with { MaxBytes = 0 }, long.MaxValue));
        Assert.True(JournalStatus.Of(_disk.LosePower(), Sender.Directory, verify: true, CancellationToken.None).Damage.IsEmpty);
        journal.Prune(s_everything with { MaxBytes = 0 }, long.MaxValue);
        JournalStatus status = JournalStatus.Of(_disk.LosePower(), Sender.Directory, verify: true, CancellationToken.None);
        Assert.True(status.Damage.IsEmpty);
        Assert.Equal(1, status.Segments);
    }

    [Fact]
    public async Task A_probe_says_whether_there_is_room_for_what_comes_next()
    {
        await using Journal journal = Journal.Open(_disk, Sender.Directory, Sender.Options, _clock);
        await _sender.SendAsync(journal, 1);
        Assert.Null(await journal.ProbeAsync());
        _disk.Fail = (_, name) => name is "create" or "write" ? new IOException("no space left on device", 28) : null;
        Assert.Equal(Files.StoreProblemKind.DiskFull, (await _sender.SendAsync(journal, 2)).Problem!.Kind);
        Assert.Equal(Files.StoreProblemKind.DiskFull, (await journal.ProbeAsync())!.Kind);

        // Room for what is small is not enough: the next record needs a segment.
        _disk.Fail = (_, name) => name is "create" ? new IOException("no space left on device", 28) : null;
        Assert.Equal(Files.StoreProblemKind.DiskFull, (await journal.ProbeAsync())!.Kind);
        _disk.Fail = null;
        Assert.Null(await journal.ProbeAsync());
        Assert.True((await _sender.SendAsync(journal, 2)).IsDurable);
        _sender.AssertKept(_disk.LosePower());
    }

    [Fact]
    public async Task A_reader_whose_records_were_removed_goes_on_with_the_oldest_and_says_how_many_it_missed()
    {
        await using Journal journal = await FillAsync();
        using JournalReader reader = journal.Read(0);
        Assert.True(reader.TryRead(out _));
        journal.Prune(s_everything with { MaxBytes = 0 }, 0);
        List<long> sequences = [];
        while (reader.TryRead(out JournalRecord record))
        {
            sequences.Add(record.Sequence);
        }

        // The segment it stands in it reads to its end: the file is gone by name only.
        Assert.Equal(39, sequences[^1]);
        Assert.Equal(40 - 1 - sequences.Count, reader.Removed);
        using JournalReader late = journal.Read(0);
        Assert.True(late.TryRead(out JournalRecord first));
        Assert.Equal(journal.Start, first.Sequence);
        Assert.Equal(journal.Start, late.Removed);
    }

    private async Task<Journal> FillAsync()
    {
        Journal journal = Journal.Open(_disk, Sender.Directory, Sender.Options, _clock);
        for (int i = 0; i < 40; i++)
        {
            await _sender.SendAsync(journal, i);
        }

        Assert.True(JournalExtent.Of(_disk, Sender.Directory).Segments.Length > 5);
        return journal;
    }

    /// <summary>A clock that is set by hand.</summary>
    private sealed class ManualClock : TimeProvider
    {
        private DateTimeOffset _now = new(2026, 11, 25, 0, 0, 0, TimeSpan.Zero);
        private long _passed;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => _now;

        public override long GetTimestamp() => _passed;

        /// <summary>Time passes.</summary>
        public void Pass(TimeSpan time)
        {
            _now += time;
            _passed += time.Ticks;
        }

        /// <summary>Somebody sets the clock.</summary>
        public void Jump(TimeSpan time) => _now += time;
    }
}
