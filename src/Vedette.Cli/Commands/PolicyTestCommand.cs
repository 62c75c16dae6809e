using System.Collections.Immutable;
using System.CommandLine;
using Vedette.Cli.Output;
using Vedette.Cli.Policies;
using Vedette.Documents;
using Vedette.Policy.Loading;
using Vedette.Policy.Testing;

namespace Vedette.Cli.Commands;

/// <summary><c>vedette policy test</c>.</summary>
internal static class PolicyTestCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(Terminal terminal)
    {
        Argument<string[]> files = new("FILE") { Description = "Files of tests.", Arity = ArgumentArity.OneOrMore };
        Option<string?> policy = new("--policy") { Description = "The policy to test instead of the one that the files name.", HelpName = "POLICY" };
        Option<string> version = PolicyCommand.KubernetesVersionOption();
        Command command = new ExampleCommand(
            "test",
            "Run tests of a policy: requests, and the level and stages they must get.",
            """
            vedette policy test audit-policy.tests.yaml
            vedette policy test --policy recommended company-rules.tests.yaml
            """)
        {
            files, policy, version,
        };
        command.SetAction(result => PolicyCommand.WithFiles(terminal, () => Run(terminal, result.GetValue(files)!, result.GetValue(policy), PolicyCommand.VersionOf(result, version))));
        return command;
    }

    private static int Run(Terminal terminal, string[] files, string? policy, KubernetesVersion version)
    {
        int passed = 0;
        int failed = 0;
        foreach (string file in files)
        {
            List<Diagnostic> diagnostics = [];
            PolicyTestFile tests = PolicyTestFile.Read(file, File.ReadAllText(file), diagnostics);
            if (diagnostics.Exists(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error))
            {
                DiagnosticText.Write(diagnostics, terminal.Error);
                return ExitCode.BadInput;
            }

            if (policy is null && tests.Policy is null)
            {
                return CommandLine.Fail(terminal, ExitCode.BadInput, $"{file}: it names no policy; add 'policy: PATH', or give --policy");
            }

            string path = policy ?? Beside(file, tests.Policy!);
            LoadedPolicy loaded = PolicyLoader.Load(path, PolicySource.Read(path), version);
            if (loaded.Policy is null)
            {
                DiagnosticText.Write(loaded.Diagnostics, terminal.Error);
                return ExitCode.BadInput;
            }

            foreach (PolicyTest test in tests.Tests)
            {
                ImmutableArray<string> failures = test.Run(loaded.Policy);
                passed += failures.IsEmpty ? 1 : 0;
                failed += failures.IsEmpty ? 0 : 1;
                foreach (string failure in failures)
                {
                    terminal.Out.WriteLine($"FAIL {TerminalText.Escape(file)}:{test.Line}: {TerminalText.Escape(test.Name)}: {TerminalText.Escape(failure)}");
                }
            }
        }

        terminal.Out.WriteLine($"{passed} passed, {failed} failed");
        return failed > 0 ? ExitCode.Found : ExitCode.Done;
    }

    /// <summary>A path in a file of tests is seen from that file; a preset's name stands for itself.</summary>
    private static string Beside(string file, string policy)
    {
        string path = Path.Combine(Path.GetDirectoryName(file) ?? "", policy);
        return File.Exists(path) || !PolicySource.Presets.Contains(policy, StringComparer.Ordinal) ? path : policy;
    }
}
