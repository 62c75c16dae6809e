using System.Diagnostics;
using System.Globalization;

namespace Vedette.Benchmarks.Work;

/// <summary>What one pass over a log gave.</summary>
/// <param name="CpuNanoseconds">Processor time, user and system, of the whole process.</param>
/// <param name="WallNanoseconds">Time on the clock.</param>
/// <param name="Events">Events read.</param>
/// <param name="Checksum">Sum of the lengths of all extracted values.</param>
/// <param name="Matches">Sum over rules of (place + 1) times matches; 0 without rules.</param>
/// <param name="AllocatedBytes">Managed memory allocated.</param>
internal readonly record struct Pass(long CpuNanoseconds, long WallNanoseconds, long Events, long Checksum, long Matches, long AllocatedBytes)
{
    /// <summary>Reads the line that a worker answers with.</summary>
    public static Pass Parse(string line)
    {
        long[] parts = [.. line.Split(' ').Select(part => long.Parse(part, CultureInfo.InvariantCulture))];
        return new Pass(parts[0], parts[1], parts[2], parts[3], parts[4], parts[5]);
    }

    /// <summary>
    /// The protocol of all workers: load, say that one is ready and what one is, then for every line on standard input make one pass and answer with one line. So a
    /// driver can let several take turns, one pass each, and what else runs on the machine meets all of them alike.
    /// </summary>
    public static int Serve(string name, Func<(long Events, long Checksum, long Matches)> pass)
    {
        Console.WriteLine($"ready {name}");
        while (Console.ReadLine() is not null)
        {
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            TimeSpan cpu = Environment.CpuUsage.TotalTime;
            long wall = Stopwatch.GetTimestamp();
            (long events, long checksum, long matches) = pass();
            TimeSpan elapsed = Stopwatch.GetElapsedTime(wall);
            cpu = Environment.CpuUsage.TotalTime - cpu;
            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{cpu.Ticks * 100} {elapsed.Ticks * 100} {events} {checksum} {matches} {allocated}"));
        }

        return 0;
    }
}
