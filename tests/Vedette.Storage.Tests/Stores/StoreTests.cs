using System.Buffers;
using System.Text;
using Vedette.Audit.Decoding;
using Vedette.Audit.Events;
using Vedette.Audit.Shapes;
using Vedette.Storage.Events;
using Vedette.Storage.Files;
using Vedette.Storage.Journals;
using Vedette.Storage.Stores;
using Vedette.Storage.Tests.Disks;
using Xunit;

namespace Vedette.Storage.Tests.Stores;

public class StoreTests
{
    private const string Directory = "/var/lib/vedette";
    private const string KeyPath = "/etc/vedette/key";
    private const string Item = """{"level":"Request","auditID":"1","stage":"ResponseComplete","requestURI":"/api","verb":"update","user":{},"objectRef":{"resource":"secrets"},"requestObject":{"kind":"Secret","data":{"a":"cGFzcw=="}}}""";
    private const string Line = """{"kind":"Event","apiVersion":"audit.k8s.io/v1",""";

    private static readonly DateTimeOffset s_arrival = new(2026, 11, 25, 10, 0, 0, 7, TimeSpan.Zero);

    private SimulatedDisk _disk = new(1);

    [Fact]
    public async Task The_same_event_from_a_file_and_twice_from_the_webhook_is_one_event_and_of_two_clusters_it_is_two()
    {
        await using Store store = Open();
        Assert.Equal(1, (await SendAsync(store, "a", Line + Item[1..])).Stored);
        Assert.Equal(1, (await SendAsync(store, "a", Item)).Duplicates);
        Assert.Equal(1, (await SendAsync(store, "a", " " + Item + "\n")).Duplicates);
        Assert.Equal(1, (await SendAsync(store, "b", Item)).Stored);
        // What differs in a secret only is another event.
        Assert.Equal(1, (await SendAsync(store, "a", Item.Replace("cGFzcw==", "cGFzcx==", StringComparison.Ordinal))).Stored);
    }

    [Fact]
    public async Task Events_are_redacted_before_they_are_written_and_their_labels_say_where_they_came_from()
    {
        string plain = Item.Replace("secrets", "pods", StringComparison.Ordinal).Replace("cGFzcw==", "bm8gc2VjcmV0", StringComparison.Ordinal);
        await using Store store = Open();
        await SendAsync(store, "a", Item);
        await SendAsync(store, "a", plain);
        using JournalReader reader = store.Events.Read(0);
        Assert.True(reader.TryRead(out JournalRecord first));
        Assert.Equal(new EventLabel("a", "webhook", s_arrival, IsRedacted: true, IsDerived: false, 1), EventLabel.Read(first.Label));
        Assert.Matches("""^\{"level":"Request",.*"data":\{"a":"redacted:v1:[0-9a-f]{32}"\}\}\}$""", Encoding.UTF8.GetString(first.Bytes));
        Assert.True(reader.TryRead(out JournalRecord second));
        Assert.False(EventLabel.Read(second.Label)!.IsRedacted);
        Assert.Equal(plain, Encoding.UTF8.GetString(second.Bytes));
        Assert.Contains(_disk.Paths, path => _disk[path].AsSpan().IndexOf("bm8gc2VjcmV0"u8) >= 0);
        Assert.All(_disk.Paths, path => Assert.True(_disk[path].AsSpan().IndexOf("cGFzcw"u8) < 0));
    }

    [Fact]
    public async Task What_is_no_event_is_quarantined_masked_and_once()
    {
        await using Store store = Open();
        for (int i = 0; i < 2; i++)
        {
            using EventRecords records = store.CreateRecords();
            records.Begin("a", "webhook", s_arrival);
            records.Quarantine(RejectReason.Truncated, Encoding.UTF8.GetBytes(Item[..^10]));
            Assert.True((await store.AppendAsync(records, CancellationToken.None)).IsDurable);
        }

        using JournalReader reader = store.Quarantine.Read(0);
        Assert.True(reader.TryRead(out JournalRecord record));
        Assert.Equal(new QuarantineLabel("a", "webhook", s_arrival, "truncated", Item.Length - 10), QuarantineLabel.Read(record.Label));
        Assert.DoesNotContain("cGFz", Encoding.UTF8.GetString(record.Bytes), StringComparison.Ordinal);
        Assert.False(reader.TryRead(out _));
    }

    [Fact]
    public async Task A_delivery_that_is_cancelled_before_it_is_queued_leaves_neither_events_nor_quarantine()
    {
        await using Store store = Open();
        using EventRecords records = store.CreateRecords();
        records.Begin("a", "webhook", s_arrival);
        Assert.Equal(DecodeStatus.Ok, new EventDecoder().Decode(Encoding.UTF8.GetBytes(Line + Item[1..]), out EventView view));
        records.Add(view, isDerived: false);
        records.Quarantine(RejectReason.NotJson, "{"u8);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await store.AppendAsync(records, new CancellationToken(canceled: true)));
        Assert.Equal((0, 0), (store.Events.End, store.Quarantine.End));
        Assert.True((await store.AppendAsync(records, CancellationToken.None)).IsDurable);
        Assert.Equal((1, 1), (store.Events.End, store.Quarantine.End));
    }

    [Fact]
    public async Task When_quarantine_cannot_be_stored_the_delivery_is_not_acknowledged()
    {
        await using Store store = Open();
        using EventRecords records = store.CreateRecords();
        records.Begin("a", "webhook", s_arrival);
        records.Quarantine(RejectReason.NotJson, "x"u8);
        _disk.Fail = (_, name) => name == "sync" ? new IOException("full", 28) : null;
        AppendResult refused = await store.AppendAsync(records, CancellationToken.None);
        Assert.Equal(StoreProblemKind.DiskFull, refused.Problem?.Kind);
        _disk.Fail = null;
        Assert.True((await store.AppendAsync(records, CancellationToken.None)).IsDurable);
    }

    [Fact]
    public async Task A_finding_is_stored_once_by_its_id()
    {
        for (int run = 0; run < 2; run++)
        {
            await using Store store = Open();
            using RecordBatch batch = new();
            batch.Add(7, default, "finding"u8);
            AppendResult result = await store.Findings.AppendAsync(batch, CancellationToken.None);
            Assert.Equal(run == 0 ? 1 : 0, result.Stored);
            Assert.Equal(1, store.Findings.End);
        }
    }

    [Fact]
    public async Task A_staged_snapshot_counts_when_it_is_committed()
    {
        await using Store store = Open();
        store.Snapshots.Save("detector", 5, "old"u8);
        using (store.Snapshots.Stage("detector", 9, to => to.Write("given up"u8)))
        {
            Assert.Equal(5, store.Snapshots.Load("detector")!.Position);
        }

        Assert.Equal(5, store.Snapshots.Load("detector")!.Position);
        using StagedFile staged = store.Snapshots.Stage("detector", 11, to => to.Write("new"u8));
        staged.Commit();
        _disk = _disk.LosePower();
        await using Store after = Open();
        Assert.Equal(11, after.Snapshots.Load("detector")!.Position);
        Assert.Equal("new"u8, after.Snapshots.Load("detector")!.State.Span);
    }

    [Fact]
    public async Task Cursors_and_snapshots_are_what_was_last_set_or_what_was_before_it_whatever_happens()
    {
        for (int failing = 0; ; failing++)
        {
            _disk = new SimulatedDisk(failing);
            byte[] old = [.. Enumerable.Repeat((byte)1, 3000)];
            byte[] renewed = [.. Enumerable.Repeat((byte)2, 5000)];
            bool isDone = false;
            await using (Store store = Open())
            {
                store.Cursors.Set("alertmanager/../x", 5);
                store.Snapshots.Save("detector", 5, old);
                int begin = _disk.Calls;
                _disk.Fail = (call, _) => call - begin == failing ? new IOException("failed", 5) : null;
                try
                {
                    using StagedFile staged = store.Snapshots.Stage("detector", 9, to => to.Write(renewed));
                    staged.Commit();
                    store.Cursors.Set("alertmanager/../x", 9);
                    isDone = true;
                }
                catch (IOException)
                {
                    // Then the old or the new is there.
                }

                _disk.Fail = null;
            }

            _disk = _disk.LosePower();
            await using Store after = Open();
            Snapshot snapshot = after.Snapshots.Load("detector")!;
            Assert.True(snapshot.Position == 9 ? snapshot.State.Span.SequenceEqual(renewed) : snapshot.Position == 5 && snapshot.State.Span.SequenceEqual(old));
            long cursor = after.Cursors.Get("alertmanager/../x")!.Value;
            Assert.True(cursor == 9 || (cursor == 5 && !isDone));
            Assert.Equal(["alertmanager/../x"], after.Cursors.All().Keys);
            if (isDone)
            {
                Assert.Equal(9, snapshot.Position);
                Assert.True(failing > 10);
                return;
            }
        }
    }

    [Fact]
    public async Task A_file_of_the_store_torn_at_any_byte_is_told_and_never_taken_for_whole()
    {
        await using (Store store = Open())
        {
            store.Cursors.Set("reader", 4_711);
            store.Snapshots.Save("detector", 42, "what was known"u8);
        }

        int torn = 0;
        Random random = new(1);
        Dictionary<string, Action> readers = new(StringComparer.Ordinal)
        {
            [_disk.Paths.Single(path => path.StartsWith(Directory + "/cursors/", StringComparison.Ordinal))] = () => new Cursors(_disk, Directory + "/cursors").Get("reader"),
            [_disk.Paths.Single(path => path.StartsWith(Directory + "/snapshots/", StringComparison.Ordinal))] = () => new Snapshots(_disk, Directory + "/snapshots").Load("detector"),
            [Directory + "/key-check"] = () => Open(),
            [KeyPath] = () => StoreKey.LoadOrCreate(_disk, KeyPath, Directory),
        };
        foreach ((string path, Action read) in readers)
        {
            byte[] whole = _disk[path];
            for (int cut = 0; cut < whole.Length; cut++)
            {
                byte[] zeros = [.. whole[..cut], .. new byte[whole.Length - cut]];
                byte[] noise = [.. whole];
                random.NextBytes(noise.AsSpan(cut));
                foreach (byte[] bytes in new[] { zeros, noise, whole[..cut] }.Where(bytes => !bytes.AsSpan().SequenceEqual(whole)))
                {
                    _disk[path] = bytes;
                    Assert.Throws<InvalidDataException>(read);
                    torn++;
                }
            }

            _disk[path] = whole;
        }

        Assert.True(torn > 300);
    }

    [Theory]
    [InlineData(13, true)]
    [InlineData(22, true)]
    [InlineData(30, true)]
    [InlineData(5, false)]
    public void A_key_that_somebody_else_put_there_need_not_be_made_durable(int error, bool isTaken)
    {
        StoreKey.LoadOrCreate(_disk, KeyPath, Directory);
        _disk.Fail = (_, name) => name is "sync directory" ? new IOException("no", error) : null;
        Assert.Equal(isTaken, Record.Exception(() => StoreKey.LoadOrCreate(_disk, KeyPath, Directory)) is null);
    }

    [Fact]
    public async Task A_damaged_snapshot_is_told_and_not_taken()
    {
        await using Store store = Open();
        store.Snapshots.Save("detector", 5, new byte[100]);
        string path = Assert.Single(_disk.Paths, path => path.Contains("snapshots", StringComparison.Ordinal));
        byte[] bytes = _disk[path];
        bytes[50] ^= 1;
        _disk[path] = bytes;
        Assert.Throws<InvalidDataException>(() => store.Snapshots.Load("detector"));
        Assert.Null(store.Snapshots.Load("other"));
        Assert.Null(store.Cursors.Get("nobody"));
    }

    [Fact]
    public async Task A_store_is_open_once_at_a_time_and_under_its_own_key_only()
    {
        await using (Store store = Open())
        {
            Assert.Throws<IOException>(() => Open().Cursors);
        }

        StoreKey other = StoreKey.LoadOrCreate(_disk, "/etc/vedette/other", Directory);
        Assert.Throws<InvalidDataException>(() => Store.Open(_disk, Directory, other, new StoreOptions(), TimeProvider.System).Cursors);
        Assert.Throws<InvalidDataException>(() => StoreKey.LoadOrCreate(_disk, Directory + "/key", Directory));
    }

    private Store Open() => Store.Open(
        _disk, Directory, StoreKey.LoadOrCreate(_disk, KeyPath, Directory), new StoreOptions { Journal = new JournalOptions { CommitWindow = TimeSpan.Zero, SegmentLength = 64 * 1024, Compression = null } }, TimeProvider.System);

    private static async Task<AppendResult> SendAsync(Store store, string cluster, string json)
    {
        using EventRecords records = store.CreateRecords();
        records.Begin(cluster, "webhook", s_arrival);
        Add(records, json);
        return await store.AppendAsync(records, CancellationToken.None);
    }

    private static void Add(EventRecords records, string json)
    {
        Assert.Equal(DecodeStatus.Ok, new EventDecoder().Decode(Encoding.UTF8.GetBytes(json), out EventView view));
        records.Add(view);
    }
}
