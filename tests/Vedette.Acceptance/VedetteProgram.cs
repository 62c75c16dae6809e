using System.Diagnostics;
using System.Text;
using Vedette.Tests;
using Xunit;

namespace Vedette.Acceptance;

/// <summary>What a run of the program gave.</summary>
internal sealed record Answer(int Exit, string Out, string Error);

/// <summary>The published program: the file VEDETTE_BINARY names, else out/vedette of this repository, which <c>./build</c> makes.</summary>
internal static class VedetteProgram
{
    /// <summary>Path of the program; skips the running test where it has not been built.</summary>
    public static string Path
    {
        get
        {
            string path = Environment.GetEnvironmentVariable("VEDETTE_BINARY") ?? System.IO.Path.Combine(SharedData.Root, "out", "vedette");
            Assert.SkipUnless(File.Exists(path), $"not published: {path}; run ./build");
            return path;
        }
    }

    /// <summary>Runs the program to its end.</summary>
    public static Answer Run(params string[] arguments) => Run([], arguments);

    /// <summary>Runs the program to its end with this on standard input.</summary>
    public static Answer Run(byte[] input, string[] arguments, string? name = null, Action<ProcessStartInfo>? prepare = null)
    {
        ProcessStartInfo start = Prepare(arguments, name);
        prepare?.Invoke(start);
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        try
        {
            process.StandardInput.BaseStream.Write(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It did not want its input; its exit code and messages say why.
        }

        if (!process.WaitForExit(TimeSpan.FromMinutes(2)))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"vedette {string.Join(' ', arguments)} did not end");
        }

        return new Answer(process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }

    /// <summary>Starts the program and leaves it running.</summary>
    public static Process Start(params string[] arguments) => Process.Start(Prepare(arguments, null))!;

    /// <summary>Starts it by another program, which gets its own arguments and then those.</summary>
    public static Process StartBy(string[] by, params string[] arguments) => Process.Start(Prepare([.. by[1..], .. arguments], by[0]))!;

    private static ProcessStartInfo Prepare(string[] arguments, string? name) => new(name ?? Path, arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        StandardOutputEncoding = Encoding.UTF8,
        StandardErrorEncoding = Encoding.UTF8,
        UseShellExecute = false,
    };
}
