using System.CommandLine;
using System.CommandLine.Parsing;

namespace Vedette.Cli.Commands;

/// <summary>The commands of the program, and what is the same for all of them.</summary>
internal static class CommandLine
{
    private static readonly (string Name, Func<Terminal, Command> Create)[] s_commands =
    [
        (ScanCommand.Name, ScanCommand.Create),
        (EventsCommand.Name, EventsCommand.Create),
        (RulesCommand.Name, RulesCommand.Create),
        (PolicyCommand.Name, PolicyCommand.Create),
        (ServeCommand.Name, ServeCommand.Create),
        (TailCommand.Name, TailCommand.Create),
        (RoutesCommand.Name, RoutesCommand.Create),
        (StoreCommand.Name, StoreCommand.Create),
        (SetupCommand.Name, SetupCommand.Create),
        (VerifyCommand.Name, VerifyCommand.Create),
        (VersionCommand.Name, VersionCommand.Create),
        (CompletionCommand.Name, CompletionCommand.Create),
    ];

    /// <summary>Runs the program.</summary>
    public static int Run(string[] args, Terminal terminal, CancellationToken cancellation)
    {
        RootCommand root = new("Kubernetes audit logging and threat detection in one program.");
        // The command that is named first is the only one that can be meant; making all of them takes longer than reading what was typed.
        bool isNamed = args.Length > 0 && Array.Exists(s_commands, command => command.Name == args[0]);
        foreach ((string name, Func<Terminal, Command> create) in s_commands)
        {
            if (!isNamed || name == args[0])
            {
                root.Add(create(terminal));
            }
        }

        ExampleHelp.Install(
            root,
            """
            vedette scan audit.log                           findings in a log, in order of time
            zcat audit-*.log.gz | vedette scan -             the same from a pipe
            vedette scan /var/log/kubernetes/audit -o jsonl  a directory of rotated logs, one finding a line
            vedette events eks-export.json.gz                any provider's log as audit.k8s.io/v1 JSON lines
            vedette rules list                               the rules that come with it
            vedette serve                                    take events in, keep them, tell what is found
            vedette policy simulate new.yaml --log a.log     what a policy would record, lose and cost
            """);
        ParseResult result = root.Parse(args, new ParserConfiguration { EnablePosixBundling = false });
        if (result.CommandResult.Command.Action is null && result.Errors.Count > 0 && result.UnmatchedTokens.Count == 0)
        {
            // Only the beginning of a command: show what it can go on with.
            root.Parse([.. args, "--help"]).Invoke(new InvocationConfiguration { Output = terminal.Error });
            return ExitCode.WrongUse;
        }

        string[] errors = ErrorsOf(result);
        if (errors.Length > 0)
        {
            foreach (string error in errors)
            {
                terminal.Error.WriteLine($"vedette: {error}");
            }

            terminal.Error.WriteLine($"See '{PathOf(result.CommandResult)} --help'.");
            return ExitCode.WrongUse;
        }

        int exit = result.InvokeAsync(new InvocationConfiguration { Output = terminal.Out, Error = terminal.Error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, cancellation)
            .GetAwaiter().GetResult();
        terminal.Out.Flush();
        terminal.Data.Flush();
        return exit;
    }

    /// <summary>Says on the error stream that something could not be done, and gives the exit code for it.</summary>
    public static int Fail(Terminal terminal, int exitCode, string message)
    {
        terminal.Error.WriteLine($"vedette: {message}");
        return exitCode;
    }

    /// <summary>What is wrong with what was typed.</summary>
    private static string[] ErrorsOf(ParseResult result)
    {
        if (result.CommandResult.Command.Action is null && result.Errors.Count > 0 && result.UnmatchedTokens is [{ } unknown, ..])
        {
            // To the library a command is missing here, whatever stands in its place.
            return [$"there is no {(unknown.StartsWith('-') ? "option" : "command")} '{unknown}'"];
        }

        return [.. result.Errors.Select(error => error.Message), .. UnknownOptions(result).Select(token => $"there is no option '{token}'")];
    }

    /// <summary>What looks like an option and was taken for a file. A file of such a name is written ./-name.</summary>
    private static IEnumerable<string> UnknownOptions(ParseResult result) =>
        result.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens).Select(token => token.Value).Where(text => text.Length > 1 && text[0] == '-');

    private static string PathOf(CommandResult command) =>
        command.Parent is CommandResult parent ? $"{PathOf(parent)} {command.Command.Name}" : Invocation;

    /// <summary>What the user typed to get here: as a plugin of kubectl the program is called kubectl-vedette.</summary>
    private static string Invocation =>
        Path.GetFileNameWithoutExtension(Environment.GetCommandLineArgs()[0]).StartsWith("kubectl", StringComparison.Ordinal) ? "kubectl vedette" : "vedette";
}
