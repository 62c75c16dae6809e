using System.CommandLine;
using Vedette.Cli.Output;
using Vedette.Platforms;
using Vedette.Platforms.Verification;
using Vedette.Policy.Loading;

namespace Vedette.Cli.Commands;

/// <summary><c>vedette verify PLATFORM</c>: is auditing really on, and as it should be?</summary>
internal sealed class VerifyCommand(Terminal terminal)
{
    /// <summary>What the command is called.</summary>
    public const string Name = "verify";

    private static readonly string[] s_failures = ["wrong", "unknown", "never"];

    private readonly Option<string?> _setup = new("--setup") { Description = "A directory as 'vedette setup' writes it.", HelpName = "DIR" };
    private readonly Option<int?> _retention = new("--retention") { Description = "Days that events must be kept.", HelpName = "DAYS" };
    private readonly Option<string> _residency = PlatformOptions.Residency();
    private readonly Option<string> _version = PolicyCommand.KubernetesVersionOption();
    private readonly Option<string> _output = new("--output", "-o") { Description = "table, json or sarif.", DefaultValueFactory = _ => "table", HelpName = "FORMAT" };
    private readonly Option<string> _failOn = new("--fail-on") { Description = "Exit with 1 when something is wrong, when something is wrong or unknown, or never.", DefaultValueFactory = _ => "wrong", HelpName = "OUTCOME" };

    /// <summary>Builds the command.</summary>
    public static Command Create(Terminal terminal) => new VerifyCommand(terminal).Create();

    private ExampleCommand Create()
    {
        _output.AcceptOnlyFromAmong("table", "json", "sarif");
        _failOn.AcceptOnlyFromAmong(s_failures);
        ExampleCommand verify = new(
            Name,
            "Say for a platform whether auditing is on and as it should be: ok, wrong or cannot tell, why, and the mend. Changes nothing.",
            """
            vedette verify kubeadm --setup audit-setup        before it is applied
            vedette verify kubeadm --root /                   on a control-plane node, as root
            kubectl get --raw /metrics | vedette verify kubeadm --root / --metrics - -o sarif
            """);
        foreach (Platform platform in PlatformCatalogue.All)
        {
            PlatformOptions options = new(platform.VerifyOptions);
            ExampleCommand command = new(platform.Name, $"Verify: {platform.Summary}.", platform.VerifyExamples);
            Option[] shared = platform.HasPolicy ? [_setup, _retention, _residency, _version, _output, _failOn] : [_setup, _retention, _residency, _output, _failOn];
            foreach (Option option in shared.Concat(options.All))
            {
                command.Options.Add(option);
            }

            command.SetAction(result => PolicyCommand.WithFiles(terminal, () => Run(platform, options.Values(result), result)));
            verify.Subcommands.Add(command);
        }

        return verify;
    }

    private int Run(Platform platform, OptionValues options, ParseResult result)
    {
        if (result.GetValue(_setup) is { } directory && !Directory.Exists(directory))
        {
            return CommandLine.Fail(terminal, ExitCode.Failed, $"{directory}: no such directory");
        }

        VerifyRequest request = new()
        {
            SetupDirectory = result.GetValue(_setup),
            RetentionDays = result.GetValue(_retention),
            Residency = PlatformOptions.ResidencyOf(result, _residency),
            Version = platform.HasPolicy ? PolicyCommand.VersionOf(result, _version) : KubernetesVersion.Default,
            Options = options,
            Files = new InputFiles(Terminal.Input),
        };
        Verdict verdict = new();
        platform.Verify(request, verdict);
        VerdictOutput.Write(platform.Name, verdict, result.GetValue(_output)!, terminal);
        Outcome failing = result.GetValue(_failOn) == "unknown" ? Outcome.CannotTell : Outcome.Wrong;
        return result.GetValue(_failOn) != "never" && verdict.Results.Any(answer => answer.Outcome >= failing) ? ExitCode.Found : ExitCode.Done;
    }
}
