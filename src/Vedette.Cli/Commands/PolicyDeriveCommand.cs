using System.Collections.Immutable;
using System.CommandLine;
using System.Text;
using Vedette.Cli.Output;
using Vedette.Pipeline.Scanning;
using Vedette.Pipeline.Simulation;
using Vedette.Policy.Deriving;
using Vedette.Policy.Loading;
using Vedette.Policy.Model;
using Vedette.Policy.Sight;
using Vedette.Policy.Simulation;
using Vedette.Sources.Files;

namespace Vedette.Cli.Commands;

/// <summary><c>vedette policy derive</c>: the policy that detection rules need.</summary>
internal static class PolicyDeriveCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(Terminal terminal)
    {
        ReplayOptions replay = new(terminal);
        replay.Rules.Description = "Rule files or directories; else the rules that come with the program.";
        replay.Logs.Description = "Logs taken at level RequestResponse, in any shape; files and directories. What the policy leaves of them is compared with them.";
        Option<string> catchAll = new("--catch-all") { Description = "Level of what no rule needs: none or metadata.", DefaultValueFactory = _ => "metadata", HelpName = "LEVEL" };
        catchAll.AcceptOnlyFromAmong("none", "metadata");
        Option<double?> budget = new("--budget") { Description = "Most GB (10^9 bytes) a day; cuts what saves most for the least loss, measured on --log, and says what it costs.", HelpName = "GB" };
        Option<string> version = PolicyCommand.KubernetesVersionOption();
        SpaceOptions space = new();
        Option<bool> explain = new("--explain") { Description = "Name the detection rules that each policy rule, its level and its place are there for." };
        Option<string> output = new("--output", "-o") { Description = "yaml or json.", DefaultValueFactory = _ => "yaml", HelpName = "FORMAT" };
        output.AcceptOnlyFromAmong("yaml", "json");
        Command command = new ExampleCommand(
            "derive",
            """
            Write the policy that detection rules need: bodies only where a rule looks into them, never those of Secrets and tokens.
            No rule of it can be left out and no level lowered without a loss. What is lost all the same stands in its comments.
            With --log, what the policy leaves of the log is compared with it: findings by their ids, and bytes.
            """,
            """
            vedette policy derive > audit-policy.yaml
            vedette policy derive --rules my-rules/ --catch-all none --explain
            vedette policy derive --log audit.log --budget 2 -o json
            """)
        {
            replay.Rules, catchAll, replay.Logs, replay.Days, replay.Rate, budget, version, space.CustomResourceFiles, explain, output,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(budget) is { } limit && (!double.IsFinite(limit) || limit <= 0 || result.GetValue(replay.Logs) is not { Length: > 0 }))
            {
                result.AddError("--budget needs a number of GB a day above 0, and --log to measure what requests come to");
            }

            if (result.GetValue(replay.Logs)?.Contains("-") == true)
            {
                result.AddError("--log -: logs are read more than once, so name files");
            }
        });
        command.SetAction((result, cancellation) => Task.FromResult(PolicyCommand.WithFiles(terminal, () =>
        {
            if (space.ResourcesOf(result, terminal) is not { } resources || PolicyCoverageCommand.Needs(terminal, result.GetValue(replay.Rules)) is not { } needs)
            {
                return ExitCode.BadInput;
            }

            KubernetesVersion kubernetes = PolicyCommand.VersionOf(result, version);
            NameableGroups groups = new(kubernetes, resources);
            AuditLevel rest = result.GetValue(catchAll) == "none" ? AuditLevel.None : AuditLevel.Metadata;
            PolicyDerivation derivation;
            if (result.GetValue(budget) is { } limit)
            {
                (RequestVolumes volumes, ImmutableArray<InputStatistics> read) = PolicyReplay.Measure(LogInputs.Find(result.GetValue(replay.Logs)!), new ScanOptions(), cancellation);
                if (replay.DaysOf(result, read) is not { } days)
                {
                    return CommandLine.Fail(terminal, ExitCode.WrongUse, "the log spans less than a minute: say with --days or --rate what it stands for");
                }

                derivation = PolicyDerivation.Within(needs, rest, volumes, (long)Math.Min(long.MaxValue / 2, limit * 1e9 * days), groups);
            }
            else
            {
                derivation = PolicyDerivation.Of(needs, rest, groups);
            }

            string yaml = DerivedPolicyYaml.Write(derivation, result.GetValue(explain));
            AuditPolicy policy = PolicyLoader.Load("derived", Encoding.UTF8.GetBytes(yaml), kubernetes).Policy ?? throw new InvalidOperationException("a derived policy does not load");
            PolicyReport? report = null;
            int exit = ExitCode.Done;
            if (result.GetValue(replay.Logs) is { Length: > 0 } && (report = replay.Replay(result, [policy], null, withRules: true, cancellation, out exit)) is null)
            {
                return exit;
            }

            DerivedOutput derived = new(derivation, yaml, policy, PolicySight.Of(policy, needs), report, result.GetValue(budget));
            if (result.GetValue(output) == "json")
            {
                derived.WriteJson(terminal.Data);
            }
            else
            {
                terminal.Out.Write(yaml);
                terminal.Out.Flush();
                derived.Tell(terminal.Error);
            }

            return exit == ExitCode.Done && !derived.KeepsFindings ? ExitCode.Found : exit;
        })));
        return command;
    }
}
