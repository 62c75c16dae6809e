using System.Buffers;
using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Vedette.Audit.Events;
using Vedette.Audit.Shapes;
using Vedette.Cli.Output;
using Vedette.Cli.Stores;
using Vedette.Pipeline.Scanning;
using Vedette.Sources.Files;
using Vedette.Sources.Rejects;

namespace Vedette.Cli.Commands;

/// <summary><c>vedette events</c>: any log as audit.k8s.io/v1 JSON lines.</summary>
internal static class EventsCommand
{
    /// <summary>What the command is called.</summary>
    public const string Name = "events";

    /// <summary>Most rows that a table holds back to align its columns.</summary>
    private const int TableRows = 100_000;

    /// <summary>Builds the command.</summary>
    public static Command Create(Terminal terminal)
    {
        Argument<string[]> inputs = InputOptions.Inputs();
        Option<string?> data = InputOptions.Data();
        Option<string?> cluster = new("--cluster") { Description = "With --data: only events of this cluster.", HelpName = "NAME" };
        Option<string> output = new("--output", "-o") { Description = "jsonl or table.", DefaultValueFactory = _ => "jsonl", HelpName = "FORMAT" };
        output.AcceptOnlyFromAmong("jsonl", "table");
        Option<string?> rejects = InputOptions.Rejects();
        Command command = new ExampleCommand(
            Name,
            "Print the audit events of logs in any shape as audit.k8s.io/v1, one JSON line each.",
            """
            vedette events firehose.json.gz
            gcloud logging read ... --format json | vedette events - | jq .verb
            vedette events -o table audit.log
            vedette events --data /var/lib/vedette --cluster prod
            """)
        {
            inputs, data, cluster, output, rejects,
        };
        command.SetAction((result, cancellation) => Task.FromResult(Run(
            terminal, result.GetValue(inputs) ?? [], result.GetValue(data), result.GetValue(cluster), result.GetValue(output) == "table", result.GetValue(rejects), cancellation)));
        return command;
    }

    private static int Run(Terminal terminal, string[] named, string? data, string? cluster, bool asTable, string? rejects, CancellationToken cancellation)
    {
        string[] inputs = InputOptions.Resolve(named);
        if (data is not null ? named.Length > 0 : inputs.Length == 0)
        {
            return CommandLine.Fail(terminal, ExitCode.WrongUse, "name a log to read, - for standard input, or --data, not both; see 'vedette events --help'");
        }

        try
        {
            LogInput[] found = data is null ? [.. LogInputs.Find(inputs)] : [StoreInput.Of(terminal, data, cluster).Input];
            (RejectHandler? handler, RejectFile? file) = InputOptions.OpenRejects(rejects);
            using (file)
            {
                Table table = new("TIME", "STAGE", "USER", "VERB", "OBJECT", "CODE", "FROM");
                int rows = 0;
                ArrayBufferWriter<byte> line = new();
                ScanOptions options = new() { Rejects = handler, StandardInput = Terminal.Input };
                ImmutableArray<InputStatistics>.Builder read = ImmutableArray.CreateBuilder<InputStatistics>();
                foreach (LogInput input in found)
                {
                    read.Add(EventInputs.Read(input, options, OnEvent, null, cancellation));
                }

                if (asTable)
                {
                    table.Write(terminal.Out, Terminal.Width);
                }

                terminal.Out.Flush();
                terminal.Data.Flush();
                return InputOptions.Judge(terminal, new ScanStatistics
                {
                    Inputs = read.ToImmutable(),
                    Rejects = ImmutableSortedDictionary<string, long>.Empty,
                    Rules = [],
                });

                void OnEvent(in EventView view)
                {
                    if (asTable)
                    {
                        if (++rows > TableRows)
                        {
                            table.Write(terminal.Out, Terminal.Width);
                            table = new Table("TIME", "STAGE", "USER", "VERB", "OBJECT", "CODE", "FROM");
                            rows = 1;
                        }

                        table.Add(Row(view));
                        return;
                    }

                    line.ResetWrittenCount();
                    EventNormalizer.Write(view, line);
                    terminal.Data.Write(line.WrittenSpan);
                    terminal.Data.Write("\n"u8);
                }
            }
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            return CommandLine.Fail(terminal, ExitCode.Failed, exception.Message);
        }
    }

    private static string[] Row(in EventView view)
    {
        string[] parts =
        [
            view[AuditField.ObjectResource].AsString() is { } resource && view[AuditField.ObjectSubresource].AsString() is { } subresource
                ? $"{resource}/{subresource}"
                : view[AuditField.ObjectResource].AsString() ?? view[AuditField.RequestUri].AsString() ?? "",
            string.Join('/', new[] { view[AuditField.ObjectNamespace].AsString(), view[AuditField.ObjectName].AsString() }.Where(part => part is not null)),
        ];
        string? source = null;
        foreach (Audit.Json.JsonValue address in view[AuditField.SourceIps].Elements())
        {
            source = address.AsString();
        }

        string time = view[AuditField.StageTimestamp].AsString() ?? view[AuditField.RequestReceivedTimestamp].AsString() ?? "-";
        return
        [
            time, view[AuditField.Stage].AsString() ?? "-", view[AuditField.UserName].AsString() ?? "-", view[AuditField.Verb].AsString() ?? "-",
            string.Join(' ', parts).Trim(), view[AuditField.ResponseCode].TryGetInt64(out long code) ? code.ToString(CultureInfo.InvariantCulture) : "-", source ?? "-",
        ];
    }
}
