using System.Collections.Immutable;
using System.CommandLine;
using Vedette.Audit.Shapes;
using Vedette.Cli.Output;
using Vedette.Cli.Rules;
using Vedette.Detection.Engine;
using Vedette.Detection.Findings;
using Vedette.Detection.Rules;
using Vedette.Detection.Sigma;
using Vedette.Pipeline.Scanning;
using Vedette.Sources.Files;
using Vedette.Sources.Rejects;

namespace Vedette.Cli.Commands;

/// <summary><c>vedette scan</c>: findings in logs.</summary>
internal sealed class ScanCommand
{
    private readonly Argument<string[]> _inputs = InputOptions.Inputs();
    private readonly Option<string[]> _rules = new("--rules") { Description = "Use these rule files or directories instead of the rules that come with the program.", HelpName = "PATH" };
    private readonly Option<string> _dialect = new("--dialect") { Description = "Language of the rules: auto or sigma.", DefaultValueFactory = _ => "auto", HelpName = "DIALECT" };
    private readonly Option<string?> _cluster = new("--cluster") { Description = "Name of the cluster the logs are from, shown in findings.", HelpName = "NAME" };
    private readonly Option<string> _output = new("--output", "-o") { Description = "table, json (findings and statistics) or jsonl (one finding a line).", DefaultValueFactory = _ => "table", HelpName = "FORMAT" };
    private readonly Option<string> _failOn = new("--fail-on") { Description = "Exit with 1 when there is a finding of this level or above.", DefaultValueFactory = _ => "never", HelpName = "LEVEL" };
    private readonly Option<bool> _statistics = new("--stats") { Description = "Say what was read, which rules matched, and on how many events rules were blind." };
    private readonly Option<string?> _rejects = InputOptions.Rejects();
    private readonly Option<string[]> _placeholders = RuleOptions.Placeholders();
    private readonly Terminal _terminal;

    private ScanCommand(Terminal terminal) => _terminal = terminal;

    /// <summary>Builds the command.</summary>
    public static Command Create(Terminal terminal)
    {
        ScanCommand scan = new(terminal);
        scan._output.AcceptOnlyFromAmong("table", "json", "jsonl");
        scan._dialect.AcceptOnlyFromAmong("auto", "sigma");
        scan._failOn.AcceptOnlyFromAmong([.. RuleOptions.Levels]);
        Command command = new ExampleCommand(
            "scan",
            "Evaluate detection rules on audit logs and print the findings in order of time.",
            """
            vedette scan audit.log
            vedette scan /var/log/kubernetes/audit --stats
            aws logs filter-log-events ... | vedette scan - --cluster prod -o jsonl
            vedette scan --rules my-rules/ --fail-on high audit.log.gz
            """)
        {
            scan._inputs, scan._rules, scan._dialect, scan._cluster, scan._output, scan._failOn, scan._statistics, scan._rejects, scan._placeholders,
        };
        command.SetAction((result, cancellation) => Task.FromResult(scan.Run(result, cancellation)));
        return command;
    }

    private int Run(ParseResult arguments, CancellationToken cancellation)
    {
        string[] inputs = InputOptions.Resolve(arguments.GetValue(_inputs) ?? []);
        if (inputs.Length == 0)
        {
            return CommandLine.Fail(_terminal, ExitCode.WrongUse, "name a log to scan, or - for standard input; see 'vedette scan --help'");
        }

        if (RuleOptions.ParsePlaceholders(_terminal, arguments.GetValue(_placeholders)) is not { } placeholders)
        {
            return ExitCode.WrongUse;
        }

        try
        {
            SigmaOptions sigma = new() { Mapping = FieldMapping.Shorthand, Placeholders = placeholders };
            if (RuleOptions.Load(_terminal, RuleSource.Rules(arguments.GetValue(_rules) ?? []), sigma) is not { } set)
            {
                return ExitCode.BadInput;
            }

            ImmutableArray<DetectionRule> rules = RuleOptions.ForScan(_terminal, set);
            if (rules.IsEmpty)
            {
                return CommandLine.Fail(_terminal, ExitCode.BadInput, "there is no rule for Kubernetes audit events in --rules");
            }

            LogInput[] found = [.. LogInputs.Find(inputs)];
            (RejectHandler? handler, RejectFile? file) = InputOptions.OpenRejects(arguments.GetValue(_rejects));
            using (file)
            {
                using Progress progress = new(_terminal, found.Sum(input => input.Length ?? 0), TimeProvider.System);
                ScanResult result = Scan.Run(
                    found, CompiledRules.Compile(rules),
                    new ScanOptions { Cluster = arguments.GetValue(_cluster), Rejects = handler, Progress = progress.Report, StandardInput = Terminal.Input },
                    TimeProvider.System, cancellation);
                progress.Dispose();
                return Finish(result, arguments);
            }
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            return CommandLine.Fail(_terminal, ExitCode.Failed, exception.Message);
        }
    }

    private int Finish(ScanResult result, ParseResult arguments)
    {
        switch (arguments.GetValue(_output))
        {
            case "json":
                FindingJson.WriteDocument(result, _terminal.Data);
                break;
            case "jsonl":
                FindingJson.WriteLines(result.Findings, _terminal.Data);
                break;
            default:
                FindingTable.Write(result.Findings, _terminal.Out);
                break;
        }

        _terminal.Out.Flush();
        _terminal.Data.Flush();
        if (arguments.GetValue(_statistics))
        {
            StatisticsText.Write(result, _terminal.Error);
        }
        else if (arguments.GetValue(_output) == "table")
        {
            StatisticsText.WriteSummary(result, _terminal.Error);
        }

        int exit = InputOptions.Judge(_terminal, result.Statistics);
        RuleLevel failOn = (RuleLevel)RuleOptions.Levels.IndexOf(arguments.GetValue(_failOn)!);
        bool failed = failOn != RuleLevel.Unset && result.Findings.Any((Finding finding) => finding.Rule.Level >= failOn);
        return exit == ExitCode.Done && failed ? ExitCode.Found : exit;
    }
}
