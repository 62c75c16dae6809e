using System.CommandLine;
using Vedette.Cli.Output;

namespace Vedette.Cli.Commands;

/// <summary><c>vedette policy simulate</c>: what a policy would have left of a log, and what that costs.</summary>
internal static class PolicySimulateCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(Terminal terminal)
    {
        Argument<string> policyFile = PolicyCommand.PolicyArgument();
        Option<string> version = PolicyCommand.KubernetesVersionOption();
        ReplayOptions replay = new(terminal);
        replay.Logs.Required = true;
        Option<string?> emit = new("--emit") { Description = "Write the events as kube-apiserver would have written them, as JSON lines; - for standard output, without the report.", HelpName = "FILE" };
        Option<string> output = OutputOption.TableOrJson();
        Command command = new ExampleCommand(
            "simulate",
            "Replay logs through a policy: events and bytes by level, rule, resource and user, what is lost, what it costs.",
            """
            vedette policy simulate policy.yaml --log audit.log
            vedette policy simulate policy.yaml --log /var/log/kubernetes/audit --rules --rate 250
            vedette policy simulate policy.yaml --log audit.log.gz --emit left.jsonl -o json
            """)
        {
            policyFile, replay.Logs, emit, replay.Rules, replay.Days, replay.Rate, replay.Prices, replay.Top, version, output,
        };
        command.SetAction((result, cancellation) => Task.FromResult(PolicyCommand.WithFiles(terminal, () =>
        {
            if (PolicyCommand.Load(terminal, result.GetValue(policyFile)!, PolicyCommand.VersionOf(result, version)) is not { } policy)
            {
                return ExitCode.BadInput;
            }

            if (replay.Replay(result, [policy], result.GetValue(emit), cancellation, out int exit) is not { } report)
            {
                return exit;
            }

            if (result.GetValue(emit) == "-")
            {
                return exit;
            }

            if (result.GetValue(output) == "json")
            {
                PolicyReportJson.Write(terminal.Data, report);
            }
            else
            {
                PolicyReportText.Write(terminal.Out, report);
            }

            return exit;
        })));
        return command;
    }
}
