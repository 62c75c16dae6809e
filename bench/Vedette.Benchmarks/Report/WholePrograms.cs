using System.Globalization;
using Vedette.Benchmarks.Data;

namespace Vedette.Benchmarks.Report;

/// <summary>Measures whole programs, from their start to their end: the published program against those that people use instead.</summary>
internal sealed class WholePrograms(Places places, DataSets data, Page page, int rounds)
{
    private const string Filter = "select(.verb == \"get\" and .objectRef.resource == \"secrets\" and .responseStatus.code == 200) | .auditID";

    // The option, where the program has it: without it, it reads with one thread.
    private readonly bool _hasThreads = Child.Run([places.Program, "scan", "--help"]).Output.Contains("--threads", StringComparison.Ordinal);

    /// <summary>A scan with all rules of the program, against DuckDB with twenty; and what merely counting lines costs.</summary>
    public void ScanAgainstSql()
    {
        page.Section("Whole scan, all rules of the program, one thread", $"""
            `vedette scan LOG -o jsonl` with the rules that come with it, against DuckDB's `read_json` with 20 rules as `count(*) FILTER` (bench/peers/rules-20.sql, explicit columns, one thread).
            Processor time of the whole process, start included; median of {rounds}, in turns, both orders; the page cache is warm.
            """);
        foreach ((string name, string log, bool isTarget) in new[]
        {
            ("Metadata, generated", data.Generated(Profile.Metadata), true), ("RequestResponse, generated", data.Generated(Profile.RequestResponse), false),
        })
        {
            string sql = File.ReadAllText(places.Sql).Replace("'LOG'", $"'{log}'", StringComparison.Ordinal);
            Contestant[] contestants =
            [
                new("DuckDB, 20 rules", [.. places.Sid("duckdb"), "-c", sql]), new("vedette scan, x86-64-v3", Scan(log, 1)),
                .. Places.Builds.Contains("portable", StringComparer.Ordinal)
                    ? new[] { new Contestant("vedette scan, portable", [places.PortableProgram, .. Scan(log, 1)[1..]]) }
                    : [],
                new("wc -l", ["wc", "-l", log]),
            ];
            TakeTurns(contestants);
            double bytes = new FileInfo(log).Length;
            page.Say(string.Create(CultureInfo.InvariantCulture, $"**{name}**, {bytes / 1e6:N0} MB; findings printed: {contestants[1].LastOutput.AsSpan().Count('\n')} lines"));
            page.Table(["", "CPU s", "MB per CPU s", "wall s", "DuckDB ÷"], contestants.Select(contestant => new[]
            {
                contestant.Name, Number(contestant.Cpu.Median, "0.000"), Number(bytes / 1e6 / contestant.Cpu.Median, "N0"), Number(contestant.Wall.Median, "0.000"),
                Number(contestants[0].Cpu.Median / contestant.Cpu.Median, "0.00"),
            }));
            if (isTarget)
            {
                page.Target("whole scan with all rules ÷ DuckDB with 20 SQL rules, CPU", contestants[0].Cpu.Median / contestants[1].Cpu.Median, 5, 10);
            }
        }
    }

    /// <summary>A fresh process on a small log, on the clock.</summary>
    public void ColdScan()
    {
        string log = data.Generated(Profile.Metadata, 50);
        page.Section("Cold scan of 50 MB", $"""
            A fresh process each time, wall time, median of {rounds} in turns; page cache warm. jq and jaq run one filter (`{Filter}`), vedette all its rules.
            """);
        Contestant[] contestants =
        [
            new("jq, one filter", [.. places.Sid("jq"), "-r", Filter, log]), new("jaq, one filter", [.. places.Sid("jaq"), "-r", Filter, log]),
            new("vedette scan, one thread", Scan(log, 1)), new("vedette scan", Scan(log, null)), new("wc -l", ["wc", "-l", log]),
        ];
        TakeTurns(contestants);
        page.Table(["", "wall s (least–most)", "CPU s", "÷ jq, wall"], contestants.Select(contestant => new[]
        {
            contestant.Name, $"{Number(contestant.Wall.Median, "0.000")} ({Number(contestant.Wall.Least, "0.000")}–{Number(contestant.Wall.Most, "0.000")})",
            Number(contestant.Cpu.Median, "0.000"), Number(contestant.Wall.Median / contestants[0].Wall.Median, "0.000"),
        }));
        page.Target("cold scan of 50 MB ÷ jq with one filter, wall", contestants[3].Wall.Median / contestants[0].Wall.Median, 0.15, 0.05, smallerIsBetter: true);
    }

    /// <summary>One gigabyte with one core and with two.</summary>
    public void TwoCores()
    {
        page.Section("Two cores", $"""
            `vedette scan` of 1 GB of Metadata events, wall time, median of {rounds} in turns. {(_hasThreads ? "`--threads 1` against `--threads 2`." : "This version has no `--threads`: `taskset` gives it one core, then two.")}
            On a machine that others use too the second core is not ours alone; the CPU time over the wall time says how much of it we had.
            """);
        if (Environment.ProcessorCount < 2)
        {
            page.Unmeasured("two cores ÷ one core, wall, 1 GB", "≥ 1.7", "≥ 1.9", "this machine has one core");
            return;
        }

        string log = data.Generated(Profile.Metadata, 1000);
        Contestant[] contestants = _hasThreads
            ? [new("one thread", Scan(log, 1)), new("two threads", Scan(log, 2))]
            : [new("one core", ["taskset", "-c", "0", .. Scan(log, null)]), new("two cores", ["taskset", "-c", "0,1", .. Scan(log, null)])];
        TakeTurns(contestants);
        page.Table(["", "wall s (least–most)", "CPU s", "CPU ÷ wall"], contestants.Select(contestant => new[]
        {
            contestant.Name, $"{Number(contestant.Wall.Median, "0.00")} ({Number(contestant.Wall.Least, "0.00")}–{Number(contestant.Wall.Most, "0.00")})",
            Number(contestant.Cpu.Median, "0.00"), Number(contestant.Cpu.Median / contestant.Wall.Median, "0.00"),
        }));
        page.Target("two cores ÷ one core, wall, 1 GB", contestants[0].Wall.Median / contestants[1].Wall.Median, 1.7, 1.9);
    }

    private string[] Scan(string log, int? threads) =>
        [places.Program, "scan", log, "-o", "jsonl", .. threads is { } count && _hasThreads ? ["--threads", count.ToString(CultureInfo.InvariantCulture)] : Array.Empty<string>()];

    private void TakeTurns(Contestant[] contestants)
    {
        for (int round = 0; round < rounds; round++)
        {
            foreach (Contestant contestant in round % 2 == 0 ? contestants : contestants.Reverse())
            {
                contestant.Run();
            }
        }
    }

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private sealed class Contestant(string name, string[] command)
    {
        private readonly List<Child.Cost> _costs = [];

        public string Name => name;

        public Spread Cpu => Spread.Of(_costs.Select(cost => cost.Cpu));

        public Spread Wall => Spread.Of(_costs.Select(cost => cost.Wall));

        public string LastOutput => _costs[^1].Output;

        public void Run() => _costs.Add(Child.Run(command));
    }
}
