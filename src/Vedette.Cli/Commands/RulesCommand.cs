using System.CommandLine;
using System.Text.Json;
using Vedette.Cli.Output;
using Vedette.Cli.Rules;
using Vedette.Detection.Findings;
using Vedette.Detection.Rules;
using Vedette.Detection.Sigma;

namespace Vedette.Cli.Commands;

/// <summary><c>vedette rules</c> and what belongs to it.</summary>
internal static class RulesCommand
{
    /// <summary>What the command is called.</summary>
    public const string Name = "rules";

    /// <summary>Builds the command.</summary>
    public static Command Create(Terminal terminal) => new(Name, "Look at, test and try detection rules.")
    {
        CreateList(terminal),
        CreateShow(terminal),
        RulesFiltersCommand.Create(terminal),
        RulesTestCommand.Create(terminal),
        RulesLintCommand.Create(terminal),
        RulesCoverageCommand.Create(terminal),
        RulesTuneCommand.Create(terminal),
        RulesExplainCommand.Create(terminal),
        RulesEvalCommand.Create(terminal),
    };

    /// <summary>Does something with rules and turns trouble with files into an exit code.</summary>
    public static int WithFiles(Terminal terminal, Func<int> work)
    {
        try
        {
            return work();
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            return CommandLine.Fail(terminal, ExitCode.Failed, exception.Message);
        }
    }

    /// <summary>Paths of rules; the pack when none are named.</summary>
    public static Argument<string[]> Paths(string what) => new("PATH") { Description = $"{what}; the rules that come with the program when none are named.", Arity = ArgumentArity.ZeroOrMore };

    private static Command CreateList(Terminal terminal)
    {
        Argument<string[]> paths = Paths("Rule files or directories to list");
        Option<string> output = OutputOption.TableOrJson();
        Command command = new ExampleCommand(
            "list",
            "List rules.",
            """
            vedette rules list
            vedette rules list my-rules/ -o json
            """)
        {
            paths, output,
        };
        command.SetAction(result => WithFiles(terminal, () =>
        {
            if (RuleOptions.Load(terminal, RuleSource.Rules(result.GetValue(paths) ?? []), new SigmaOptions()) is not { } set)
            {
                return ExitCode.BadInput;
            }

            DetectionRule[] rules = [.. set.All.OrderByDescending(rule => rule.Level).ThenBy(rule => rule.Title, StringComparer.Ordinal)];
            if (result.GetValue(output) == "json")
            {
                WriteJson(rules, terminal.Data);
                return ExitCode.Done;
            }

            Table table = new("LEVEL", "TITLE", "TECHNIQUES", "ID");
            foreach (DetectionRule rule in rules)
            {
                string techniques = string.Join(',', rule.Tags.Where(tag => tag.StartsWith("attack.t", StringComparison.Ordinal) && char.IsAsciiDigit(tag[8])).Select(tag => tag[7..].ToUpperInvariant()));
                table.Add(FindingJson.Name(rule.Level) ?? "-", rule.Title, techniques, rule.Id);
            }

            table.Write(terminal.Out, Terminal.Width);
            return ExitCode.Done;
        }));
        return command;
    }

    private static Command CreateShow(Terminal terminal)
    {
        Argument<string> name = new("RULE") { Description = "Id, name or title of a rule, or a file." };
        Command command = new ExampleCommand(
            "show",
            "Print a rule as it is written.",
            """
            vedette rules show "Anonymous request allowed"
            """)
        {
            name,
        };
        command.SetAction(result => WithFiles(terminal, () =>
        {
            string wanted = result.GetValue(name)!;
            if (File.Exists(wanted))
            {
                terminal.Out.Write(File.ReadAllText(wanted));
                return ExitCode.Done;
            }

            foreach (SigmaFile file in RuleSource.Rules([]))
            {
                SigmaRuleSet set = SigmaLoader.Load([file], new SigmaOptions());
                if (set.Filters.Any(filter => filter.IsCalled(wanted)) || set.All.Any(rule => wanted.Equals(rule.Id, StringComparison.OrdinalIgnoreCase)
                    || wanted == rule.Name || wanted.Equals(rule.Title, StringComparison.OrdinalIgnoreCase) || file.Name == RuleSource.Pack + wanted || file.Name == wanted))
                {
                    terminal.Out.Write(file.Text);
                    return ExitCode.Done;
                }
            }

            return CommandLine.Fail(terminal, ExitCode.BadInput, $"there is no rule '{TerminalText.Escape(wanted)}'; 'vedette rules list' names them");
        }));
        return command;
    }

    private static void WriteJson(DetectionRule[] rules, Stream into)
    {
        using (Utf8JsonWriter writer = new(into, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            writer.WriteStartArray();
            foreach (DetectionRule rule in rules)
            {
                writer.WriteStartObject();
                writer.WriteString("id", rule.Id);
                writer.WriteString("title", rule.Title);
                writer.WriteString("level", FindingJson.Name(rule.Level));
                writer.WriteString("status", rule.Status);
                writer.WriteString("description", rule.Description);
                writer.WriteString("author", rule.Author);
                writer.WriteStartArray("tags");
                foreach (string tag in rule.Tags)
                {
                    writer.WriteStringValue(tag);
                }

                writer.WriteEndArray();
                writer.WriteString("file", rule.File);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        into.Write("\n"u8);
    }
}
