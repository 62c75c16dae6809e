using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using Vedette.Pipeline.Serving;
using Vedette.Storage.Files;
using Vedette.Storage.Journals;
using Vedette.Storage.Stores;
using Xunit;

namespace Vedette.Pipeline.Tests.Serving;

/// <summary>A log that is written and rotated at speed while its reader is killed again and again: every line is in the store exactly once.</summary>
public class TailKillTests(ITestOutputHelper output)
{
    private const int Kills = 30;

    [Fact]
    public async Task Every_line_of_a_rotating_log_is_stored_once_however_often_its_reader_is_killed()
    {
        Random random = new(8);
        string folder = Directory.CreateTempSubdirectory("vedette-tail-kill-").FullName;
        string data = Path.Combine(folder, "data");
        string log = Path.Combine(folder, "log", "audit.log");
        Directory.CreateDirectory(Path.GetDirectoryName(log)!);
        using CancellationTokenSource stop = new();
        Task<int> writing = Task.Run(() => WriteAsync(log, stop.Token), CancellationToken.None);
        for (int kill = 0; kill < Kills; kill++)
        {
            using Process follower = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["follow-until-killed", data, log]) { UseShellExecute = false, RedirectStandardOutput = true })!;
            Assert.Equal("stored", await follower.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
            await Task.Delay(random.Next(0, 100), TestContext.Current.CancellationToken);
            follower.Kill();
            await follower.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        await stop.CancelAsync();
        int written = await writing;
        long before = Stored(data).Count;
        await CatchUpAsync(data, log, written);
        List<string> stored = Stored(data);
        Assert.Equal(written, stored.Count);
        Assert.Equal(Enumerable.Range(0, written).Select(Line), stored.Order(StringComparer.Ordinal));
        Assert.InRange(before, 1, written);
        output.WriteLine($"survived {Kills} kills; {written} lines in {Directory.GetFiles(Path.GetDirectoryName(log)!).Length} files are there exactly once, {before} of them before the last start");
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Writes numbered events as kube-apiserver does: renames at a size, compresses what was renamed before.</summary>
    private static async Task<int> WriteAsync(string log, CancellationToken cancellation)
    {
        int number = 0;
        int rotations = 0;
        string? last = null;
        FileStream file = new(log, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        while (!cancellation.IsCancellationRequested)
        {
            for (int i = 0; i < 20; i++)
            {
                file.Write(Encoding.UTF8.GetBytes(Line(number++) + "\n"));
            }

            if (file.Length > 200_000)
            {
                string rotated = Path.Combine(Path.GetDirectoryName(log)!, string.Create(CultureInfo.InvariantCulture, $"audit-2026-11-23T{rotations / 3600:D2}-{rotations / 60 % 60:D2}-{rotations % 60:D2}.000.log"));
                rotations++;
                File.Move(log, rotated);
                await file.DisposeAsync();
                file = new FileStream(log, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
                if (last is not null)
                {
                    await CompressAsync(last);
                }

                last = rotated;
            }

            await Task.Delay(2, CancellationToken.None);
        }

        await file.DisposeAsync();
        return number;
    }

    private static async Task CompressAsync(string path)
    {
        await using (GZipStream packed = new(File.Create(path + ".gz"), CompressionLevel.Fastest))
        {
            await packed.WriteAsync(await File.ReadAllBytesAsync(path));
        }

        File.Delete(path);
    }

    private static async Task CatchUpAsync(string data, string log, int written)
    {
        await using Store store = FollowerProcess.Open(data);
        await using TailIntake intake = FollowerProcess.Follow(store, log);
        using CancellationTokenSource stop = new();
        Task running = intake.RunAsync(stop.Token);
        await store.Events.WaitAsync(written - 1, TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        // What would be stored twice would come now.
        await Task.Delay(500, TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        await running;
        Assert.Equal(0, intake.Sources[0].Gaps);
    }

    private static string Line(int number) => string.Create(
        CultureInfo.InvariantCulture,
        $$$"""{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"{{{number:D8}}}","stage":"ResponseComplete","requestURI":"/api/v1/pods","verb":"list","user":{"username":"u"}}""");

    private static List<string> Stored(string data)
    {
        List<string> stored = [];
        using JournalReader reader = JournalReader.Open(LinuxFileSystem.Instance, new StoreFiles(data).Events, 0, damage => Assert.Fail(damage.ToString()));
        while (reader.TryRead(out JournalRecord record))
        {
            stored.Add(Encoding.UTF8.GetString(record.Bytes));
        }

        return stored;
    }
}
