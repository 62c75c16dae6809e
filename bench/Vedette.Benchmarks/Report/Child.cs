using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Vedette.Benchmarks.Report;

/// <summary>Runs a program to its end and says what it cost.</summary>
internal static partial class Child
{
    private const int ChildrenOfThisProcess = -1;

    /// <summary>What a run cost.</summary>
    /// <param name="Cpu">User and system time in seconds, as the kernel counted it for the child.</param>
    /// <param name="Wall">Seconds on the clock, start of the process included.</param>
    /// <param name="Output">What it wrote to standard output.</param>
    public readonly record struct Cost(double Cpu, double Wall, string Output);

    /// <summary>Runs a program; its standard error is passed on only when it fails.</summary>
    /// <exception cref="InvalidOperationException">It ended with another code than 0.</exception>
    public static Cost Run(IReadOnlyList<string> command)
    {
        ProcessStartInfo start = new(command[0], command.Skip(1)) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        double cpu = CpuOfChildren();
        long wall = Stopwatch.GetTimestamp();
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        double elapsed = Stopwatch.GetElapsedTime(wall).TotalSeconds;
        return process.ExitCode == 0
            ? new Cost(CpuOfChildren() - cpu, elapsed, output)
            : throw new InvalidOperationException($"{string.Join(' ', command)} ended with {process.ExitCode}: {errors.Result}");
    }

    // What getrusage(2) says of children that have been waited for. The workers, which live on, are not among them.
    private static double CpuOfChildren()
    {
        Span<long> usage = stackalloc long[18];
        return GetResourceUsage(ChildrenOfThisProcess, ref MemoryMarshal.GetReference(usage)) == 0
            ? usage[0] + usage[2] + (usage[1] + usage[3]) / 1e6
            : throw new InvalidOperationException("getrusage failed");
    }

    [LibraryImport("libc", EntryPoint = "getrusage")]
    private static partial int GetResourceUsage(int who, ref long usage);
}
