using System.CommandLine;

namespace Vedette.Cli.Commands;

/// <summary><c>vedette routes</c>: who is told of what.</summary>
internal static class RoutesCommand
{
    /// <summary>What the command is called.</summary>
    public const string Name = "routes";

    /// <summary>Builds the commands.</summary>
    public static Command Create(Terminal terminal) => new(Name, "See who is told of which findings.")
    {
        RoutesTestCommand.Create(terminal),
    };
}
