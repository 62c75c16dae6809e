using System.Collections.Immutable;
using System.CommandLine;
using System.Text;
using System.Text.Json;
using Vedette.Cli.Output;
using Vedette.Documents;
using Vedette.Documents.Settings;
using Vedette.Server.Settings;
using Vedette.Sinks;
using Vedette.Sinks.Alertmanager;
using Vedette.Sinks.Http;
using Vedette.Sinks.Routing;

namespace Vedette.Cli.Commands;

/// <summary><c>vedette routes test</c>: who would be told of a finding, and whether receivers can be reached.</summary>
internal static class RoutesTestCommand
{
    /// <summary>Id of the rule that test findings say to be of.</summary>
    public const string TestRuleId = "vedette:test";

    /// <summary>Most findings looked at.</summary>
    public const int MaxFindings = 10_000;

    /// <summary>An alert that means nothing should not stand for an hour.</summary>
    private static readonly TimeSpan s_testAlert = TimeSpan.FromMinutes(5);

    /// <summary>Builds the command.</summary>
    public static Command Create(Terminal terminal)
    {
        Option<string> config = new("--config") { Description = "The settings with receivers, routes and silences.", DefaultValueFactory = _ => "vedette.yaml", HelpName = "FILE" };
        Option<string?> finding = new("--finding") { Description = "Findings as JSON, such as scan -o json or jsonl prints; - for standard input. A sample of each level when not given.", HelpName = "FILE" };
        Option<string> cluster = new("--cluster") { Description = "Cluster of samples and of what --send sends.", DefaultValueFactory = _ => "example", HelpName = "NAME" };
        Option<bool> send = new("--send") { Description = "Send every receiver a finding that is marked as a test, and say what it answered." };
        Option<string> output = OutputOption.TableOrJson();
        Command command = new ExampleCommand(
            "test", "Say which routes and receivers findings go to, or why they are not told; and with --send whether receivers take them.",
            """
            vedette routes test --config vedette.yaml
            vedette scan audit.log -o jsonl | vedette routes test --config vedette.yaml --finding -
            vedette routes test --config vedette.yaml --send
            """)
        {
            config, finding, cluster, send, output,
        };
        command.SetAction(async (result, cancellation) =>
        {
            try
            {
                if (Read(terminal, result.GetValue(config)!) is not { } table)
                {
                    return ExitCode.BadInput;
                }

                DateTimeOffset now = TimeProvider.System.GetUtcNow();
                ImmutableArray<StoredFinding> findings = result.GetValue(finding) is { } file ? ReadFindings(file) : Samples(result.GetValue(cluster)!, now);
                ImmutableArray<Told> told = [.. findings.Select(one => new Told(one, table.Decide(one, now)))];
                ImmutableArray<Answer> answers = result.GetValue(send) ? await SendAsync(table, result.GetValue(cluster)!, now, cancellation) : [];
                if (result.GetValue(output) == "json")
                {
                    WriteJson(terminal, told, answers);
                }
                else
                {
                    WriteTables(terminal, table, told, answers, result.GetValue(send));
                }

                return answers.All(answer => answer.IsTaken) ? ExitCode.Done : ExitCode.Found;
            }
            catch (Exception exception) when (exception is JsonException or InvalidDataException)
            {
                return CommandLine.Fail(terminal, ExitCode.BadInput, TerminalText.Escape($"{result.GetValue(finding)}: these are no findings: {exception.Message}"));
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                return CommandLine.Fail(terminal, ExitCode.Failed, TerminalText.Escape(exception.Message));
            }
        });
        return command;
    }

    private static RoutingTable? Read(Terminal terminal, string file)
    {
        ServerSettings settings = SettingsFile.Read(file, Environment.GetEnvironmentVariable, out SettingsContext context);
        DiagnosticText.Write(context.Diagnostics, terminal.Error);
        return context.Diagnostics.Exists(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error) ? null : settings.Routing;
    }

    /// <summary>Findings in any form that they are printed in: one or many objects, a list, a scan's whole result.</summary>
    private static ImmutableArray<StoredFinding> ReadFindings(string file)
    {
        using Stream stream = file == "-" ? Terminal.Input() : File.OpenRead(file);
        using MemoryStream bytes = new();
        stream.CopyTo(bytes);
        Utf8JsonReader reader = new(bytes.GetBuffer().AsSpan(0, (int)bytes.Length), new JsonReaderOptions { AllowMultipleValues = true });
        ImmutableArray<StoredFinding>.Builder findings = ImmutableArray.CreateBuilder<StoredFinding>();
        while (reader.Read())
        {
            using JsonDocument document = JsonDocument.ParseValue(ref reader);
            JsonElement root = document.RootElement;
            JsonElement list = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("findings", out JsonElement inner) ? inner : root;
            foreach (JsonElement one in list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray()] : new[] { list })
            {
                findings.Add(StoredFinding.Read(findings.Count, isUpdate: false, Encoding.UTF8.GetBytes(one.GetRawText())));
                if (findings.Count > MaxFindings)
                {
                    throw new InvalidDataException($"more than {MaxFindings} of them");
                }
            }
        }

        return findings.Count > 0 ? findings.ToImmutable() : throw new InvalidDataException("there are none");
    }

    private static ImmutableArray<StoredFinding> Samples(string cluster, DateTimeOffset now) => [.. FindingLevel.All.Select((level, index) => new MadeFinding
    {
        RuleId = "vedette:sample",
        Title = $"Sample of level {level}",
        Level = level,
        Cluster = cluster,
        Namespace = "default",
        User = "sample-user",
        Time = now,
        Message = $"A sample of level {level}.",
        Cause = level,
    }.Create(index))];

    private static async Task<ImmutableArray<Answer>> SendAsync(RoutingTable table, string cluster, DateTimeOffset now, CancellationToken cancellation)
    {
        // Standard output is this command's own.
        using Stream error = Terminal.ErrorStream();
        SinkFactory sinks = new(HttpHandlers.Create, error, TimeProvider.System);
        ImmutableArray<Answer>.Builder answers = ImmutableArray.CreateBuilder<Answer>();
        foreach (ReceiverSettings receiver in table.Receivers)
        {
            if (!receiver.Sink.TakesFindings)
            {
                answers.Add(new Answer(receiver, null));
                continue;
            }

            StoredFinding test = new MadeFinding
            {
                RuleId = TestRuleId,
                Title = "TEST of telling, nothing happened",
                Level = "low",
                Cluster = cluster,
                User = "vedette",
                Time = now,
                Tags = ["vedette.test"],
                Message = $"TEST: 'vedette routes test --send' asked whether {receiver.Name} can be told. Nothing happened.",
                Cause = $"{receiver.Name} {now:O}",
            }.Create(0);
            using ISink sink = sinks.Create(receiver.Sink is AlertmanagerSettings alertmanager ? alertmanager with { ActiveFor = s_testAlert } : receiver.Sink);
            answers.Add(new Answer(receiver, await sink.SendAsync([test], cancellation)) { Failures = (sink as IManyInstances)?.InstanceFailures });
        }

        return answers.ToImmutable();
    }

    private static void WriteTables(Terminal terminal, RoutingTable table, ImmutableArray<Told> told, ImmutableArray<Answer> answers, bool isSent)
    {
        if (table.Receivers.IsEmpty)
        {
            terminal.Error.WriteLine("There are no receivers: nobody is told of anything.");
        }

        Table findings = new("LEVEL", "FINDING", "ROUTE", "TOLD");
        foreach (Told one in told)
        {
            string routes = string.Join(", ", one.Decision.Routes.Select(route => route.Name));
            findings.Add(FindingLevel.Of(one.Finding), one.Finding.Title, routes.Length == 0 ? "-" : routes, one.Verdict);
        }

        findings.Write(terminal.Out, Terminal.Width);
        if (isSent)
        {
            terminal.Out.WriteLine();
            Table sent = new("RECEIVER", "KIND", "ADDRESS", "ANSWER");
            foreach (Answer answer in answers)
            {
                sent.Add(answer.Receiver.Name, answer.Receiver.Sink.Kind, answer.Receiver.Sink.Address, answer.Text);
            }

            sent.Write(terminal.Out, width: null);
        }
    }

    private static void WriteJson(Terminal terminal, ImmutableArray<Told> told, ImmutableArray<Answer> answers)
    {
        using (Utf8JsonWriter writer = new(terminal.Data, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("findings");
            foreach (Told one in told)
            {
                writer.WriteStartObject();
                writer.WriteString("id", one.Finding.Id);
                writer.WriteString("level", FindingLevel.Of(one.Finding));
                writer.WriteString("title", one.Finding.Title);
                writer.WriteString("cluster", one.Finding.Cluster);
                writer.WriteBoolean("told", one.IsTold);
                writer.WriteStartArray("routes");
                foreach (Route route in one.Decision.Routes)
                {
                    writer.WriteStringValue(route.Name);
                }

                writer.WriteEndArray();
                writer.WriteStartArray("to");
                foreach (RoutedTo to in one.Decision.To)
                {
                    writer.WriteStartObject();
                    writer.WriteString("receiver", to.Receiver);
                    writer.WriteString("route", to.Route.Name);
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
                if (one.Decision.Silence is { } silence)
                {
                    writer.WriteStartObject("silence");
                    writer.WriteString("reason", silence.Reason);
                    writer.WriteString("until", silence.Until.UtcDateTime);
                    writer.WriteEndObject();
                }
                else
                {
                    writer.WriteNull("silence");
                }

                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteStartArray("sent");
            foreach (Answer answer in answers)
            {
                writer.WriteStartObject();
                writer.WriteString("receiver", answer.Receiver.Name);
                writer.WriteString("kind", answer.Receiver.Sink.Kind);
                writer.WriteString("address", answer.Receiver.Sink.Address);
                writer.WriteString("verdict", answer.Verdict);
                writer.WriteString("problem", answer.Result?.Problem);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        terminal.Data.Write("\n"u8);
    }

    private sealed record Told(StoredFinding Finding, RoutingDecision Decision)
    {
        public bool IsTold => !Decision.To.IsEmpty && Decision.Silence is null;

        public string Verdict => Decision switch
        {
            { Silence: { } silence } => $"no: silenced until {silence.Until.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC: {silence.Reason}",
            { To.IsEmpty: false } => string.Join(", ", Decision.To.Select(to => to.Receiver)),
            { Routes.IsEmpty: false } => "no: its route has no receivers",
            _ => "no: no route matches",
        };
    }

    private sealed record Answer(ReceiverSettings Receiver, SinkAnswer? Result)
    {
        public IReadOnlyDictionary<string, long>? Failures { get; init; }

        public bool IsTaken => Result is null or { Verdict: SinkVerdict.Delivered };

        public string Verdict => Result?.Verdict switch
        {
            null => "notTried",
            SinkVerdict.Delivered => "delivered",
            SinkVerdict.TryLater => "tryLater",
            _ => "refused",
        };

        public string Text => Result switch
        {
            null => "not tried: it takes events alone",
            { Verdict: SinkVerdict.Delivered } => Failures?.Where(one => one.Value > 0).Select(one => one.Key).ToArray() is { Length: > 0 } failed ? $"took it, but not at {string.Join(", ", failed)}" : "took it",
            { Verdict: SinkVerdict.TryLater } => $"cannot be told now: {Result.Problem}",
            _ => $"would not have it: {Result.Problem}",
        };
    }
}
