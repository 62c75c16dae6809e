using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Vedette.Audit.Events;
using Vedette.Cli.Output;
using Vedette.Cli.Rules;
using Vedette.Detection.Engine;
using Vedette.Detection.Findings;
using Vedette.Detection.Rules;
using Vedette.Detection.Sigma;
using Vedette.Detection.Testing;
using Vedette.Detection.Tuning;
using Vedette.Documents;
using Vedette.Pipeline.Scanning;
using Vedette.Sources.Files;

namespace Vedette.Cli.Commands;

/// <summary><c>vedette rules tune</c>: the noisiest rules of a log and exclusions for them.</summary>
internal static class RulesTuneCommand
{
    private const int ShownShapes = 5;

    /// <summary>Builds the command.</summary>
    public static Command Create(Terminal terminal)
    {
        Argument<string[]> paths = RulesCommand.Paths("Rule files or directories");
        Option<string[]> logs = new("--log") { Description = "Logs of a time in which nothing bad is known to have happened.", Required = true, HelpName = "FILE|DIR" };
        Option<string> output = new("--output", "-o") { Description = "table, json, or yaml (the filters proposed, ready to save).", DefaultValueFactory = _ => "table", HelpName = "FORMAT" };
        output.AcceptOnlyFromAmong("table", "json", "yaml");
        Command command = new ExampleCommand(
            "tune",
            $"""
            Name the rules that match most in a log, and propose exact exclusions for what one identity did to the same objects at least
            {ExclusionProposal.MinCount} times. None is proposed that would keep a test of the rule from matching.
            """,
            """
            vedette rules tune --log audit.log
            vedette rules tune --log audit.log -o yaml > my-rules/filters.yml
            """)
        {
            paths, logs, output,
        };
        command.SetAction((result, cancellation) => Task.FromResult(RulesCommand.WithFiles(
            terminal, () => Run(terminal, result.GetValue(paths) ?? [], result.GetValue(logs)!, result.GetValue(output)!, cancellation))));
        return command;
    }

    private static int Run(Terminal terminal, string[] paths, string[] logs, string output, CancellationToken cancellation)
    {
        IReadOnlyList<SigmaFile> files = RuleSource.Rules(paths);
        if (RuleOptions.Load(terminal, files, new SigmaOptions { Mapping = FieldMapping.Shorthand }) is not { } all)
        {
            return ExitCode.BadInput;
        }

        SigmaRuleSet set = RuleOptions.ForScan(terminal, all);
        RuleTuner tuner = new(CompiledRules.Compile(set));
        foreach (LogInput input in LogInputs.Find(logs))
        {
            EventInputs.Read(input, new ScanOptions { StandardInput = Terminal.Input }, (in EventView view) => tuner.Add(view), null, cancellation);
        }

        if (tuner.Events == 0)
        {
            return CommandLine.Fail(terminal, ExitCode.BadInput, "there is no audit event in --log");
        }

        Dictionary<string, SigmaFile> byName = files.ToDictionary(file => file.Name, StringComparer.Ordinal);
        (RuleNoise Noise, ImmutableArray<ExclusionProposal> Proposals)[] tuned =
            [.. tuner.Noise().Select(noise => (noise, ExclusionProposal.For(noise, TestsOf(byName[noise.Rule.File], set, noise.Rule))))];
        int unproven = tuned.Count(one => one.Noise.Matches >= ExclusionProposal.MinCount && RuleSource.TestsOf(byName[one.Noise.Rule.File]) is null);
        if (unproven > 0)
        {
            terminal.Error.WriteLine($"note: {unproven} noisy rules have no tests beside them; without tests nothing proves an exclusion harmless, and none is proposed");
        }

        switch (output)
        {
            case "json":
                WriteJson(tuned, terminal.Data);
                break;
            case "yaml":
                terminal.Out.Write(string.Join("---\n", tuned.SelectMany(one => one.Proposals).Select(proposal => proposal.Yaml)));
                break;
            default:
                WriteText(tuned, terminal);
                break;
        }

        return ExitCode.Done;
    }

    /// <summary>The tests beside the rule's file that are for this rule.</summary>
    private static ImmutableArray<RuleTest> TestsOf(SigmaFile file, SigmaRuleSet set, DetectionRule rule) => RuleSource.TestsOf(file) is { } tests
        ? [.. RuleTests.Read(tests.Name, tests.Text, new List<Diagnostic>()).Where(test => set.SubjectOf(file.Name, test.Rule)?.Id == rule.Id)]
        : [];

    private static void WriteText((RuleNoise Noise, ImmutableArray<ExclusionProposal> Proposals)[] tuned, Terminal terminal)
    {
        foreach ((RuleNoise noise, ImmutableArray<ExclusionProposal> proposals) in tuned)
        {
            terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{TerminalText.Escape(noise.Rule.Title)} ({FindingJson.Name(noise.Rule.Level) ?? "-"}): {noise.Matches} matching events"));
            foreach ((MatchShape shape, long count) in noise.Shapes.Take(ShownShapes))
            {
                terminal.Out.WriteLine(TerminalText.Escape(string.Create(
                    CultureInfo.InvariantCulture, $"  {count,7}  {shape.Actor} {shape.Operation} {shape.Resource} {shape.Namespace ?? "(no namespace)"}/{shape.Name ?? "(no name)"}")));
            }

            foreach (ExclusionProposal proposal in proposals)
            {
                terminal.Out.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"  proposed: would suppress {proposal.Suppresses} of {noise.Matches}; all {proposal.TestsKept} tests that must match still do"));
                foreach (string line in proposal.Yaml.TrimEnd().Split('\n'))
                {
                    terminal.Out.WriteLine("    " + line);
                }
            }
        }
    }

    private static void WriteJson((RuleNoise Noise, ImmutableArray<ExclusionProposal> Proposals)[] tuned, Stream into)
    {
        using (Utf8JsonWriter writer = new(into, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            writer.WriteStartArray();
            foreach ((RuleNoise noise, ImmutableArray<ExclusionProposal> proposals) in tuned)
            {
                writer.WriteStartObject();
                writer.WriteString("id", noise.Rule.Id);
                writer.WriteString("title", noise.Rule.Title);
                writer.WriteNumber("matches", noise.Matches);
                writer.WriteStartArray("shapes");
                foreach ((MatchShape shape, long count) in noise.Shapes.Take(ShownShapes))
                {
                    writer.WriteStartObject();
                    writer.WriteString("actor", shape.Actor);
                    writer.WriteString("verb", shape.Operation);
                    writer.WriteString("resource", shape.Resource);
                    writer.WriteString("namespace", shape.Namespace);
                    writer.WriteString("name", shape.Name);
                    writer.WriteNumber("count", count);
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
                writer.WriteStartArray("proposals");
                foreach (ExclusionProposal proposal in proposals)
                {
                    writer.WriteStartObject();
                    writer.WriteString("filter", proposal.Yaml);
                    writer.WriteNumber("suppresses", proposal.Suppresses);
                    writer.WriteNumber("testsKept", proposal.TestsKept);
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        into.Write("\n"u8);
    }
}
