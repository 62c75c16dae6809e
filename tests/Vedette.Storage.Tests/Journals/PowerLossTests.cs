using CsCheck;
using Vedette.Storage.Files;
using Vedette.Storage.Journals;
using Vedette.Storage.Tests.Disks;
using Xunit;

namespace Vedette.Storage.Tests.Journals;

public class PowerLossTests(ITestOutputHelper output)
{
    private static readonly Exception[] s_failures =
    [
        new IOException("input/output error", 5), new IOException("no space left on device", 28), new IOException("read-only file system", 30), new UnauthorizedAccessException("permission denied"),
    ];

    [Fact]
    public void Power_is_lost_again_and_again_while_the_disk_fails_now_and_then_and_nothing_acknowledged_is_lost_or_doubled()
    {
        int losses = 0;
        int kills = 0;
        int faults = 0;
        int records = 0;
        Gen.Int.Sample(
            seed =>
            {
                Random random = new(seed);
                Random failures = new(seed);
                SimulatedDisk disk = new(seed);
                Sender sender = new();
                int next = 0;
                for (int life = 0; life < 6; life++)
                {
                    int failingFrom = random.Next(60);
                    int failing = random.Next(3) == 0 ? random.Next(1, 8) : 0;
                    int killedAt = random.Next(3) == 0 ? disk.Calls + random.Next(5, 60) : int.MaxValue;
                    disk.Fail = (call, name) =>
                    {
                        bool fails = name is not "exists" && call >= failingFrom && call < failingFrom + failing;
                        faults += fails ? 1 : 0;
                        return call >= killedAt ? new SimulatedDisk.KilledException() : fails ? s_failures[failures.Next(s_failures.Length)] : null;
                    };
                    LiveAsync(disk, sender, random, next).GetAwaiter().GetResult();
                    next += 20;
                    disk.Fail = null;
                    if (killedAt < disk.Calls && random.Next(2) == 0)
                    {
                        // The next process finds what the kernel has of it, durable or not.
                        kills++;
                        continue;
                    }

                    disk = disk.LosePower();
                    losses++;
                    sender.AssertKept(disk);
                }

                sender.AssertKept(disk.LosePower());
                Interlocked.Add(ref records, sender.Acknowledged.Count);
            },
            iter: 300, threads: 1);
        Assert.True(faults > 300, $"only {faults} calls failed");
        output.WriteLine($"survived {losses} losses of power, {kills} deaths of the process and {faults} failed calls; {records} acknowledged records are there exactly once");
    }

    [Fact]
    public async Task The_disk_fails_at_each_call_in_every_way_and_the_journal_works_again_when_it_does()
    {
        int faults = 0;
        foreach (Exception failure in s_failures)
        {
            foreach (int lasting in new[] { 1, 3, 12 })
            {
                int calls = int.MaxValue;
                for (int at = 0; at < calls; at++)
                {
                    SimulatedDisk disk = new(at);
                    Sender sender = new();
                    // Opening reads only; that it fails then is for who opens to deal with.
                    await using (Journal journal = Journal.Open(disk, Sender.Directory, Sender.Options, TimeProvider.System))
                    {
                        int begin = disk.Calls;
                        disk.Fail = (call, _) => call - begin >= at && call - begin < at + lasting ? failure : null;
                        for (int i = 0; i < 12; i++)
                        {
                            AppendResult result = await sender.SendAsync(journal, i, i + 1, i + 2);
                            for (int tries = 0; !result.IsDurable; tries++)
                            {
                                Assert.Equal(StoreProblem.Of(failure).Kind, result.Problem.Kind);
                                Assert.True(tries < 100, "it does not work again");
                                faults++;
                                result = await sender.SendAsync(journal, i, i + 1, i + 2);
                            }
                        }

                        disk.Fail = null;
                        calls = disk.Calls - begin;
                        sender.AssertKept(journal.Read(0));
                    }

                    sender.AssertKept(disk);
                    sender.AssertKept(disk.LosePower());
                    Assert.Equal(14, sender.Acknowledged.Count);
                }
            }
        }

        Assert.True(faults > 100);
        output.WriteLine($"survived {faults} refused appends");
    }

    [Fact]
    public async Task What_a_reader_was_shown_after_the_process_was_killed_outlives_a_loss_of_power()
    {
        int shownUnacknowledged = 0;
        for (int seed = 0; seed < 60; seed++)
        {
            SimulatedDisk disk = new(seed);
            Sender sender = new();
            Journal journal = Journal.Open(disk, Sender.Directory, Sender.Options, TimeProvider.System);
            await sender.SendAsync(journal, 1, 2);
            SimulatedDisk? killed = null;
            disk.Fail = (_, name) =>
            {
                killed ??= name == "sync" ? disk.Kill() : null;
                return killed is null ? null : new SimulatedDisk.KilledException();
            };
            await sender.SendAsync(journal, 3, 4);
            await using Journal again = Journal.Open(killed!, Sender.Directory, Sender.Options, TimeProvider.System);
            List<string> shown = Read(again.Read(0));
            Assert.Equal(shown.Count, again.End);
            shownUnacknowledged += shown.Count > 2 ? 1 : 0;
            Assert.Equal(shown, Read(JournalReader.Open(killed!.LosePower(), Sender.Directory)));
        }

        Assert.True(shownUnacknowledged > 10);
    }

    [Fact]
    public async Task A_record_torn_at_any_byte_takes_nothing_with_it_that_was_acknowledged()
    {
        SimulatedDisk disk = new(1);
        Sender sender = new();
        await using (Journal journal = Journal.Open(disk, Sender.Directory, Sender.Options with { Compression = null }, TimeProvider.System))
        {
            for (int i = 0; i < 3; i++)
            {
                await sender.SendAsync(journal, 2 * i, 2 * i + 1);
            }
        }

        string path = JournalExtent.Of(disk, Sender.Directory).Segments[0].Path;
        byte[] whole = disk[path];
        long last = whole.Length - Segment.PageLength;
        int torn = 0;
        Random random = new(2);
        for (int cut = (int)last; cut < whole.Length; cut++)
        {
            foreach (bool isGarbage in new[] { false, true })
            {
                // The end was never written, or is noise. What is after the last byte of the records is padding, and may be anything.
                byte[] bytes = whole.ToArray();
                Span<byte> rest = bytes.AsSpan(cut);
                bool isWhole = rest.IndexOfAnyExcept((byte)0) < 0;
                rest.Clear();
                if (isGarbage)
                {
                    random.NextBytes(rest);
                }

                SimulatedDisk after = new(3);
                using (IFile file = after.Create(path, 0))
                {
                    file.Write(bytes, 0);
                    file.Sync();
                }

                after.SyncDirectory(Sender.Directory);
                Sender again = new();
                await using Journal journal = Journal.Open(after, Sender.Directory, Sender.Options, TimeProvider.System);
                Assert.Equal(isWhole ? 6 : 4, journal.End);
                AppendResult result = await again.SendAsync(journal, Enumerable.Range(0, 6));
                Assert.Equal(isWhole ? 0 : 2, result.Stored);
                again.AssertKept(after);
                again.AssertKept(after.LosePower());
                torn++;
            }
        }

        output.WriteLine($"survived {torn} torn records");
    }

    private static List<string> Read(JournalReader reader)
    {
        using (reader)
        {
            List<string> records = [];
            while (reader.TryRead(out JournalRecord record))
            {
                records.Add(Convert.ToHexString(record.Bytes));
            }

            return records;
        }
    }

    private static async Task LiveAsync(SimulatedDisk disk, Sender sender, Random random, int first)
    {
        Journal? journal = null;
        for (int tries = 0; journal is null; tries++)
        {
            try
            {
                journal = Journal.Open(disk, Sender.Directory, Sender.Options with { Compression = random.Next(2) == 0 ? 1 : null }, TimeProvider.System);
            }
            catch (Exception exception) when (StoreProblem.IsOfDisk(exception) && tries < 20)
            {
                // The program would be started again.
                if (exception is SimulatedDisk.KilledException)
                {
                    return;
                }
            }
        }

        // Some batches at once, records of before among them; those that were refused are sent again, or given up.
        for (int i = 0; i < 8; i++)
        {
            await Task.WhenAll(Enumerable.Range(0, random.Next(1, 4)).Select(
                _ => sender.SendAsync(journal, Enumerable.Range(0, random.Next(1, 6)).Select(_ => random.Next(Math.Max(0, first - 20), first + 20)).Distinct().ToArray())).ToArray());
        }

        // Some lives end in order.
        if (random.Next(3) == 0)
        {
            await journal.DisposeAsync();
        }
    }
}
