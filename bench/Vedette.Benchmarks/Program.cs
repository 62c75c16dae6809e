using System.Diagnostics;
using System.IO.Compression;
using System.Text.Json;
using Vedette.Audit.Decoding;
using Vedette.Audit.Events;

// The plain walk: JSON lines of a log in memory, one thread, every field of the catalogue located; Utf8JsonReader reading the same bytes is the reference.
if (args.Length == 0)
{
    Console.Error.WriteLine("usage: Vedette.Benchmarks LOG[.gz]...");
    return 2;
}

Console.WriteLine("| log | width | MB/s | ns/event | allocated B/event | ratio to Utf8JsonReader |");
Console.WriteLine("|---|---|---|---|---|---|");
foreach (string path in args)
{
    byte[] log = Read(path);
    int events = log.AsSpan().Count((byte)'\n');
    int rounds = Math.Max(1, 400_000_000 / log.Length);
    double reference = Median(() => ReadAll(log), rounds);
    foreach (SimdWidth width in Enum.GetValues<SimdWidth>().Where(StructuralIndex.IsSupported))
    {
        EventDecoder decoder = new(width);
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        Walk(decoder, log);
        allocated = GC.GetAllocatedBytesForCurrentThread();
        Walk(decoder, log);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        double seconds = Median(() => Walk(decoder, log), rounds);
        Console.WriteLine(
            $"| {Path.GetFileName(path)} | {width} | {log.Length / seconds / 1e6:F0} | {seconds * 1e9 / events:F0} | {(double)allocated / events:F2} | {reference / seconds:F2} |");
    }
}

return 0;

static long Walk(EventDecoder decoder, ReadOnlySpan<byte> log)
{
    long found = 0;
    while (!log.IsEmpty)
    {
        int end = log.IndexOf((byte)'\n');
        if (decoder.Decode(end < 0 ? log : log[..end], out EventView view) == DecodeStatus.Ok)
        {
            found += view.RangeOf(AuditField.Verb).Length + view.RangeOf(AuditField.StageTimestamp).Length;
        }

        log = end < 0 ? default : log[(end + 1)..];
    }

    return found;
}

static long ReadAll(ReadOnlySpan<byte> log)
{
    long found = 0;
    while (!log.IsEmpty)
    {
        int end = log.IndexOf((byte)'\n');
        Utf8JsonReader reader = new(end < 0 ? log : log[..end]);
        try
        {
            while (reader.Read())
            {
                found++;
            }
        }
        catch (JsonException)
        {
            found++;
        }

        log = end < 0 ? default : log[(end + 1)..];
    }

    return found;
}

// Seconds of processor time for one pass: the median of seven measurements of several passes each.
static double Median(Func<long> pass, int rounds)
{
    double[] seconds = new double[7];
    long sum = 0;
    for (int i = 0; i < seconds.Length; i++)
    {
        TimeSpan before = Process.GetCurrentProcess().TotalProcessorTime;
        for (int round = 0; round < Math.Max(1, rounds / seconds.Length); round++)
        {
            sum += pass();
        }

        seconds[i] = (Process.GetCurrentProcess().TotalProcessorTime - before).TotalSeconds / Math.Max(1, rounds / seconds.Length);
    }

    Array.Sort(seconds);
    return sum == 0 ? throw new InvalidOperationException("nothing was read") : seconds[seconds.Length / 2];
}

static byte[] Read(string path)
{
    using Stream file = File.OpenRead(path);
    using Stream plain = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
    using MemoryStream bytes = new();
    plain.CopyTo(bytes);
    return bytes.ToArray();
}
