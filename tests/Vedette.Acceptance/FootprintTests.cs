using System.Diagnostics;
using System.Globalization;
using System.Text;
using Xunit;

namespace Vedette.Acceptance;

/// <summary>What the program weighs. Times are no tests; bench/ measures them.</summary>
public class FootprintTests
{
    private const long Megabyte = 1_000_000;

    [Fact]
    public void The_program_is_one_file_of_at_most_30_MB()
    {
        FileInfo program = new(VedetteProgram.Path);
        Assert.InRange(program.Length, 1, 30 * Megabyte);
        Assert.DoesNotContain(program.Directory!.EnumerateFiles(), file => file.Extension is ".dll" or ".so" or ".json");
    }

    [Fact]
    public async Task A_small_scan_with_all_rules_takes_at_most_20_MB_of_memory_of_its_own()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "reads /proc");
        using Process process = VedetteProgram.Start("scan", "-", "-o", "jsonl", "--stats");
        byte[] events = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 200).Select(index => Workspace.Event($"{index}"))));
        await process.StandardInput.BaseStream.WriteAsync(events, TestContext.Current.CancellationToken);
        await process.StandardInput.BaseStream.FlushAsync(TestContext.Current.CancellationToken);
        long peak = 0;

        // Of its own: what is mapped of the program's file is the page cache's, shared by all who run it, and is bounded by the file's length.

        // It waits for more input. Its peak grows until rules are loaded and the events are taken, so look until it has stood still a hundred times.
        for (int still = 0; still < 100;)
        {
            long now = File.ReadLines($"/proc/{process.Id}/status").Where(line => line.StartsWith("RssAnon:", StringComparison.Ordinal))
                .Select(line => long.Parse(line["RssAnon:".Length..^2].Trim(), CultureInfo.InvariantCulture) * 1024).Single();
            still = now <= peak ? still + 1 : 0;
            peak = Math.Max(peak, now);
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        process.StandardInput.Close();
        await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        string statistics = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Contains("200 events", statistics, StringComparison.Ordinal);
        Assert.InRange(peak, Megabyte, 20 * Megabyte);
    }
}
