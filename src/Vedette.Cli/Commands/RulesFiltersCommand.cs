using System.CommandLine;
using System.Text.Json;
using Vedette.Cli.Output;
using Vedette.Cli.Rules;
using Vedette.Detection.Rules;
using Vedette.Detection.Sigma;

namespace Vedette.Cli.Commands;

/// <summary><c>vedette rules filters</c>: the exclusions that stand in documents of their own, and the rules they apply to.</summary>
internal static class RulesFiltersCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(Terminal terminal)
    {
        Argument<string[]> paths = RulesCommand.Paths("Rule files or directories");
        Option<string> output = OutputOption.TableOrJson();
        Command command = new ExampleCommand(
            "filters",
            "List filters: exclusions that keep rules from firing on what is known to be harmless. 'vedette scan --without-filter NAME' leaves one out.",
            """
            vedette rules filters
            vedette rules filters -o json
            vedette scan audit.log --stats --without-filter all
            """)
        {
            paths, output,
        };
        command.SetAction(result => RulesCommand.WithFiles(terminal, () =>
        {
            if (RuleOptions.Load(terminal, RuleSource.Rules(result.GetValue(paths) ?? []), new SigmaOptions()) is not { } set)
            {
                return ExitCode.BadInput;
            }

            if (result.GetValue(output) == "json")
            {
                WriteJson(set, terminal.Data);
                return ExitCode.Done;
            }

            Table table = new("NAME", "TITLE", "RULES");
            foreach (RuleFilter filter in set.Filters)
            {
                table.Add(filter.Name, filter.Title, string.Join(", ", RulesOf(filter, set).Select(rule => rule.Name ?? rule.Title)));
            }

            table.Write(terminal.Out, Terminal.Width);
            return ExitCode.Done;
        }));
        return command;
    }

    private static IEnumerable<DetectionRule> RulesOf(RuleFilter filter, SigmaRuleSet set) => set.Rules.Where(filter.AppliesTo);

    private static void WriteJson(SigmaRuleSet set, Stream into)
    {
        using (Utf8JsonWriter writer = new(into, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            writer.WriteStartArray();
            foreach (RuleFilter filter in set.Filters)
            {
                writer.WriteStartObject();
                writer.WriteString("id", filter.Id);
                writer.WriteString("name", filter.Name);
                writer.WriteString("title", filter.Title);
                writer.WriteString("description", filter.Description);
                writer.WriteStartArray("rules");
                foreach (DetectionRule rule in RulesOf(filter, set))
                {
                    writer.WriteStringValue(rule.Id);
                }

                writer.WriteEndArray();
                writer.WriteString("file", filter.File);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        into.Write("\n"u8);
    }
}
