using System.CommandLine;
using Vedette.Cli.Output;
using Vedette.Cli.Rules;
using Vedette.Detection.Linting;
using Vedette.Detection.Sigma;
using Vedette.Documents;

namespace Vedette.Cli.Commands;

/// <summary><c>vedette rules lint</c>: what is wrong with rules although they load.</summary>
internal static class RulesLintCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(Terminal terminal)
    {
        Argument<string[]> paths = RulesCommand.Paths("Rule files or directories to look at, read together");
        Option<string> output = new("--output", "-o") { Description = "table, json or sarif.", DefaultValueFactory = _ => "table", HelpName = "FORMAT" };
        Option<string> failOn = new("--fail-on") { Description = "Exit with 1 when something of this severity or above is found: note, warning, error or never.", DefaultValueFactory = _ => "error", HelpName = "SEVERITY" };
        output.AcceptOnlyFromAmong("table", "json", "sarif");
        failOn.AcceptOnlyFromAmong(DiagnosticText.Severities);
        Command command = new ExampleCommand(
            "lint",
            """
            Say what is wrong with rules although they load: rules that no audit event can match, fields and values that events never have,
            traps of audit data, overlaps, missing tests. docs/lint.md explains every code.
            """,
            """
            vedette rules lint my-rules/
            vedette rules lint my-rules/ --fail-on warning
            vedette rules lint my-rules/ -o sarif > lint.sarif
            """)
        {
            paths, output, failOn,
        };
        command.SetAction(result => RulesCommand.WithFiles(terminal, () =>
            Run(terminal, RuleSource.Rules(result.GetValue(paths) ?? []), result.GetValue(output)!, Array.IndexOf(DiagnosticText.Severities, result.GetValue(failOn)!))));
        return command;
    }

    private static int Run(Terminal terminal, IReadOnlyList<SigmaFile> files, string output, int failOn)
    {
        SigmaRuleSet set = SigmaLoader.Load(files, new SigmaOptions());
        HashSet<string> tested = [.. files.Where(file => RuleSource.TestsOf(file) is not null).Select(file => file.Name)];

        // VS1035 says of a rule that loads what VL1501 says to its author.
        Diagnostic[] found = [.. set.Diagnostics.Where(diagnostic => diagnostic.Code != "VS1035"), .. RuleLinter.Lint(set, tested.Contains)];
        switch (output)
        {
            case "json":
                DiagnosticJson.WriteDocument(found, terminal.Data);
                break;
            case "sarif":
                DiagnosticSarif.Write(found, TitleOf, _ => null, VersionCommand.Version, terminal.Data);
                break;
            default:
                DiagnosticText.Write(found, terminal.Out);
                terminal.Error.WriteLine($"{set.Rules.Length} rules, {set.Correlations.Length} correlations, {set.Filters.Length} filters: {DiagnosticText.Count(found)}");
                break;
        }

        return set.HasErrors ? ExitCode.BadInput : DiagnosticText.Fails(found, failOn) ? ExitCode.Found : ExitCode.Done;
    }

    private static string TitleOf(string code) => $"{LintCode.All.FirstOrDefault(known => known.Id == code)?.Title ?? code} (docs/lint.md)";
}
