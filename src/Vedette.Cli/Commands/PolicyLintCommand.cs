using System.Collections.Immutable;
using System.CommandLine;
using System.Text;
using System.Text.Json;
using Vedette.Cli.Output;
using Vedette.Cli.Policies;
using Vedette.Documents;
using Vedette.Policy.Linting;
using Vedette.Policy.Loading;
using Vedette.Policy.Reachability;

namespace Vedette.Cli.Commands;

/// <summary><c>vedette policy lint</c>.</summary>
internal static class PolicyLintCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(Terminal terminal)
    {
        Argument<string[]> policies = new("POLICY") { Description = "Policy files, - for standard input, or names of presets.", Arity = ArgumentArity.ZeroOrMore };
        Option<string> output = new("--output", "-o") { Description = "table, json or sarif.", DefaultValueFactory = _ => "table", HelpName = "FORMAT" };
        Option<string> failOn = new("--fail-on") { Description = "Exit with 1 when something of this severity or worse is found: note, warning, error or never.", DefaultValueFactory = _ => "error", HelpName = "SEVERITY" };
        Option<string?> explain = new("--explain") { Description = "Print the page on a check and do nothing else.", HelpName = "ID" };
        Option<string> version = PolicyCommand.KubernetesVersionOption();
        SpaceOptions space = new();
        output.AcceptOnlyFromAmong("table", "json", "sarif");
        failOn.AcceptOnlyFromAmong(DiagnosticText.Severities);
        Command command = new ExampleCommand(
            "lint",
            """
            Say what kube-apiserver would refuse, drop in silence, or do otherwise than meant, and what a policy leaks, hides and costs.
            A comment '# vedette-ignore: ID reason' ignores a check for its line, or, ahead of a rule, for the rule.
            """,
            """
            vedette policy lint audit-policy.yaml
            vedette policy lint --fail-on warning -o sarif audit-policy.yaml
            kubectl -n kube-system get cm audit-policy -o jsonpath='{.data.policy\.yaml}' | vedette policy lint -
            vedette policy lint --explain VP2030
            """)
        {
            policies, output, failOn, explain, version, space.CustomResourceFiles, space.Users,
        };
        command.SetAction(result => PolicyCommand.WithFiles(terminal, () =>
        {
            if (result.GetValue(explain) is { } id)
            {
                return Explain(terminal, id);
            }

            if (space.SpaceOf(result, terminal) is not { } requests)
            {
                return ExitCode.BadInput;
            }

            return result.GetValue(policies) is { Length: > 0 } named
                ? Lint(terminal, named, requests, PolicyCommand.VersionOf(result, version), result.GetValue(output)!, Array.IndexOf(DiagnosticText.Severities, result.GetValue(failOn)!))
                : CommandLine.Fail(terminal, ExitCode.WrongUse, "name a policy to lint, or - for standard input; see 'vedette policy lint --help'");
        }));
        return command;
    }

    private static int Explain(Terminal terminal, string id)
    {
        if (PolicySource.Page(id.ToUpperInvariant()) is not { } page)
        {
            return CommandLine.Fail(terminal, ExitCode.WrongUse, $"there is no check '{TerminalText.Escape(id)}'");
        }

        terminal.Out.Write(page);
        return ExitCode.Done;
    }

    private static int Lint(Terminal terminal, string[] policies, RequestSpace space, KubernetesVersion version, string output, int failOn)
    {
        List<(string File, LoadedPolicy Loaded, ImmutableArray<RuleReachability> Reached, ImmutableArray<Diagnostic> Found)> results = [];
        foreach (string policy in policies)
        {
            byte[] text = PolicySource.Read(policy);
            LoadedPolicy loaded = PolicyLoader.Load(policy, text, version);
            ImmutableArray<RuleReachability> reached = loaded.Policy is { } rules ? RuleReachability.Of(rules, space) : [];
            results.Add((policy, loaded, reached, PolicyLinter.Lint(loaded, Encoding.UTF8.GetString(text), reached)));
        }

        Diagnostic[] all = [.. results.SelectMany(result => result.Found)];
        switch (output)
        {
            case "json":
                WriteJson(results, terminal.Data);
                break;
            case "sarif":
                DiagnosticSarif.Write(all, TitleOf, PolicySource.Page, VersionCommand.Version, terminal.Data);
                break;
            default:
                DiagnosticText.Write(all, terminal.Out);
                terminal.Out.Flush();
                terminal.Error.WriteLine($"{DiagnosticText.Count(all)}{(all.Length > 0 ? "; 'vedette policy lint --explain ID' says more" : "")}");
                break;
        }

        if (results.Exists(result => result.Loaded.Policy is null))
        {
            return ExitCode.BadInput;
        }

        return DiagnosticText.Fails(all, failOn) ? ExitCode.Found : ExitCode.Done;
    }

    /// <summary>The first line of a check's page says what it is about.</summary>
    private static string TitleOf(string code) => PolicySource.Page(code)?.Split('\n')[0].Split(": ", 2)[^1] ?? code;

    private static void WriteJson(List<(string File, LoadedPolicy Loaded, ImmutableArray<RuleReachability> Reached, ImmutableArray<Diagnostic> Found)> results, Stream into)
    {
        using (Utf8JsonWriter writer = new(into, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("policies");
            foreach ((string file, LoadedPolicy loaded, ImmutableArray<RuleReachability> reached, ImmutableArray<Diagnostic> found) in results)
            {
                writer.WriteStartObject();
                writer.WriteString("file", file);
                writer.WriteBoolean("loads", loaded.Policy is not null);
                writer.WriteString("loadError", loaded.LoadError);
                writer.WriteString("loadWarning", loaded.StrictError);
                writer.WriteStartArray("diagnostics");
                foreach (Diagnostic diagnostic in found)
                {
                    DiagnosticJson.Write(diagnostic, writer);
                }

                writer.WriteEndArray();
                writer.WriteStartArray("rules");
                foreach (RuleReachability verdict in reached)
                {
                    ReachabilityJson.Write(writer, verdict, loaded.Policy!.Rules[verdict.Rule].Line);
                }

                writer.WriteEndArray();
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        into.Write("\n"u8);
    }
}
