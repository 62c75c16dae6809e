using System.Collections.Immutable;
using System.CommandLine;
using System.Text;
using Vedette.Audit.Needs;
using Vedette.Cli.Output;
using Vedette.Cli.Policies;
using Vedette.Cli.Rules;
using Vedette.Detection.Needs;
using Vedette.Detection.Sigma;
using Vedette.Policy.Loading;
using Vedette.Policy.Managed;
using Vedette.Policy.Model;
using Vedette.Policy.Sight;

namespace Vedette.Cli.Commands;

/// <summary><c>vedette policy coverage</c>: which detection rules can fire under a policy.</summary>
internal static class PolicyCoverageCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(Terminal terminal)
    {
        Argument<string?> policyFile = new("POLICY") { Description = "Audit policy, YAML or JSON: a file, a preset's name, or - for standard input.", Arity = ArgumentArity.ZeroOrOne };
        Option<string?> platform = new("--platform") { Description = "Instead of a policy, what a provider whose policy cannot be chosen logs: eks, gke or aks.", HelpName = "PLATFORM" };
        platform.AcceptOnlyFromAmong([.. ManagedLogs.Platforms]);
        Option<string?> platformLog = new("--platform-log")
        {
            Description = $"Which of the provider's logs: {string.Join("; ", ManagedLogs.Platforms.Select(name => $"{name} {string.Join(" or ", ManagedLogs.Of(name).Select(log => log.Name))}"))}. "
                + "Else the first. data_access is with activity.",
            HelpName = "LOG",
        };
        Option<string[]?> rules = RulesOption();
        Option<string> version = PolicyCommand.KubernetesVersionOption();
        Option<string> output = OutputOption.TableOrJson();
        Option<string> failOn = new("--fail-on")
        {
            Description = "Exit with 1 when a rule can fire never; or but sometimes, or never; or do not: never, sometimes or off.",
            DefaultValueFactory = _ => "off",
            HelpName = "SIGHT",
        };
        failOn.AcceptOnlyFromAmong("off", "never", "sometimes");
        Command command = new ExampleCommand(
            "coverage",
            """
            Say of every detection rule whether it can always fire under a policy, sometimes, or never, with a request that it misses.
            Every request that Kubernetes serves is looked at, by everybody whom policy or rule tells from others; no log is needed.
            """,
            """
            vedette policy coverage audit-policy.yaml
            vedette policy coverage recommended --rules my-rules/ --fail-on never
            vedette policy coverage --platform aks --platform-log kube-audit-admin
            vedette policy coverage --platform gke -o json
            """)
        {
            policyFile, platform, platformLog, rules, version, output, failOn,
        };
        command.Validators.Add(result =>
        {
            string? name = result.GetValue(platform);
            if (name is null == result.GetValue(policyFile) is null)
            {
                result.AddError("name a policy, or a --platform");
            }

            if (result.GetValue(platformLog) is { } log && !(name is not null && ManagedLogs.Of(name).Any(one => one.Name == log)))
            {
                result.AddError(name is null ? "--platform-log needs --platform" : $"--platform-log {log}: {name} has {string.Join(" and ", ManagedLogs.Of(name).Select(one => one.Name))}");
            }
        });
        command.SetAction(result => PolicyCommand.WithFiles(terminal, () =>
        {
            ManagedLog? log = result.GetValue(platform) is { } name ? ManagedLogs.Of(name).First(one => (result.GetValue(platformLog) ?? one.Name) == one.Name) : null;
            if (PolicyOf(terminal, log, result.GetValue(policyFile), PolicyCommand.VersionOf(result, version)) is not { } policy
                || Needs(terminal, result.GetValue(rules)) is not { } needs)
            {
                return ExitCode.BadInput;
            }

            ImmutableArray<RuleSight> sights = PolicySight.Of(policy, needs, log);
            if (result.GetValue(output) == "json")
            {
                SightOutput.WriteJson(terminal.Data, policy, log, sights);
            }
            else
            {
                SightOutput.WriteTable(terminal.Out, policy, log, sights);
            }

            CanFire worst = result.GetValue(failOn) switch { "never" => CanFire.Never, "sometimes" => CanFire.Sometimes, _ => CanFire.Unknown };
            return sights.Any(sight => sight.CanFire != CanFire.Unknown && sight.CanFire <= worst) ? ExitCode.Found : ExitCode.Done;
        }));
        return command;
    }

    private static AuditPolicy? PolicyOf(Terminal terminal, ManagedLog? log, string? file, KubernetesVersion version) => log is null
        ? PolicyCommand.Load(terminal, file!, version)
        : log.Of(PolicyLoader.Load(log.Preset, Encoding.UTF8.GetBytes(PolicySource.Preset(log.Preset))).Policy ?? throw new InvalidOperationException($"preset {log.Preset} does not load"));

    /// <summary>The rules to work for.</summary>
    public static Option<string[]?> RulesOption() => new("--rules")
    {
        Description = "Rule files or directories; else the rules that come with the program.",
        HelpName = "PATH",
        AllowMultipleArgumentsPerToken = true,
    };

    /// <summary>What the rules need.</summary>
    /// <returns>Null when they cannot be read.</returns>
    public static ImmutableArray<RuleNeeds>? Needs(Terminal terminal, string[]? rules) =>
        RuleOptions.Load(terminal, RuleSource.Rules(rules ?? []), new SigmaOptions()) is { } set ? new NeedAnalysis().Of(RuleOptions.ForScan(terminal, set)) : null;
}
