using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using Vedette.Audit.Shapes;
using Vedette.Cli.Output;
using Vedette.Cli.Rules;
using Vedette.Cli.Stores;
using Vedette.Detection.Engine;
using Vedette.Detection.Findings;
using Vedette.Detection.Rules;
using Vedette.Detection.Sigma;
using Vedette.Pipeline.Scanning;
using Vedette.Reports;
using Vedette.Sources.Files;
using Vedette.Sources.Rejects;

namespace Vedette.Cli.Commands;

/// <summary><c>vedette scan</c>: findings in logs.</summary>
internal sealed class ScanCommand
{
    /// <summary>What the command is called.</summary>
    public const string Name = "scan";

    private readonly Argument<string[]> _inputs = InputOptions.Inputs();
    private readonly Option<string[]> _rules = new("--rules") { Description = "Use these rule files or directories instead of the rules that come with the program.", HelpName = "PATH" };
    private readonly Option<string> _dialect = new("--dialect") { Description = "Language of the rules: auto or sigma.", DefaultValueFactory = _ => "auto", HelpName = "DIALECT" };
    private readonly Option<string?> _cluster = new("--cluster") { Description = "Name of the cluster the logs are from, shown in findings.", HelpName = "NAME" };
    private readonly Option<string> _output = new("--output", "-o") { Description = "table, json (findings and statistics), jsonl (one finding a line), or a report: html (a page), sarif, markdown, csv.", DefaultValueFactory = _ => "table", HelpName = "FORMAT" };
    private readonly Option<string> _failOn = new("--fail-on") { Description = "Exit with 1 when there is a finding of this level or above.", DefaultValueFactory = _ => "never", HelpName = "LEVEL" };
    private readonly Option<bool> _statistics = new("--stats") { Description = "Say what was read, which rules matched, on how many events rules were blind, and what filters suppressed." };
    private readonly Option<int?> _threads = new("--threads")
    {
        Description = $"Threads that evaluate, 1 to {ScanOptions.MaxThreads}; otherwise as many as there are processors. Findings are the same with any number, unless a log has more matches than are held (docs/cli.md).",
        HelpName = "N",
        Validators =
        {
            result =>
            {
                if (result.Tokens is [{ Value: var text }] && !(int.TryParse(text, CultureInfo.InvariantCulture, out int threads) && threads is >= 1 and <= ScanOptions.MaxThreads))
                {
                    result.AddError($"--threads {text}: write a number from 1 to {ScanOptions.MaxThreads}");
                }
            },
        },
    };

    private readonly Option<string?> _data = InputOptions.Data();
    private readonly Option<string[]> _learn = new("--learn") { Description = "Read these logs first to know what is not new; they give no findings.", HelpName = "FILE|DIR", AllowMultipleArgumentsPerToken = true };
    private readonly Option<string?> _rejects = InputOptions.Rejects();
    private readonly Option<string[]> _withoutFilters = RuleOptions.WithoutFilters();
    private readonly Option<string[]> _placeholders = RuleOptions.Placeholders();
    private readonly Terminal _terminal;

    private ScanCommand(Terminal terminal) => _terminal = terminal;

    /// <summary>Builds the command.</summary>
    public static Command Create(Terminal terminal)
    {
        ScanCommand scan = new(terminal);
        scan._output.AcceptOnlyFromAmong(["table", "json", "jsonl", .. ReportFormat.Names]);
        scan._dialect.AcceptOnlyFromAmong("auto", "sigma");
        scan._failOn.AcceptOnlyFromAmong([.. RuleOptions.Levels]);
        Command command = new ExampleCommand(
            Name,
            "Evaluate detection rules on audit logs and print the findings in order of time.",
            """
            vedette scan audit.log
            vedette scan /var/log/kubernetes/audit --stats
            aws logs filter-log-events ... | vedette scan - --cluster prod -o jsonl
            vedette scan --learn last-month/ -- today.log
            vedette scan --rules my-rules/ --fail-on high audit.log.gz
            vedette scan audit.log -o html > report.html
            vedette scan --data /var/lib/vedette --cluster prod
            """)
        {
            scan._inputs, scan._data, scan._rules, scan._dialect, scan._cluster, scan._output, scan._failOn, scan._statistics, scan._threads, scan._learn, scan._rejects, scan._withoutFilters, scan._placeholders,
        };
        command.SetAction((result, cancellation) => Task.FromResult(scan.Run(result, cancellation)));
        return command;
    }

    private int Run(ParseResult arguments, CancellationToken cancellation)
    {
        string[] inputs = InputOptions.Resolve(arguments.GetValue(_inputs) ?? []);
        string? data = arguments.GetValue(_data);
        if (data is not null && (arguments.GetValue(_inputs) ?? []).Length > 0)
        {
            return CommandLine.Fail(_terminal, ExitCode.WrongUse, "name logs to scan or --data, not both");
        }

        if (inputs.Length == 0 && data is null)
        {
            return CommandLine.Fail(_terminal, ExitCode.WrongUse, "name a log to scan, or - for standard input; see 'vedette scan --help'");
        }

        if (RuleOptions.ParsePlaceholders(_terminal, arguments.GetValue(_placeholders)) is not { } placeholders)
        {
            return ExitCode.WrongUse;
        }

        try
        {
            GarbageCollections.PutOffAtStart();
            // The library for digests takes milliseconds to load, and nearly every scan needs it: beside the rules.
            new Thread(static () => RandomNumberGenerator.Fill(stackalloc byte[1])) { IsBackground = true, Name = "digests" }.Start();
            SigmaOptions sigma = new() { Mapping = FieldMapping.Shorthand, Placeholders = placeholders, NotesPlaces = false };
            if (RuleOptions.Load(_terminal, RuleSource.Rules(arguments.GetValue(_rules) ?? []), sigma) is not { } set)
            {
                return ExitCode.BadInput;
            }

            SigmaRuleSet rules = RuleOptions.ForScan(_terminal, set);
            if (rules.Rules.IsEmpty)
            {
                return CommandLine.Fail(_terminal, ExitCode.BadInput, "there is no rule for Kubernetes audit events in --rules");
            }

            if (RuleOptions.Without(_terminal, rules, arguments.GetValue(_withoutFilters)) is not { } unfiltered)
            {
                return ExitCode.WrongUse;
            }

            StoreInput? store = data is null ? null : StoreInput.OfOne(_terminal, data, arguments.GetValue(_cluster));
            LogInput[] found = store is null ? [.. LogInputs.Find(inputs)] : [store.Input];
            string? cluster = store?.Cluster ?? arguments.GetValue(_cluster);
            (RejectHandler? handler, RejectFile? file) = InputOptions.OpenRejects(arguments.GetValue(_rejects));
            using (file)
            {
                using Progress progress = new(_terminal, found.Sum(input => input.Length ?? 0), TimeProvider.System);
                ScanResult result = Scan.Run(
                    found, CompiledRules.Compile(unfiltered),
                    new ScanOptions
                    {
                        Cluster = cluster,
                        Threads = Threads(arguments),
                        Learn = [.. LogInputs.Find(arguments.GetValue(_learn) ?? [])],
                        Rejects = handler,
                        Progress = progress.Report,
                        Ending = GarbageCollections.PutOff,
                        StandardInput = Terminal.Input,
                    },
                    TimeProvider.System, cancellation);
                progress.Dispose();
                return store is { Others.Count: > 0 }
                    ? CommandLine.Fail(_terminal, ExitCode.WrongUse, $"{data} holds events of several clusters; name one with --cluster: {string.Join(", ", store.Others.Append(cluster!).Order(StringComparer.Ordinal).Select(TerminalText.Escape))}")
                    : Finish(result, cluster, arguments);
            }
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            return CommandLine.Fail(_terminal, ExitCode.Failed, exception.Message);
        }
    }

    private int Threads(ParseResult arguments) => arguments.GetValue(_threads) ?? Math.Min(Environment.ProcessorCount, ScanOptions.MaxThreads);

    private int Finish(ScanResult result, string? cluster, ParseResult arguments)
    {
        string output = arguments.GetValue(_output)!;
        switch (output)
        {
            case "json":
                ScanJson.WriteDocument(result, _terminal.Data);
                break;
            case "jsonl":
                ScanJson.WriteLines(result.Findings, _terminal.Data, Threads(arguments));
                break;
            case var _ when ReportFormat.Names.Contains(output, StringComparer.Ordinal):
                ReportFormat.Write(output, new ScanReport(result, TimeProvider.System.GetUtcNow(), VersionCommand.Version, cluster), _terminal.Data);
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
        else if (output == "table")
        {
            StatisticsText.WriteSummary(result, _terminal.Error);
        }

        int exit = InputOptions.Judge(_terminal, result.Statistics);
        RuleLevel failOn = (RuleLevel)RuleOptions.Levels.IndexOf(arguments.GetValue(_failOn)!);
        bool failed = failOn != RuleLevel.Unset && result.Findings.Any((Finding finding) => finding.Rule.Level >= failOn);
        return exit == ExitCode.Done && failed ? ExitCode.Found : exit;
    }
}
