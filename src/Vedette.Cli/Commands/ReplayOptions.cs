using System.Collections.Immutable;
using System.CommandLine;
using System.Reflection;
using Vedette.Cli.Output;
using Vedette.Cli.Rules;
using Vedette.Detection.Engine;
using Vedette.Detection.Sigma;
using Vedette.Pipeline.Scanning;
using Vedette.Pipeline.Simulation;
using Vedette.Policy.Costs;
using Vedette.Policy.Model;
using Vedette.Sources.Files;

namespace Vedette.Cli.Commands;

/// <summary>What <c>policy simulate</c> and <c>policy diff</c> have in common: logs, prices, rules.</summary>
internal sealed class ReplayOptions(Terminal terminal)
{
    /// <summary>A log shorter than this says nothing about a day.</summary>
    private static readonly TimeSpan s_shortest = TimeSpan.FromMinutes(1);

    /// <summary>Logs.</summary>
    public Option<string[]> Logs { get; } = new("--log")
    {
        Description = "Logs taken at a level at least as high as the policy's, in any shape; files, directories, - for standard input. May be given again.",
        HelpName = "FILE|DIR|-",
        AllowMultipleArgumentsPerToken = true,
    };

    /// <summary>Rules.</summary>
    public Option<string[]?> Rules { get; } = new("--rules")
    {
        Description = "Say which findings are kept and which rules go blind: rule files or directories, or alone for the rules that come with the program.",
        HelpName = "PATH",
        Arity = ArgumentArity.ZeroOrMore,
    };

    /// <summary>Days.</summary>
    public Option<double?> Days { get; } = new("--days") { Description = "Days that the logs stand for; else from their first event to their last.", HelpName = "N" };

    /// <summary>Rate.</summary>
    public Option<double?> Rate { get; } = new("--rate") { Description = "Events a second that the logs stand for, instead of --days.", HelpName = "N" };

    /// <summary>Prices.</summary>
    public Option<string?> Prices { get; } = new("--prices") { Description = "Price file instead of the one that comes with the program (policies/prices.json).", HelpName = "FILE" };

    /// <summary>Rows of tables.</summary>
    public Option<int> Top { get; } = new("--top") { Description = "Rows shown by resource and by user.", DefaultValueFactory = _ => 10, HelpName = "N" };

    /// <summary>Replays the logs.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="policies">The policies.</param>
    /// <param name="emit">Where events of the first go; null for nowhere.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="exit">Exit code.</param>
    /// <returns>Null when it could not be done.</returns>
    public PolicyReport? Replay(ParseResult arguments, AuditPolicy[] policies, string? emit, CancellationToken cancellation, out int exit) =>
        Replay(arguments, policies, emit, arguments.GetResult(Rules) is not null, cancellation, out exit);

    /// <summary>Replays the logs.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="policies">The policies.</param>
    /// <param name="emit">Where events of the first go; null for nowhere.</param>
    /// <param name="withRules">Run detection rules, those that come with the program unless others are named?</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="exit">Exit code.</param>
    /// <returns>Null when it could not be done.</returns>
    public PolicyReport? Replay(ParseResult arguments, AuditPolicy[] policies, string? emit, bool withRules, CancellationToken cancellation, out int exit)
    {
        string[] logs = arguments.GetValue(Logs) ?? [];
        if (LoadRules(arguments, withRules, out CompiledRules? rules, out exit) && LoadPrices(arguments.GetResult(Prices) is null ? null : arguments.GetValue(Prices), out PriceList? prices, out exit))
        {
            LogInput[] inputs = [.. LogInputs.Find(logs)];
            using FileStream? file = emit is null or "-" ? null : File.Create(emit);
            using BufferedStream? buffer = file is null ? null : new BufferedStream(file, 256 * 1024);
            Stream? into = emit == "-" ? terminal.Data : buffer;
            PolicyReplayResult result = PolicyReplay.Run(inputs, policies, rules, into, new ScanOptions { StandardInput = Terminal.Input }, cancellation);
            exit = InputOptions.Judge(terminal, new ScanStatistics { Inputs = result.Inputs, Rejects = result.Inputs[0].Rejects, Rules = [] });
            return new PolicyReport(result, prices!, DaysOf(arguments, result.Inputs), arguments.GetResult(Top) is null ? 0 : arguments.GetValue(Top));
        }

        return null;
    }

    /// <summary>Days that logs stand for; null when that cannot be told.</summary>
    public double? DaysOf(ParseResult arguments, ImmutableArray<InputStatistics> inputs)
    {
        long events = inputs.Sum(input => input.Events);
        if (arguments.GetValue(Days) is { } days)
        {
            return days > 0 ? days : null;
        }

        if (arguments.GetValue(Rate) is { } rate)
        {
            return rate > 0 && events > 0 ? events / (rate * 86_400) : null;
        }

        TimeSpan? span = inputs.Max(input => input.LastEvent) - inputs.Min(input => input.FirstEvent);
        return span >= s_shortest ? span.Value.TotalDays : null;
    }

    private bool LoadRules(ParseResult arguments, bool withRules, out CompiledRules? rules, out int exit)
    {
        rules = null;
        exit = ExitCode.Done;
        if (!withRules)
        {
            return true;
        }

        if (RuleOptions.Load(terminal, RuleSource.Rules(arguments.GetValue(Rules) ?? []), new SigmaOptions()) is not { } set)
        {
            exit = ExitCode.BadInput;
            return false;
        }

        rules = CompiledRules.Compile(RuleOptions.ForScan(terminal, set));
        return true;
    }

    private bool LoadPrices(string? path, out PriceList? prices, out int exit)
    {
        prices = null;
        exit = ExitCode.Done;
        try
        {
            prices = PriceList.Parse(path is null ? Embedded() : File.ReadAllBytes(path));
            return true;
        }
        catch (FormatException exception)
        {
            exit = CommandLine.Fail(terminal, ExitCode.BadInput, $"{path}: {exception.Message}");
            return false;
        }
    }

    private static byte[] Embedded()
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("policies/prices.json")!;
        using MemoryStream bytes = new();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
