using System.Diagnostics;
using Xunit;

namespace Vedette.Tests;

/// <summary>Programs of others that judge what we write. Where one is absent the test is skipped and says so; eng/setup.sh installs what can be had.</summary>
internal static class OtherProgram
{
    /// <summary>Runs a program.</summary>
    /// <param name="program">Its name.</param>
    /// <param name="input">What it gets on standard input.</param>
    /// <param name="environment">Variables it gets beside ours.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <returns>Its exit code, and what it wrote.</returns>
    public static (int Exit, string Output) Run(string program, string input, (string Name, string Value)[] environment, params string[] arguments)
    {
        ProcessStartInfo start = new(Require(program), arguments) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        process.WaitForExit();
        return (process.ExitCode, output.Result + error.Result);
    }

    /// <summary>Skips the test when a program is absent: to be said before a sampler, which takes a skip inside it for a failure.</summary>
    /// <param name="program">Its name.</param>
    /// <returns>Its path.</returns>
    public static string Require(string program)
    {
        string? path = PathOf(program);
        Assert.SkipUnless(path is not null, $"not here: {program}");
        return path!;
    }

    private static string? PathOf(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin").Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
}
