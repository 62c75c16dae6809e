using System.CommandLine;
using System.Text.Json;
using Vedette.Audit.Decoding;
using Vedette.Audit.Events;
using Vedette.Cli.Output;
using Vedette.Cli.Rules;
using Vedette.Detection.Explaining;
using Vedette.Detection.Rules;
using Vedette.Detection.Sigma;

namespace Vedette.Cli.Commands;

/// <summary><c>vedette rules explain</c>: why a rule fires on an event or does not.</summary>
internal static class RulesExplainCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(Terminal terminal)
    {
        Argument<string> name = new("RULE") { Description = "Id, name or title of a rule that comes with the program, or a rule file." };
        Option<string> file = new("--event") { Description = "A JSON object: one event, whole or in part; of several lines the first; - for standard input.", Required = true, HelpName = "FILE" };
        Option<string> output = new("--output", "-o") { Description = "text or json.", DefaultValueFactory = _ => "text", HelpName = "FORMAT" };
        output.AcceptOnlyFromAmong("text", "json");
        Command command = new ExampleCommand(
            "explain",
            "Say which parts of a rule's condition were true, false or not evaluable on an event, and what the event has there.",
            """
            vedette rules explain pod_exec --event event.json
            vedette rules explain my-rule.yml --event event.json -o json
            """)
        {
            name, file, output,
        };
        command.SetAction(result => RulesCommand.WithFiles(terminal, () => Run(terminal, result.GetValue(name)!, result.GetValue(file)!, result.GetValue(output)!)));
        return command;
    }

    private static int Run(Terminal terminal, string name, string file, string output)
    {
        bool isFile = File.Exists(name);
        if (RuleOptions.Load(terminal, RuleSource.Rules(isFile ? [name] : []), new SigmaOptions { Mapping = FieldMapping.Shorthand }) is not { } set)
        {
            return ExitCode.BadInput;
        }

        CorrelationRule? correlation = set.Correlations.FirstOrDefault(one => IsCalled(one.Attributes, name) || (isFile && set.Rules.Length == 0));
        DetectionRule[] rules = correlation is not null
            ? [.. set.Rules.Where(rule => correlation.Rules.Contains(rule.Id, StringComparer.Ordinal) || (rule.Name is not null && correlation.Rules.Contains(rule.Name, StringComparer.Ordinal)))]
            : [.. set.Rules.Where(rule => isFile || IsCalled(rule, name))];
        if (rules.Length == 0)
        {
            return CommandLine.Fail(terminal, ExitCode.BadInput, $"there is no rule '{TerminalText.Escape(name)}'; 'vedette rules list' names them");
        }

        using Stream stream = file == "-" ? Terminal.Input() : File.OpenRead(file);
        using MemoryStream bytes = new();
        stream.CopyTo(bytes);
        EventDecoder decoder = new();
        ReadOnlyMemory<byte> text = bytes.GetBuffer().AsMemory(0, (int)bytes.Length);
        if (decoder.Decode(text.Span, out EventView view) is var status and not DecodeStatus.Ok)
        {
            // Not one object: of JSON lines the first.
            int end = text.Span.IndexOf((byte)'\n');
            status = end > 0 ? decoder.Decode(text.Span[..end], out view) : status;
            if (status != DecodeStatus.Ok)
            {
                return CommandLine.Fail(terminal, ExitCode.BadInput, $"{file}: not a JSON object: {status}");
            }
        }

        using Utf8JsonWriter writer = new(terminal.Data, new JsonWriterOptions { Indented = true, NewLine = "\n" });
        bool isJson = output == "json";
        if (isJson)
        {
            writer.WriteStartArray();
        }

        foreach (DetectionRule rule in rules)
        {
            RuleExplanation explanation = RuleExplainer.Explain(rule, view);
            string? beyond = correlation is null
                ? explanation.Beyond
                : $"The correlation '{correlation.Attributes.Title}' looks at matches of {string.Join(", ", correlation.Rules)} within {correlation.Timespan}"
                    + (correlation.GroupBy.IsEmpty ? "." : $", for each {string.Join(", ", correlation.GroupBy)}.");
            if (isJson)
            {
                Write(rule, explanation, beyond, writer);
            }
            else
            {
                Write(rule, explanation, beyond, terminal.Out);
            }
        }

        if (isJson)
        {
            writer.WriteEndArray();
            writer.Flush();
            terminal.Data.Write("\n"u8);
        }

        return ExitCode.Done;
    }

    private static bool IsCalled(DetectionRule rule, string name) =>
        name.Equals(rule.Id, StringComparison.OrdinalIgnoreCase) || name == rule.Name || name.Equals(rule.Title, StringComparison.OrdinalIgnoreCase);

    private static void Write(DetectionRule rule, RuleExplanation explanation, string? beyond, TextWriter into)
    {
        into.WriteLine($"{TerminalText.Escape(rule.Title)}: {Summary(explanation)}");
        Write(explanation.Condition, 1, into);
        foreach ((string filter, Explanation condition) in explanation.Filters)
        {
            into.WriteLine($"  filter {TerminalText.Escape(filter)}: {(condition.Verdict == Verdict.False ? "suppresses the event" : "lets the event through")}");
            if (condition.Verdict == Verdict.False)
            {
                Write(condition, 2, into);
            }
        }

        if (beyond is not null)
        {
            into.WriteLine($"  {TerminalText.Escape(beyond)}");
        }
    }

    private static void Write(Explanation part, int depth, TextWriter into)
    {
        into.Write(new string(' ', depth * 2));
        into.Write($"{Name(part.Verdict),-13} {TerminalText.Escape(part.Text)}");
        if (part.Field is not null)
        {
            into.Write(part.Values.IsEmpty ? "   [nothing there]" : $"   [{TerminalText.Escape(string.Join(" | ", part.Values))}]");
        }

        into.WriteLine(part.Search is null ? "" : $"   {TerminalText.Escape(part.Search)}{(part.Line > 0 ? $", line {part.Line}" : "")}");
        foreach (Explanation inner in part.Parts)
        {
            Write(inner, depth + 1, into);
        }
    }

    private static void Write(DetectionRule rule, RuleExplanation explanation, string? beyond, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("id", rule.Id);
        writer.WriteString("title", rule.Title);
        writer.WriteString("verdict", JsonName(explanation.Verdict));
        writer.WritePropertyName("condition");
        Write(explanation.Condition, writer);
        writer.WriteStartArray("filters");
        foreach ((string filter, Explanation condition) in explanation.Filters)
        {
            writer.WriteStartObject();
            writer.WriteString("name", filter);
            writer.WriteBoolean("suppresses", condition.Verdict == Verdict.False);
            writer.WritePropertyName("condition");
            Write(condition, writer);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteString("beyond", beyond);
        writer.WriteEndObject();
    }

    private static void Write(Explanation part, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("text", part.Text);
        writer.WriteString("verdict", JsonName(part.Verdict));
        if (part.Parts.IsEmpty)
        {
            writer.WriteString("search", part.Search);
            writer.WriteString("field", part.Field);
            writer.WriteStartArray("values");
            foreach (string value in part.Values)
            {
                writer.WriteStringValue(value);
            }

            writer.WriteEndArray();
            writer.WriteNumber("line", part.Line);
        }
        else
        {
            writer.WriteStartArray("parts");
            foreach (Explanation inner in part.Parts)
            {
                Write(inner, writer);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static string Summary(RuleExplanation explanation) => explanation.Verdict switch
    {
        Verdict.True => "matches",
        Verdict.NotEvaluable => "not evaluable: the event's level does not show what the rule looks at",
        _ => explanation.Condition.Verdict == Verdict.True ? "suppressed by a filter" : "does not match",
    };

    private static string Name(Verdict verdict) => verdict switch
    {
        Verdict.True => "true",
        Verdict.False => "false",
        _ => "not evaluable",
    };

    private static string JsonName(Verdict verdict) => verdict switch
    {
        Verdict.True => "true",
        Verdict.False => "false",
        _ => "notEvaluable",
    };
}
