namespace Vedette.Benchmarks.Report;

/// <summary>Where bench/run put what the measurements need.</summary>
internal sealed record Places(string Root, string Cache)
{
    /// <summary>The builds of our code: for any processor, for those since 2013, for this one. BENCH_BUILDS may name fewer, to save the time of compiling.</summary>
    public static string[] Builds { get; } = (Environment.GetEnvironmentVariable("BENCH_BUILDS") ?? "portable v3 native").Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The program as published by ./build.</summary>
    public string Program => Path.Combine(Cache, "program", "vedette");

    /// <summary>The program compiled for any processor of its kind.</summary>
    public string PortableProgram => Path.Combine(Cache, "program-portable", "vedette");

    /// <summary>Rules of the hundred.</summary>
    public string Rules => Path.Combine(Root, "bench", "cases", "rules-100.tsv");

    /// <summary>The rules that come with the program.</summary>
    public string Pack => Path.Combine(Root, "rules");

    /// <summary>The 20 rules as SQL.</summary>
    public string Sql => Path.Combine(Root, "bench", "peers", "rules-20.sql");

    /// <summary>Files given to us beside the repository; absent in most checkouts.</summary>
    public string Shared => Path.Combine(Root, "..", "shared");

    /// <summary>The build of this program for an instruction set.</summary>
    public string WorkerFor(string build) => Path.Combine(Cache, $"worker-{build}", "Vedette.Benchmarks");

    /// <summary>simdjson's peer for a kernel.</summary>
    public string Simdjson(string kernel) => Path.Combine(Cache, $"simdjson-{kernel}");

    /// <summary>A data file.</summary>
    public string Data(string name) => Path.Combine(Cache, "data", name);

    /// <summary>A program of Debian sid with its own C library.</summary>
    public string[] Sid(string program) => [Path.Combine(Cache, $"run-{program}")];
}
