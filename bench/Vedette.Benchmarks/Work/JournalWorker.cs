using System.Diagnostics;
using System.Globalization;
using Vedette.Audit.Decoding;
using Vedette.Audit.Events;
using Vedette.Storage.Events;
using Vedette.Storage.Files;
using Vedette.Storage.Journals;
using Vedette.Storage.Stores;

namespace Vedette.Benchmarks.Work;

/// <summary>
/// Measures the store against the bare disk: bytes a second against the same bytes written and made durable in groups of the same size, and the 99th percentile of acknowledgements against the commit window and
/// that of a bare write and fdatasync of one delivery.
/// </summary>
internal static class JournalWorker
{
    private const int EventsInDelivery = 400;
    private const int Senders = 8;
    private const int Acknowledgements = 300;

    /// <summary>Measures and prints a table.</summary>
    /// <param name="log">A log of JSON lines.</param>
    /// <param name="directory">Where to write; it is emptied.</param>
    /// <param name="rounds">How often each is done; medians are printed.</param>
    public static async Task<int> RunAsync(string log, string directory, int rounds)
    {
        byte[][] deliveries = Deliveries(log);
        long bytes = deliveries.Sum(delivery => (long)delivery.Length);
        long events = deliveries.Sum(delivery => (long)delivery.AsSpan().Count((byte)'\n'));
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{events} events, {bytes / 1e6:F0} MB, {deliveries.Length} deliveries, {Senders} senders; medians of {rounds} rounds\n"));
        Console.Out.WriteLine("| | MB/s | ÷ bare | CPU µs/event | ack p99, ms | ÷ (window + bare p99) |\n|---|---:|---:|---:|---:|---:|");
        foreach (int? compression in new int?[] { null, 1 })
        {
            List<double[]> results = [];
            for (int round = 0; round < rounds; round++)
            {
                (double bare, double bareP99) = Bare(deliveries, directory);
                Directory.CreateDirectory(directory);
                Directory.Delete(directory, recursive: true);
                JournalOptions options = new() { Compression = compression };
                StoreKey key = StoreKey.LoadOrCreate(LinuxFileSystem.Instance, StoreKey.DefaultPath(directory), directory);
                await using Store store = Store.Open(LinuxFileSystem.Instance, directory, key, new StoreOptions { Journal = options }, TimeProvider.System);
                TimeSpan processor = Environment.CpuUsage.TotalTime;
                double seconds = await AppendAsync(store, deliveries);
                double cpu = (Environment.CpuUsage.TotalTime - processor).TotalMicroseconds / events;
                double p99 = await AcknowledgeAsync(store, deliveries);
                double speed = bytes / 1e6 / seconds;
                results.Add([speed, speed / bare, cpu, p99, p99 / (options.CommitWindow.TotalMilliseconds + bareP99)]);
            }

            double[] median = [.. Enumerable.Range(0, 5).Select(column => results.Select(result => result[column]).Order().ElementAt(rounds / 2))];
            Console.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| redact, identify, store{(compression is null ? "" : $", zstd {compression}")} | {median[0]:F0} | {median[1]:F2} | {median[2]:F2} | {median[3]:F1} | {median[4]:F2} |"));
        }

        Directory.Delete(directory, recursive: true);
        return 0;
    }

    /// <summary>Bytes a second in MB, and the 99th percentile of one delivery in milliseconds, of write and fdatasync alone.</summary>
    private static (double Speed, double P99) Bare(byte[][] deliveries, string directory)
    {
        string path = directory + ".bare";
        File.Delete(path);
        using IFile file = LinuxFileSystem.Instance.Create(path, deliveries.Sum(delivery => (long)delivery.Length));
        long at = 0;
        long started = Stopwatch.GetTimestamp();
        foreach (byte[][] group in deliveries.Chunk(Senders))
        {
            foreach (byte[] delivery in group)
            {
                file.Write(delivery, at);
                at += delivery.Length;
            }

            file.Sync();
        }

        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        double[] single = new double[Acknowledgements];
        for (int i = 0; i < single.Length; i++)
        {
            long begun = Stopwatch.GetTimestamp();
            file.Write(deliveries[i % deliveries.Length], (long)i % deliveries.Length * deliveries[0].Length);
            file.Sync();
            single[i] = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
        }

        File.Delete(path);
        return (at / 1e6 / seconds, P99(single));
    }

    private static async Task<double> AppendAsync(Store store, byte[][] deliveries)
    {
        int next = -1;
        long started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Senders).Select(_ => Task.Run(async () =>
        {
            using EventRecords records = store.CreateRecords();
            EventDecoder decoder = new();
            for (int i = Interlocked.Increment(ref next); i < deliveries.Length; i = Interlocked.Increment(ref next))
            {
                Fill(records, decoder, deliveries[i], "bench");
                await AppendAsync(store, records);
            }
        })));
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>One delivery after the other, with pauses, as a cluster of ordinary size sends them.</summary>
    private static async Task<double> AcknowledgeAsync(Store store, byte[][] deliveries)
    {
        using EventRecords records = store.CreateRecords();
        EventDecoder decoder = new();
        double[] took = new double[Acknowledgements];
        for (int i = 0; i < took.Length; i++)
        {
            Fill(records, decoder, deliveries[i % deliveries.Length], $"cluster {i}");
            long begun = Stopwatch.GetTimestamp();
            await AppendAsync(store, records);
            took[i] = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
            await Task.Delay(TimeSpan.FromMilliseconds(3));
        }

        return P99(took);
    }

    private static async Task AppendAsync(Store store, EventRecords records)
    {
        AppendResult result = await store.AppendAsync(records, CancellationToken.None);
        if (!result.IsDurable)
        {
            throw new IOException(result.Problem.Message);
        }
    }

    private static void Fill(EventRecords records, EventDecoder decoder, byte[] delivery, string cluster)
    {
        records.Begin(cluster, "bench", TimeProvider.System.GetUtcNow());
        foreach (Range line in delivery.AsSpan().Split((byte)'\n'))
        {
            if (decoder.Decode(delivery.AsSpan()[line], out EventView view) == DecodeStatus.Ok)
            {
                records.Add(view);
            }
        }
    }

    private static byte[][] Deliveries(string log)
    {
        List<byte[]> deliveries = [];
        byte[] bytes = File.ReadAllBytes(log);
        int start = 0;
        int lines = 0;
        for (int at = 0; at < bytes.Length; at++)
        {
            if (bytes[at] == '\n' && ++lines % EventsInDelivery == 0)
            {
                deliveries.Add(bytes[start..(at + 1)]);
                start = at + 1;
            }
        }

        return [.. deliveries];
    }

    private static double P99(double[] values) => values.Order().ElementAt(values.Length * 99 / 100);
}
