using System.CommandLine;
using Vedette.Audit.Shapes;
using Vedette.Pipeline.Scanning;
using Vedette.Sources.Files;
using Vedette.Sources.Rejects;

namespace Vedette.Cli.Commands;

/// <summary>What commands that read logs have in common.</summary>
internal static class InputOptions
{
    /// <summary>The logs to read.</summary>
    public static Argument<string[]> Inputs() => new("FILE|DIR|-")
    {
        Description = "Logs in any shape (JSON lines, EventList, EKS, GKE and AKS exports, legacy text; plain, gzip, zstd), directories of them, or - for standard input.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    /// <summary>Where to keep what was no event.</summary>
    public static Option<string?> Rejects() => new("--rejects") { Description = "Write what was no audit event to this file, as JSON lines, secrets masked.", HelpName = "FILE" };

    /// <summary>The inputs as asked for; standard input when none are named and something is piped in.</summary>
    public static string[] Resolve(string[] named) => named.Length > 0 ? named : Console.IsInputRedirected ? [LogInput.StandardInput] : [];

    /// <summary>A data directory to read events from instead of logs.</summary>
    public static Option<string?> Data() => new("--data") { Description = "Read the events that vedette has stored in this data directory, instead of logs.", HelpName = "DIR" };

    /// <summary>Opens the file for rejects, when one is asked for.</summary>
    public static (RejectHandler? Handler, RejectFile? File) OpenRejects(string? path)
    {
        if (path is null)
        {
            return (null, null);
        }

        RejectFile file = new(path);
        return (file.Write, file);
    }

    /// <summary>Says what was wrong with the inputs and which exit code follows: 4 when one could not be read, 3 when there was no event in any.</summary>
    public static int Judge(Terminal terminal, ScanStatistics statistics)
    {
        int exit = ExitCode.Done;
        foreach (InputStatistics input in statistics.Inputs)
        {
            if (input.Problem is { } problem)
            {
                terminal.Error.WriteLine($"vedette: {input.Name}: {problem}");
                exit = input.CouldNotOpen ? ExitCode.Failed : exit;
            }
            else if (input.Events == 0)
            {
                string content = input.Bytes == 0 ? "it is empty" : $"it has {string.Join(", ", input.Rejects.Select(pair => $"{pair.Value} x {pair.Key}"))}";
                terminal.Error.WriteLine($"vedette: {input.Name}: no audit event in it; {content}");
            }
        }

        return exit != ExitCode.Done ? exit : statistics.Events == 0 ? ExitCode.BadInput : ExitCode.Done;
    }
}
