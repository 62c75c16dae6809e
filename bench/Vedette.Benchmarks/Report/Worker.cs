using System.Diagnostics;
using Vedette.Benchmarks.Work;

namespace Vedette.Benchmarks.Report;

/// <summary>A worker process that makes one pass when asked; see <see cref="Pass.Serve"/>.</summary>
internal sealed class Worker : IDisposable
{
    private readonly Process _process;

    private Worker(string name, Process process, string says)
    {
        Name = name;
        _process = process;
        Says = says;
    }

    /// <summary>Name in the tables.</summary>
    public string Name { get; }

    /// <summary>What it says it is.</summary>
    public string Says { get; }

    /// <summary>All passes made so far, the first (warming up) left out.</summary>
    public List<Pass> Passes { get; } = [];

    /// <summary>Starts a worker and waits until it has loaded its file.</summary>
    public static Worker Start(string name, params IEnumerable<string> command)
    {
        string[] all = [.. command];
        Process process = Process.Start(new ProcessStartInfo(all[0], all.Skip(1)) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true })!;
        return process.StandardOutput.ReadLine() is { } says && says.StartsWith("ready ", StringComparison.Ordinal)
            ? new Worker(name, process, says["ready ".Length..])
            : throw new InvalidOperationException($"{string.Join(' ', all)} does not start");
    }

    /// <summary>Asks for a pass.</summary>
    public Pass Ask()
    {
        _process.StandardInput.WriteLine("pass");
        _process.StandardInput.Flush();
        string line = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"{Name} ended");
        return Pass.Parse(line);
    }

    /// <summary>
    /// Lets workers take turns: first to last, then last to first, so that each stands before and behind every other equally often. A first pass of each is not counted.
    /// </summary>
    public static void TakeTurns(IReadOnlyList<Worker> workers, int rounds)
    {
        foreach (Worker worker in workers)
        {
            worker.Ask();
        }

        for (int round = 0; round < rounds; round++)
        {
            foreach (Worker worker in round % 2 == 0 ? workers : workers.Reverse())
            {
                worker.Passes.Add(worker.Ask());
            }
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}
