using System.CommandLine;

namespace Vedette.Cli.Commands;

/// <summary>How a command prints.</summary>
internal static class OutputOption
{
    /// <summary>For people or for programs.</summary>
    public static Option<string> TableOrJson()
    {
        Option<string> output = new("--output", "-o") { Description = "table or json.", DefaultValueFactory = _ => "table", HelpName = "FORMAT" };
        output.AcceptOnlyFromAmong("table", "json");
        return output;
    }
}
