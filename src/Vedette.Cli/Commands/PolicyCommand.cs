using System.CommandLine;
using Vedette.Cli.Policies;
using Vedette.Documents;
using Vedette.Policy.Loading;
using Vedette.Policy.Model;

namespace Vedette.Cli.Commands;

/// <summary><c>vedette policy</c>: know what an audit policy does before it runs.</summary>
internal static class PolicyCommand
{
    /// <summary>What the command is called.</summary>
    public const string Name = "policy";

    /// <summary>Builds the command.</summary>
    public static Command Create(Terminal terminal) => new(Name, "Know what an audit policy does before kube-apiserver runs it.")
    {
        PolicyLintCommand.Create(terminal),
        PolicyExplainCommand.Create(terminal),
        PolicySimulateCommand.Create(terminal),
        PolicyDiffCommand.Create(terminal),
        PolicyPresetsCommand.CreatePresets(terminal),
        PolicyPresetsCommand.CreateShow(terminal),
        PolicyPresetsCommand.CreateSchema(terminal),
        PolicyCoverageCommand.Create(terminal),
        PolicyDeriveCommand.Create(terminal),
        PolicyTestCommand.Create(terminal),
    };

    /// <summary>The version of Kubernetes a policy is for.</summary>
    public static Option<string> KubernetesVersionOption() => new("--kubernetes-version")
    {
        Description = "Version of kube-apiserver the policy is for.",
        DefaultValueFactory = _ => KubernetesVersion.Default.ToString(),
        HelpName = "VERSION",
        Validators =
        {
            result =>
            {
                if (result.Tokens is [{ Value: var text }] && !KubernetesVersion.TryParse(text, out _))
                {
                    result.AddError($"--kubernetes-version {text}: write a version such as 1.36");
                }
            },
        },
    };

    /// <summary>The policy to work on.</summary>
    public static Argument<string> PolicyArgument(string name = "POLICY") => new(name) { Description = "Audit policy, YAML or JSON: a file, a preset's name, or - for standard input." };

    /// <summary>Loads a policy as kube-apiserver does and says on the error stream what is wrong with it.</summary>
    /// <returns>Null when kube-apiserver refuses it.</returns>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static AuditPolicy? Load(Terminal terminal, string policy, KubernetesVersion version)
    {
        LoadedPolicy loaded = PolicyLoader.Load(policy == "-" ? "(standard input)" : policy, PolicySource.Read(policy), version);
        foreach (Diagnostic diagnostic in loaded.Diagnostics)
        {
            terminal.Error.WriteLine(diagnostic.ToString());
        }

        return loaded.Policy;
    }

    /// <summary>The version asked for.</summary>
    public static KubernetesVersion VersionOf(ParseResult result, Option<string> option) =>
        KubernetesVersion.TryParse(result.GetValue(option)!, out KubernetesVersion version) ? version : KubernetesVersion.Default;

    /// <summary>Turns trouble with files into an exit code.</summary>
    public static int WithFiles(Terminal terminal, Func<int> work)
    {
        try
        {
            return work();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return CommandLine.Fail(terminal, ExitCode.Failed, exception.Message);
        }
    }
}
