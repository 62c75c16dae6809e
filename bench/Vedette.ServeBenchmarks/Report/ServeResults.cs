using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Vedette.Benchmarks.Report;

namespace Vedette.ServeBenchmarks.Report;

/// <summary>Runs the parts asked for and writes the part of the page that is bench/serve's.</summary>
internal static class ServeResults
{
    /// <summary>All parts, in their order on the page.</summary>
    public static string[] Parts { get; } = ["throughput", "latency", "findings", "memory"];

    /// <summary>Measures. With all parts the figures go to bench/RESULTS.md, else to standard output.</summary>
    /// <param name="root">The repository.</param>
    /// <param name="program">The published program.</param>
    /// <param name="cache">Where data goes.</param>
    /// <param name="minutes">Minutes of load for memory.</param>
    /// <param name="parts">Parts; all when empty.</param>
    public static async Task<int> WriteAsync(string root, string program, string cache, double minutes, string[] parts)
    {
        string[] wanted = parts.Length == 0 ? Parts : parts;
        if (wanted.FirstOrDefault(part => !Parts.Contains(part, StringComparer.Ordinal)) is { } unknown)
        {
            Console.Error.WriteLine($"bench/serve: there is no part {unknown}; parts are {string.Join(", ", Parts)}");
            return 2;
        }

        int rounds = int.TryParse(Environment.GetEnvironmentVariable("BENCH_ROUNDS"), NumberStyles.None, CultureInfo.InvariantCulture, out int said) && said > 0 ? said : 5;
        Directory.CreateDirectory(cache);
        Page page = new();
        ServeMeasurements measurements = new(program, cache, page, rounds);
        foreach (string part in Parts.Where(part => wanted.Contains(part, StringComparer.Ordinal)))
        {
            await (part switch
            {
                "throughput" => measurements.ThroughputAsync(),
                "latency" => measurements.LatencyAsync(),
                "findings" => measurements.FindingsAsync(),
                _ => measurements.MemoryAsync(minutes),
            });
        }

        string text = page.Text(Head(root, wanted), File.ReadAllText(Path.Combine(root, "bench", "NOTES.serve.md"))).Replace("\n## Targets", "\n## Server: targets", StringComparison.Ordinal);
        if (parts.Length == 0)
        {
            ResultsFile.Write(Path.Combine(root, "bench", "RESULTS.md"), "bench/serve", text);
        }
        else
        {
            await Console.Out.WriteAsync(text);
        }

        return 0;
    }

    private static string Head(string root, string[] wanted)
    {
        string processor = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown";
        string load = File.ReadAllText("/proc/loadavg").Split(' ')[0];
        return string.Create(CultureInfo.InvariantCulture, $"""
            # Results of the server

            Written by `bench/serve`, every figure as measured; bench/README.md says how to run it.

            - {DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC, commit {Commit(root)}; parts: {string.Join(", ", wanted)}
            - {processor}, {Environment.ProcessorCount} cores, load {load} at the end (the bench itself keeps both busy); {RuntimeInformation.OSDescription}
            - .NET {Environment.Version} Native AOT for program, reference and sender

            """);
    }

    private static string Commit(string root)
    {
        using Process git = Process.Start(new ProcessStartInfo("git", ["-C", root, "describe", "--always", "--dirty", "--exclude=*"]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        return git.StandardOutput.ReadToEnd().Trim();
    }
}
