using System.CommandLine;
using Vedette.Audit.Events;
using Vedette.Cli.Output;
using Vedette.Cli.Rules;
using Vedette.Detection.Coverage;
using Vedette.Detection.Rules;
using Vedette.Detection.Sigma;
using Vedette.Pipeline.Scanning;
using Vedette.Sources.Files;

namespace Vedette.Cli.Commands;

/// <summary><c>vedette rules coverage</c>: which techniques rules are about, and what a log could not have shown.</summary>
internal static class RulesCoverageCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(Terminal terminal)
    {
        Argument<string[]> paths = RulesCommand.Paths("Rule files or directories");
        Option<string[]> logs = new("--log") { Description = "Also say which rules these logs could never have fired, for lack of levels, stages or verbs.", HelpName = "FILE|DIR" };
        Option<string> output = new("--output", "-o") { Description = "table, json, markdown, or navigator (a layer for the ATT&CK Navigator).", DefaultValueFactory = _ => "table", HelpName = "FORMAT" };
        output.AcceptOnlyFromAmong("table", "json", "markdown", "navigator");
        Command command = new ExampleCommand(
            "coverage",
            "Say which techniques of ATT&CK (Containers) and of the Threat Matrix for Kubernetes rules are about, and which none is.",
            """
            vedette rules coverage
            vedette rules coverage --log /var/log/kubernetes/audit
            vedette rules coverage -o navigator > layer.json
            """)
        {
            paths, logs, output,
        };
        command.SetAction((result, cancellation) => Task.FromResult(RulesCommand.WithFiles(
            terminal, () => Run(terminal, result.GetValue(paths) ?? [], result.GetValue(logs) ?? [], result.GetValue(output)!, cancellation))));
        return command;
    }

    private static int Run(Terminal terminal, string[] paths, string[] logs, string output, CancellationToken cancellation)
    {
        if (RuleOptions.Load(terminal, RuleSource.Rules(paths), new SigmaOptions { Mapping = FieldMapping.Shorthand }) is not { } set)
        {
            return ExitCode.BadInput;
        }

        LogSight? sight = null;
        if (logs.Length > 0)
        {
            sight = new LogSight();
            foreach (LogInput input in LogInputs.Find(logs))
            {
                EventInputs.Read(input, new ScanOptions { StandardInput = Terminal.Input }, (in EventView view) => sight.Add(view), null, cancellation);
            }

            if (sight.Events == 0)
            {
                return CommandLine.Fail(terminal, ExitCode.BadInput, "there is no audit event in --log");
            }
        }

        (DetectionRule Rule, string Why)[] unseen = sight is null ? [] :
            [.. set.Rules.Where(rule => rule.LogSource.IsKubernetesAudit).Select(rule => (rule, sight.WhyUnseen(rule))).Where(pair => pair.Item2 is not null).Select(pair => (pair.rule, pair.Item2!))];
        CoverageOutput coverage = new(RuleCoverage.OfAttack(set), RuleCoverage.OfThreatMatrix(set), sight, unseen);
        switch (output)
        {
            case "json":
                coverage.WriteJson(terminal.Data);
                break;
            case "navigator":
                coverage.WriteLayer(terminal.Data);
                break;
            case "markdown":
                coverage.WriteMarkdown(terminal.Out);
                break;
            default:
                coverage.WriteTable(terminal.Out, Terminal.Width);
                break;
        }

        return ExitCode.Done;
    }
}
