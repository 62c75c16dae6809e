using System.CommandLine;
using System.Reflection;

namespace Vedette.Cli.Commands;

/// <summary><c>vedette version</c>.</summary>
internal static class VersionCommand
{
    /// <summary>What the command is called.</summary>
    public const string Name = "version";

    /// <summary>Version of the program, with the commit where the build knows it.</summary>
    public static string Version { get; } =
        typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>Builds the command.</summary>
    public static Command Create(Terminal terminal)
    {
        Command command = new(Name, "Print the version of the program.");
        command.SetAction(_ =>
        {
            terminal.Out.WriteLine($"vedette {Version}");
            return ExitCode.Done;
        });
        return command;
    }
}
