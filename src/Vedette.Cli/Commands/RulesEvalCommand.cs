using System.CommandLine;
using System.Text.Json;
using Vedette.Audit.Decoding;
using Vedette.Audit.Events;
using Vedette.Cli.Rules;
using Vedette.Detection.Engine;
using Vedette.Detection.Findings;
using Vedette.Detection.Sigma;
using Vedette.Detection.Stateful;

namespace Vedette.Cli.Commands;

/// <summary><c>vedette rules eval</c>: the matcher of scan on any JSON objects, one answer a line.</summary>
internal static class RulesEvalCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(Terminal terminal)
    {
        Argument<string[]> rules = new("RULE") { Description = "Rule files or directories.", Arity = ArgumentArity.OneOrMore };
        Option<string> events = new("--events") { Description = "JSON objects, one a line, whole events or parts; - for standard input.", Required = true, HelpName = "FILE" };
        Option<string[]> placeholders = RuleOptions.Placeholders();
        Command command = new ExampleCommand(
            "eval",
            """
            Say for every JSON object which rules match: field names as they are written, log sources not looked at.
            A correlation is named on the line that completes it; one decided when a window closes, in a last line without event.
            Objects are taken in order of stageTimestamp; one that has none keeps its place after the one before it.
            """,
            """
            vedette rules eval my-rule.yml --events events.jsonl
            """)
        {
            rules, events, placeholders,
        };
        command.SetAction((result, cancellation) => Task.FromResult(RulesCommand.WithFiles(
            terminal, () => Run(terminal, result.GetValue(rules)!, result.GetValue(events)!, result.GetValue(placeholders), cancellation))));
        return command;
    }

    private static int Run(Terminal terminal, string[] rules, string events, string[]? given, CancellationToken cancellation)
    {
        if (RuleOptions.ParsePlaceholders(terminal, given) is not { } placeholders)
        {
            return ExitCode.WrongUse;
        }

        if (RuleOptions.Load(terminal, RuleSource.Rules(rules), new SigmaOptions { Placeholders = placeholders }) is not { } set)
        {
            return ExitCode.BadInput;
        }

        CompiledRules compiled = CompiledRules.Compile(set);
        RuleEvaluator evaluator = new(compiled);
        StatefulDetector detector = new(compiled);
        HashSet<string> correlations = new(set.Correlations.Select(correlation => correlation.Attributes.Id), StringComparer.Ordinal);
        EventDecoder decoder = new();
        List<Finding> closed = [];
        int read = 0;
        using Utf8JsonWriter writer = new(terminal.Data);
        foreach ((DateTimeOffset time, int index, byte[] line) in InOrder(events, decoder))
        {
            cancellation.ThrowIfCancellationRequested();
            DecodeStatus status = decoder.Decode(line, out EventView view);
            writer.WriteStartObject();
            writer.WriteNumber("event", index);
            writer.WriteStartArray("rules");
            if (status == DecodeStatus.Ok)
            {
                read++;
                foreach (int rule in evaluator.Evaluate(view))
                {
                    writer.WriteStringValue(compiled.Rules[rule].Title);
                }

                if (evaluator.Take(view, null) is { } match)
                {
                    detector.Process(match with { At = time });
                }
            }

            writer.WriteEndArray();
            ILookup<ToldOccasion, Finding> told = detector.Take().Where(item => correlations.Contains(item.Finding.Rule.Id)).ToLookup(item => item.Occasion, item => item.Finding);
            closed.AddRange(told[ToldOccasion.Close]);
            WriteCorrelations(writer, told[ToldOccasion.Event]);
            if (status != DecodeStatus.Ok)
            {
                writer.WriteString("error", $"not one JSON object: {status}");
            }

            EndLine(writer, terminal.Data);
        }

        detector.Complete();
        closed.AddRange(detector.Take().Where(item => item.Occasion == ToldOccasion.Close && correlations.Contains(item.Finding.Rule.Id)).Select(item => item.Finding));
        if (closed.Count > 0)
        {
            writer.WriteStartObject();
            writer.WriteNull("event");
            writer.WriteStartArray("rules");
            writer.WriteEndArray();
            WriteCorrelations(writer, closed);
            EndLine(writer, terminal.Data);
        }

        return read > 0 ? ExitCode.Done : CommandLine.Fail(terminal, ExitCode.BadInput, $"{events}: no JSON object in it");
    }

    private static void WriteCorrelations(Utf8JsonWriter writer, IEnumerable<Finding> findings)
    {
        writer.WriteStartArray("correlations");
        foreach (Finding finding in findings)
        {
            writer.WriteStartObject();
            writer.WriteString("title", finding.Rule.Title);
            writer.WriteStartObject("group");
            foreach (GroupValue member in finding.Group)
            {
                writer.WriteString(member.Field, member.Value);
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void EndLine(Utf8JsonWriter writer, Stream into)
    {
        writer.WriteEndObject();
        writer.Flush();
        into.Write("\n"u8);
        writer.Reset();
    }

    private static IEnumerable<(DateTimeOffset Time, int Index, byte[] Line)> InOrder(string path, EventDecoder decoder)
    {
        using Stream stream = path == "-" ? Terminal.Input() : File.OpenRead(path);
        using MemoryStream all = new();
        stream.CopyTo(all);
        List<(DateTimeOffset Time, int Index, byte[] Line)> lines = [];
        DateTimeOffset time = DateTimeOffset.MinValue;
        byte[] bytes = all.GetBuffer();
        foreach (Range range in bytes.AsSpan(0, (int)all.Length).Split((byte)'\n'))
        {
            byte[] line = bytes.AsSpan(0, (int)all.Length)[range].Trim(" \t\r"u8).ToArray();
            if (line.Length == 0)
            {
                continue;
            }

            if (decoder.Decode(line, out EventView view) == DecodeStatus.Ok && EventTime.TryParse(view[AuditField.StageTimestamp].Raw, out DateTimeOffset own))
            {
                time = own;
            }

            lines.Add((time, lines.Count, line));
        }

        // OrderBy is stable, so objects of the same time stay as they are.
        return lines.OrderBy(line => line.Time);
    }
}
