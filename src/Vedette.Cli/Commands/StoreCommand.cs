using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Vedette.Cli.Output;
using Vedette.Cli.Stores;
using Vedette.Storage.Events;
using Vedette.Storage.Files;
using Vedette.Storage.Journals;
using Vedette.Storage.Stores;

namespace Vedette.Cli.Commands;

/// <summary><c>vedette store</c>: what a data directory holds. Only reads, also while a server writes.</summary>
internal static class StoreCommand
{
    /// <summary>What the command is called.</summary>
    public const string Name = "store";

    private static readonly string[] s_journals = ["events", "quarantine", "findings"];

    /// <summary>Builds the commands.</summary>
    public static Command Create(Terminal terminal) => new(Name, "Look at what vedette has stored.")
    {
        CreateStatus(terminal),
        CreateExport(terminal),
        CreateVerify(terminal),
    };

    private static Option<string> DataOption() => new("--data") { Description = "The data directory.", DefaultValueFactory = _ => "vedette-data", HelpName = "DIR" };

    private static Command CreateStatus(Terminal terminal)
    {
        Option<string> data = DataOption();
        Option<string> output = OutputOption.TableOrJson();
        Command command = new ExampleCommand("status", "Say how much is stored, from when to when, and how far consumers have come.", "vedette store status --data /var/lib/vedette") { data, output };
        command.SetAction((result, cancellation) => Task.FromResult(WithFiles(terminal, () =>
        {
            StoreFiles files = StoreInput.Require(result.GetValue(data)!);
            (string Name, JournalStatus Status)[] journals = [.. s_journals.Select(name => (name, JournalStatus.Of(LinuxFileSystem.Instance, DirectoryOf(files, name), verify: false, cancellation)))];
            IReadOnlyDictionary<string, long> cursors = Cursors.Of(LinuxFileSystem.Instance, files).All();
            if (result.GetValue(output) == "json")
            {
                WriteJson(terminal, journals, cursors);
            }
            else
            {
                WriteTables(terminal, journals, cursors);
            }

            return journals.Any(journal => !journal.Status.Damage.IsEmpty) ? ExitCode.Found : ExitCode.Done;
        })));
        return command;
    }

    private static Command CreateExport(Terminal terminal)
    {
        Option<string> data = DataOption();
        Argument<string> what = new("WHAT") { Description = "events, quarantine or findings.", DefaultValueFactory = _ => "events" };
        what.AcceptOnlyFromAmong(s_journals);
        Option<string?> cluster = new("--cluster") { Description = "Only what came from this cluster.", HelpName = "NAME" };
        Option<long> from = new("--from") { Description = "Begin at this sequence.", HelpName = "SEQUENCE" };
        Command command = new ExampleCommand(
            "export", "Print what is stored, byte for byte, each record on a line of its own.",
            """
            vedette store export --data /var/lib/vedette > audit.jsonl
            vedette store export quarantine --data /var/lib/vedette
            """)
        {
            what, data, cluster, from,
        };
        command.SetAction((result, cancellation) => Task.FromResult(WithFiles(terminal, () =>
        {
            StoreFiles files = StoreInput.Require(result.GetValue(data)!);
            bool isDamaged = false;
            using JournalReader reader = JournalReader.Open(LinuxFileSystem.Instance, DirectoryOf(files, result.GetValue(what)!), result.GetValue(from), damage =>
            {
                isDamaged = true;
                StoreInput.Warn(terminal, damage);
            });
            while (reader.TryRead(out JournalRecord record))
            {
                cancellation.ThrowIfCancellationRequested();
                if (result.GetValue(cluster) is not { } name || name == (EventLabel.Read(record.Label)?.Cluster ?? QuarantineLabel.Read(record.Label)?.Cluster))
                {
                    terminal.Data.Write(record.Bytes);
                    terminal.Data.Write("\n"u8);
                }
            }

            return isDamaged ? ExitCode.Found : ExitCode.Done;
        })));
        return command;
    }

    private static Command CreateVerify(Terminal terminal)
    {
        Option<string> data = DataOption();
        Command command = new ExampleCommand("verify", "Read everything that is stored and check it against its checksums.", "vedette store verify --data /var/lib/vedette") { data };
        command.SetAction((result, cancellation) => Task.FromResult(WithFiles(terminal, () =>
        {
            StoreFiles files = StoreInput.Require(result.GetValue(data)!);
            bool isWhole = true;
            foreach (string name in s_journals)
            {
                JournalStatus status = JournalStatus.Of(LinuxFileSystem.Instance, DirectoryOf(files, name), verify: true, cancellation);
                isWhole &= status.Damage.IsEmpty;
                string torn = status.TornBytes == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"; after them {status.TornBytes} bytes of a write that was not finished and not acknowledged");
                terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {status.Records} records in {status.Segments} segments are {(status.Damage.IsEmpty ? "whole" : "not whole")}{torn}"));
                foreach (JournalDamage damage in status.Damage)
                {
                    StoreInput.Warn(terminal, damage);
                }
            }

            return isWhole ? ExitCode.Done : ExitCode.Found;
        })));
        return command;
    }

    private static void WriteTables(Terminal terminal, (string Name, JournalStatus Status)[] journals, IReadOnlyDictionary<string, long> cursors)
    {
        Table table = new("JOURNAL", "RECORDS", "SEQUENCES", "SEGMENTS", "BYTES", "OLDEST", "NEWEST", "DAMAGED");
        foreach ((string name, JournalStatus status) in journals)
        {
            table.Add(
                name, Number(status.Records), status.Records == 0 ? "-" : $"{Number(status.First)}-{Number(status.End - 1)}", Number(status.Segments), Number(status.Bytes),
                Time(status.Oldest) ?? "-", Time(status.Newest) ?? "-", Number(status.Damage.Length));
        }

        table.Write(terminal.Out, Terminal.Width);
        if (cursors.Count > 0)
        {
            terminal.Out.WriteLine();
            Table consumers = new("CONSUMER", "NEXT");
            foreach ((string name, long next) in cursors)
            {
                consumers.Add(name, Number(next));
            }

            consumers.Write(terminal.Out, Terminal.Width);
        }
    }

    private static void WriteJson(Terminal terminal, (string Name, JournalStatus Status)[] journals, IReadOnlyDictionary<string, long> cursors)
    {
        using Utf8JsonWriter writer = new(terminal.Data, new JsonWriterOptions { Indented = true });
        writer.WriteStartObject();
        writer.WriteStartObject("journals");
        foreach ((string name, JournalStatus status) in journals)
        {
            writer.WriteStartObject(name);
            writer.WriteNumber("records", status.Records);
            writer.WriteNumber("first", status.First);
            writer.WriteNumber("end", status.End);
            writer.WriteNumber("segments", status.Segments);
            writer.WriteNumber("bytes", status.Bytes);
            writer.WriteString("oldest", Time(status.Oldest));
            writer.WriteString("newest", Time(status.Newest));
            writer.WriteNumber("damaged", status.Damage.Length);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.WriteStartObject("cursors");
        foreach ((string name, long next) in cursors)
        {
            writer.WriteNumber(name, next);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.Flush();
        terminal.Data.Write("\n"u8);
    }

    private static string DirectoryOf(StoreFiles files, string journal) => journal switch
    {
        "events" => files.Events,
        "quarantine" => files.Quarantine,
        _ => files.Findings,
    };

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string? Time(DateTimeOffset? time) => time?.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static int WithFiles(Terminal terminal, Func<int> work)
    {
        try
        {
            return work();
        }
        catch (InvalidDataException exception)
        {
            return CommandLine.Fail(terminal, ExitCode.BadInput, exception.Message);
        }
        catch (Exception exception) when (StoreProblem.IsOfDisk(exception))
        {
            return CommandLine.Fail(terminal, ExitCode.Failed, exception.Message);
        }
    }
}
