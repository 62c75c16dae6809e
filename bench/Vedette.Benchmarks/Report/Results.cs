using System.Globalization;
using System.Runtime.InteropServices;
using Vedette.Benchmarks.Work;

namespace Vedette.Benchmarks.Report;

/// <summary>Runs the parts asked for and writes the page.</summary>
internal static class Results
{
    /// <summary>All parts, in their order on the page.</summary>
    public static string[] Parts { get; } = ["extraction", "rules", "scan", "cold", "cores"];

    /// <summary>Measures. With all parts the page goes to bench/RESULTS.md, else to standard output.</summary>
    /// <param name="root">The repository.</param>
    /// <param name="cache">Where bench/run has built everything.</param>
    /// <param name="parts">Parts; all when empty.</param>
    public static int Write(string root, string cache, string[] parts)
    {
        string[] wanted = parts.Length == 0 ? Parts : parts;
        if (wanted.FirstOrDefault(part => !Parts.Contains(part, StringComparer.Ordinal)) is { } unknown)
        {
            Console.Error.WriteLine($"bench/run: there is no part {unknown}; parts are {string.Join(", ", Parts)}");
            return 2;
        }

        int megabytes = FromEnvironment("BENCH_MB", 120);
        int rounds = FromEnvironment("BENCH_ROUNDS", 7);
        Places places = new(root, cache);
        DataSets data = new(places, megabytes);
        Page page = new();
        Measurements measurements = new(places, data, page, rounds);
        foreach (string part in wanted)
        {
            switch (part)
            {
                case "extraction":
                    measurements.Extraction();
                    break;
                case "rules":
                    measurements.Rules();
                    break;
                case "scan":
                    new WholePrograms(places, data, page, Math.Min(rounds, 5)).ScanAgainstSql();
                    break;
                case "cold":
                    new WholePrograms(places, data, page, rounds).ColdScan();
                    break;
                default:
                    new WholePrograms(places, data, page, Math.Min(rounds, 5)).TwoCores();
                    break;
            }
        }

        string notes = Path.Combine(root, "bench", "NOTES.md");
        string text = page.Text(Head(places, wanted), File.ReadAllText(notes));
        if (parts.Length == 0)
        {
            ResultsFile.Write(Path.Combine(root, "bench", "RESULTS.md"), "bench/run", text);
        }
        else
        {
            Console.Out.Write(text);
        }

        return 0;
    }

    private static string Head(Places places, string[] wanted)
    {
        string processor = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown";
        string load = File.ReadAllText("/proc/loadavg").Split(' ')[0];
        string commit = Child.Run(["git", "-C", places.Root, "describe", "--always", "--dirty", "--exclude=*"]).Output.Trim();
        string compiler = Child.Run(["g++", "-dumpfullversion"]).Output.Trim();
        using Worker simdjson = Worker.Start("", places.Simdjson("haswell"), "fallback", "/dev/null");
        return string.Create(CultureInfo.InvariantCulture, $"""
            # Results

            Written by `bench/run`, every figure as measured; bench/README.md says what is measured and how. Absolute figures are those of the machine, ratios travel better.

            - {DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC, commit {commit}; parts: {string.Join(", ", wanted)}
            - {processor}, {Environment.ProcessorCount} cores, widest vectors {Instructions.Name}, load {load} at the end; {RuntimeInformation.OSDescription}
            - .NET {Environment.Version} Native AOT; {simdjson.Says.Replace(" fallback", "", StringComparison.Ordinal)} from Debian sid, g++ {compiler} -O3; DuckDB {Version(places.Sid("duckdb"))}; {Version(places.Sid("jq"))}; {Version(places.Sid("jaq"))}

            """);
    }

    private static string Version(string[] program) => Child.Run([.. program, "--version"]).Output.Trim();

    private static int FromEnvironment(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out int value) && value > 0 ? value : otherwise;
}
