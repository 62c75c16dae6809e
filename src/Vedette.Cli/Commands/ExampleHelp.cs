using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Vedette.Cli.Commands;

/// <summary>A command that shows examples at the end of its help.</summary>
internal sealed class ExampleCommand(string name, string description, string examples) : Command(name, description)
{
    /// <summary>One command line per line.</summary>
    public string Examples { get; } = examples;
}

/// <summary>The library's help, with the examples of the command after it.</summary>
internal sealed class ExampleHelp(HelpAction help, string rootExamples) : SynchronousCommandLineAction
{
    /// <inheritdoc />
    public override bool ClearsParseErrors => true;

    /// <summary>Makes <c>--help</c> of every command show examples.</summary>
    /// <param name="root">The program.</param>
    /// <param name="examples">Examples of the program itself.</param>
    public static void Install(RootCommand root, string examples)
    {
        HelpOption option = root.Options.OfType<HelpOption>().Single();
        option.Action = new ExampleHelp((HelpAction)option.Action!, examples);
    }

    /// <inheritdoc />
    public override int Invoke(ParseResult parseResult)
    {
        int exit = help.Invoke(parseResult);
        string? examples = parseResult.CommandResult.Command switch
        {
            ExampleCommand command => command.Examples,
            RootCommand => rootExamples,
            _ => null,
        };
        if (examples is not null)
        {
            TextWriter output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (string line in examples.Split('\n'))
            {
                output.WriteLine("  " + line);
            }

            output.WriteLine();
        }

        return exit;
    }
}
