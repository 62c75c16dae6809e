using System.CommandLine;
using System.Text;
using System.Text.Json;
using Vedette.Cli.Output;
using Vedette.Cli.Policies;
using Vedette.Documents;
using Vedette.Policy.Linting;
using Vedette.Policy.Loading;

namespace Vedette.Cli.Commands;

/// <summary><c>vedette policy presets</c>, <c>show</c> and <c>schema</c>: the policies that come with the program.</summary>
internal static class PolicyPresetsCommand
{
    /// <summary>Builds <c>presets</c>.</summary>
    public static Command CreatePresets(Terminal terminal)
    {
        Option<string> output = OutputOption.TableOrJson();
        Command command = new ExampleCommand(
            "presets",
            "List the policies that come with the program, and those of others for comparison, with what the linter says of them.",
            """
            vedette policy presets
            vedette policy show recommended > audit-policy.yaml
            """)
        {
            output,
        };
        command.SetAction(result =>
        {
            Preset[] presets = [.. PolicySource.Presets.Select(Preset.Load)];
            if (result.GetValue(output) == "json")
            {
                WriteJson(presets, terminal.Data);
                return ExitCode.Done;
            }

            Table table = new("NAME", "RULES", "ERRORS", "WARNINGS", "WHAT FOR");
            foreach (Preset preset in presets)
            {
                table.Add(preset.Name, $"{preset.Rules}", $"{preset.Errors}", $"{preset.Warnings}", preset.Summary);
            }

            table.Write(terminal.Out, Terminal.Width);
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>Builds <c>show</c>.</summary>
    public static Command CreateShow(Terminal terminal)
    {
        Argument<string> name = new("NAME") { Description = "Name of a preset." };
        Command command = new ExampleCommand("show", "Print a preset.", "vedette policy show recommended > audit-policy.yaml") { name };
        command.SetAction(result =>
        {
            string wanted = result.GetValue(name)!;
            if (!PolicySource.Presets.Contains(wanted, StringComparer.Ordinal))
            {
                return CommandLine.Fail(terminal, ExitCode.BadInput, $"there is no preset '{TerminalText.Escape(wanted)}'; there are {string.Join(", ", PolicySource.Presets)}");
            }

            terminal.Out.Write(PolicySource.Preset(wanted));
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>Builds <c>schema</c>.</summary>
    public static Command CreateSchema(Terminal terminal)
    {
        Command command = new ExampleCommand("schema", "Print the JSON Schema of policy files, for editors.", "vedette policy schema > audit-policy.schema.json");
        command.SetAction(_ =>
        {
            terminal.Out.Write(PolicySource.Schema());
            return ExitCode.Done;
        });
        return command;
    }

    private static void WriteJson(Preset[] presets, Stream into)
    {
        using (Utf8JsonWriter writer = new(into, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            writer.WriteStartArray();
            foreach (Preset preset in presets)
            {
                writer.WriteStartObject();
                writer.WriteString("name", preset.Name);
                writer.WriteNumber("rules", preset.Rules);
                writer.WriteNumber("errors", preset.Errors);
                writer.WriteNumber("warnings", preset.Warnings);
                writer.WriteString("summary", preset.Summary);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        into.Write("\n"u8);
    }

    private sealed record Preset(string Name, int Rules, int Errors, int Warnings, string Summary)
    {
        /// <summary>The first line of a preset is a comment that says what it is for.</summary>
        public static Preset Load(string name)
        {
            string text = PolicySource.Preset(name);
            LoadedPolicy loaded = PolicyLoader.Load(name, Encoding.UTF8.GetBytes(text));
            Diagnostic[] found = [.. PolicyLinter.Lint(loaded, text)];
            return new Preset(
                name, loaded.Policy!.Rules.Length, found.Count(item => item.Severity == DiagnosticSeverity.Error), found.Count(item => item.Severity == DiagnosticSeverity.Warning),
                text.Split('\n')[0].TrimStart('#', ' '));
        }
    }
}
