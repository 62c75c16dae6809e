using System.Globalization;
using System.Runtime.Intrinsics.X86;
using Vedette.Benchmarks.Data;

namespace Vedette.Benchmarks.Report;

/// <summary>What is measured, one part of the page after the other.</summary>
internal sealed class Measurements(Places places, DataSets data, Page page, int rounds)
{
    private static readonly string[] s_builds = Places.Builds;

    /// <summary>simdjson's kernels that this processor can run, the wider first. Their programs are compiled for them, so they cannot even be asked elsewhere.</summary>
    private static readonly string[] s_kernels = Avx512Vbmi.VL.IsSupported && Avx512BW.VL.IsSupported ? ["icelake", "haswell"] : ["haswell"];

    /// <summary>Extraction of the 25 fields.</summary>
    public void Extraction()
    {
        page.Section("Extraction of 25 fields, JSON lines in memory, one thread", $"""
            Processor time (user + system) of one pass over the file; median of {rounds} passes after one to warm up, the workers taking turns in both orders. "÷ simdjson" compares with
            simdjson On-Demand (`iterate_many`) on the kernel named; the spread is the least and the greatest of the ratios of passes made in the same turn. All readers found the same
            number of events and the same sum of lengths of all extracted, unescaped values.
            """);
        (string Name, string? Path, double Least, double Aim, string? Target)[] sets =
        [
            ("Metadata, generated", data.Generated(Profile.Metadata), 1.25, 1.6, "Metadata"),
            ("RequestResponse, generated", data.Generated(Profile.RequestResponse), 0, 0, null),
            ("writes only, generated", data.Generated(Profile.WritesOnly), 0, 0, null),
            ("Metadata, members in random order", data.Shuffled(Profile.Metadata), 0.8, 1.1, "shuffled member order, Metadata"),
            ("Metadata, real", data.Real("big-meta"), 0, 0, null),
            ("RequestResponse, real", data.Real("big-rr"), 2.0, 3.0, "real RequestResponse log"),
        ];
        foreach ((string name, string? path, double least, double aim, string? target) in sets)
        {
            if (path is null)
            {
                page.Say($"{name}: skipped, the log is not beside the repository (shared/apiserver/bulk).");
                if (target is not null)
                {
                    page.Unmeasured($"extraction ÷ simdjson, {target}", $"≥ {least}", $"≥ {aim}", "the log is not here");
                }

                continue;
            }

            List<Worker> workers = [];
            try
            {
                workers.AddRange(s_kernels.Select(kernel => Worker.Start($"simdjson {kernel}", places.Simdjson(kernel), kernel, path)));
                workers.AddRange(s_builds.Select(build => Worker.Start($"vedette {build}", places.WorkerFor(build), "extract", path)));
                workers.Add(Worker.Start("Utf8JsonReader", places.WorkerFor(s_builds[^1]), "utf8json", path));
                Worker.TakeTurns(workers, rounds);
                CheckEqual(workers);
                page.Say(string.Create(CultureInfo.InvariantCulture, $"**{name}**: {workers[0].Passes[0].Events:N0} events, {new FileInfo(path).Length / 1e6:N0} MB, checksum {workers[0].Passes[0].Checksum}"));
                Tabulate(workers, new FileInfo(path).Length);
                if (target is not null)
                {
                    Judge($"extraction ÷ simdjson, {target}", workers, name == "Metadata, generated" ? (1.5, 2.0) : (least, aim), (least, aim));
                }
            }
            finally
            {
                workers.ForEach(worker => worker.Dispose());
            }
        }
    }

    /// <summary>Extraction and rules.</summary>
    public void Rules()
    {
        page.Section("Extraction and rules", """
            The same hundred rules (bench/cases/rules-100.tsv): in C++ by hash dispatch on verb and resource; in our case converted to Sigma, loaded and evaluated as the program does, without
            regard to case as Sigma has it. Every rule matched equally often on both sides. "rules" is what a pass costs above a pass of the same build that only extracts; the product's scan
            locates every field of the catalogue and not the 25 alone, which is part of that. Larger sets are drawn at random in the likeness of the hundred. "pack" is the set of rules that
            comes with the program; the unrelated rules are about resources that no event has.
            """);
        string log = data.Generated(Profile.Metadata);
        string kernel = s_kernels[0];
        string main = s_builds.Contains("v3", StringComparer.Ordinal) ? "v3" : s_builds[^1];
        string hundred = data.Drawn(100);
        string thousand = data.Drawn(1000);
        string fiveThousand = data.Drawn(5000);
        (string Name, string[] Command)[] commands =
        [
            ($"simdjson {kernel}", [places.Simdjson(kernel), kernel, log]),
            .. s_builds.Select(build => ($"vedette {build}", new[] { places.WorkerFor(build), "extract", log })),
            ($"simdjson {kernel} + 100 rules", [places.Simdjson(kernel), kernel, log, places.Rules]),
            .. s_builds.Select(build => ($"vedette {build} + 100 rules", new[] { places.WorkerFor(build), "rules", log, places.Rules })),
            ($"simdjson {kernel} + 100 drawn", [places.Simdjson(kernel), kernel, log, hundred]),
            ($"simdjson {kernel} + 5,000 drawn", [places.Simdjson(kernel), kernel, log, fiveThousand]),
            ($"vedette {main} + 100 drawn", [places.WorkerFor(main), "rules", log, hundred]),
            ($"vedette {main} + 1,000 drawn", [places.WorkerFor(main), "rules", log, thousand]),
            ($"vedette {main} + 5,000 drawn", [places.WorkerFor(main), "rules", log, fiveThousand]),
            ($"vedette {main} + pack", [places.WorkerFor(main), "rules", log, places.Pack]),
            ($"vedette {main} + pack + 1,000 unrelated", [places.WorkerFor(main), "rules", log, places.Pack, data.Unrelated(1000)]),
        ];
        List<Worker> workers = [];
        try
        {
            workers.AddRange(commands.Select(command => Worker.Start(command.Name, command.Command)));
            Worker.TakeTurns(workers, rounds);
            CheckEqual(workers);
            Worker Of(string name) => workers.Single(worker => worker.Name == name);
            void CompareCosts(string what, string more, string less, double least, double aim)
            {
                (double dividend, double divisor) = (RuleCost(Of($"vedette {main} + {more}")), RuleCost(Of($"vedette {main} + {less}")));
                if (dividend <= 0 || divisor <= 0)
                {
                    page.Unmeasured($"rule cost per event, {what}", $"≤ {least}", $"≤ {aim}", "passes differed by more than the rules cost");
                    return;
                }

                page.Target($"rule cost per event, {what}", dividend / divisor, least, aim, smallerIsBetter: true);
            }

            CheckMatches([Of($"simdjson {kernel} + 100 rules"), .. s_builds.Select(build => Of($"vedette {build} + 100 rules"))]);
            CheckMatches(Of($"simdjson {kernel} + 100 drawn"), Of($"vedette {main} + 100 drawn"));
            CheckMatches(Of($"simdjson {kernel} + 5,000 drawn"), Of($"vedette {main} + 5,000 drawn"));
            CheckMatches(Of($"vedette {main} + pack"), Of($"vedette {main} + pack + 1,000 unrelated"));
            long bytes = new FileInfo(log).Length;
            page.Table(["", "MB/s", "ns/event", "rules, ns/event", "allocated B/event"], workers.Select(worker => new[]
            {
                worker.Name, Rate(worker, bytes), Nanoseconds(worker), worker.Name.Contains('+', StringComparison.Ordinal) ? RuleCost(worker).ToString("N0", CultureInfo.InvariantCulture) : "–",
                Allocated(worker),
            }));
            foreach (string build in s_builds)
            {
                page.Target($"extraction + 100 rules ÷ simdjson {kernel} + 100 rules in C++, {build} build", Ratio(Of($"simdjson {kernel} + 100 rules"), Of($"vedette {build} + 100 rules")).Median, 1.4, 2.0);
            }

            CompareCosts("5,000 ÷ 100 drawn rules", "5,000 drawn", "100 drawn", 5, 2);
            CompareCosts("pack + 1,000 unrelated rules ÷ pack", "pack + 1,000 unrelated", "pack", 1.05, 1.02);
            Worker unmatched = Of($"vedette {main} + 100 rules");
            page.Target("allocated bytes per event, extraction + 100 rules", (double)unmatched.Passes[^1].AllocatedBytes / unmatched.Passes[^1].Events, 0, 0, smallerIsBetter: true);

            double RuleCost(Worker worker)
            {
                Worker bare = Of(worker.Name.Split(" + ")[0]);
                return Spread.Of(worker.Passes.Zip(bare.Passes, (with, without) => (double)(with.CpuNanoseconds - without.CpuNanoseconds) / with.Events)).Median;
            }
        }
        finally
        {
            workers.ForEach(worker => worker.Dispose());
        }
    }

    private void Judge(string what, List<Worker> workers, (double Least, double Aim) wide, (double Least, double Aim) narrow)
    {
        foreach ((string kernel, string build, string name, (double Least, double Aim) target) in new[]
        {
            ("icelake", "native", "AVX-512", wide), ("haswell", "v3", "AVX2", narrow), ("haswell", "portable", "AVX2, portable build", narrow),
        })
        {
            if (!s_builds.Contains(build, StringComparer.Ordinal))
            {
                continue;
            }

            Worker? reference = workers.Find(worker => worker.Name == $"simdjson {kernel}");
            if (reference is null)
            {
                page.Unmeasured($"{what}, {name}", $"≥ {target.Least}", $"≥ {target.Aim}", "this processor has no AVX-512");
                continue;
            }

            page.Target($"{what}, {name}", Ratio(reference, workers.Single(worker => worker.Name == $"vedette {build}")).Median, target.Least, target.Aim);
        }
    }

    private void Tabulate(List<Worker> workers, long bytes)
    {
        Worker[] references = [.. workers.Where(worker => worker.Name.StartsWith("simdjson", StringComparison.Ordinal))];
        page.Table(
            ["", "MB/s", "ns/event", "allocated B/event", .. references.Select(reference => "÷ " + reference.Name)],
            workers.Select(worker => (string[])
            [
                worker.Name, Rate(worker, bytes), Nanoseconds(worker), worker.Name.StartsWith("simdjson", StringComparison.Ordinal) ? "–" : Allocated(worker),
                .. references.Select(reference => Show(Ratio(reference, worker))),
            ]));
    }

    /// <summary>How many times as fast, from passes of the same turn.</summary>
    private static Spread Ratio(Worker reference, Worker worker) =>
        Spread.Of(reference.Passes.Zip(worker.Passes, (slow, fast) => (double)slow.CpuNanoseconds / fast.CpuNanoseconds));

    private static string Show(Spread ratio) => string.Create(CultureInfo.InvariantCulture, $"{ratio.Median:0.00} ({ratio.Least:0.00}–{ratio.Most:0.00})");

    private static string Rate(Worker worker, long bytes) =>
        Spread.Of(worker.Passes.Select(pass => bytes * 1e3 / pass.CpuNanoseconds)).Median.ToString("N0", CultureInfo.InvariantCulture);

    private static string Nanoseconds(Worker worker) =>
        Spread.Of(worker.Passes.Select(pass => (double)pass.CpuNanoseconds / pass.Events)).Median.ToString("N0", CultureInfo.InvariantCulture);

    private static string Allocated(Worker worker) => worker.Name.StartsWith("simdjson", StringComparison.Ordinal)
        ? "–" : ((double)worker.Passes[^1].AllocatedBytes / worker.Passes[^1].Events).ToString("0.00", CultureInfo.InvariantCulture);

    private static void CheckEqual(List<Worker> workers)
    {
        if (workers.SelectMany(worker => worker.Passes).Select(pass => (pass.Events, pass.Checksum)).Distinct().Count() != 1)
        {
            throw new InvalidOperationException(
                "the readers did not find the same: " + string.Join(", ", workers.Select(worker => $"{worker.Name}: {worker.Passes[0].Events} events, {worker.Passes[0].Checksum}")));
        }
    }

    private static void CheckMatches(params Worker[] workers)
    {
        if (workers.SelectMany(worker => worker.Passes).Select(pass => pass.Matches).Distinct().Count() != 1)
        {
            throw new InvalidOperationException("the rules did not match equally often: " + string.Join(", ", workers.Select(worker => $"{worker.Name}: {worker.Passes[0].Matches}")));
        }
    }
}
