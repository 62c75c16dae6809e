using System.Globalization;
using System.Text;
using Vedette.Audit.Batches;
using Vedette.Audit.Events;
using Vedette.Audit.Shapes;
using Vedette.Audit.Tests.Shapes;

namespace Vedette.Fuzz.Targets;

/// <summary>
/// How input is cut into pieces changes neither events nor rejects nor their places; after whatever it is a good line is read; and windows of lines that stand for themselves are read one by one as
/// all of them are together. The first <see cref="Header"/> bytes say where to cut, the rest is the log.
/// </summary>
internal static class ShapesTarget
{
    /// <summary>Bytes that say where to cut.</summary>
    private const int Header = 3;

    /// <summary>A log up to this length is read byte by byte, too.</summary>
    private const int MaxByteByByte = 1024;

    /// <summary>The largest document where the bound on documents is held against pieces.</summary>
    private const int SmallDocument = 200;

    private const string Good = """{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"good","stage":"Panic"}""";

    public static void Check(ReadOnlySpan<byte> input)
    {
        if (input.Length < Header)
        {
            return;
        }

        byte[] log = input[Header..].ToArray();
        int[] pieces = [input[0] + 1, input[1] + 1, input[2] + 1];
        Intake whole = Intake.Read(log);
        AssertSame(whole, Intake.Read(log, pieces: pieces), "in pieces");
        AssertSame(Intake.Read(log, SmallDocument), Intake.Read(log, SmallDocument, pieces), "in pieces, with a bound on documents");
        if (log.Length <= MaxByteByByte)
        {
            AssertSame(whole, Intake.Read(log, pieces: 1), "byte by byte");
        }

        AssertGoodLineIsRead(log, whole);
        AssertSame(whole, InWindows(log, pieces), "in windows");
    }

    private static void AssertGoodLineIsRead(byte[] log, Intake whole)
    {
        Intake longer = Intake.Read([.. log, (byte)'\n', .. Encoding.UTF8.GetBytes(Good)]);
        string place = string.Create(CultureInfo.InvariantCulture, $"log:{log.AsSpan().Count((byte)'\n') + 2}");
        AssertSame(new Intake([.. whole.Events, Good], [.. whole.Origins, place], whole.Rejects), longer, "with a good line behind it");
    }

    /// <summary>Reads windows of whole lines as a scan on several threads does: by readers of their own, whose answer counts where they stand alone.</summary>
    private static Intake InWindows(byte[] log, int[] lengths)
    {
        Intake intake = new([], [], []);
        AuditLogReader reader = new("log", new RejectLog((reason, origin, _) => intake.Rejects.Add($"{reason.Name()} {origin}")));
        using EventBatch kept = new();
        bool isAtLineStart = true;
        long lines = 0;
        int start = 0;
        int turn = 0;
        do
        {
            int end = Math.Min(log.Length, start + lengths[turn++ % lengths.Length]);
            int lineEnd = log.AsSpan(end).IndexOf((byte)'\n');
            end = lineEnd < 0 ? log.Length : end + lineEnd + 1;
            bool isFinal = end == log.Length;
            ReadOnlySpan<byte> window = log.AsSpan(start..end);
            long linesInside = window.Count((byte)'\n');

            Intake alone = new([], [], []);
            AuditLogReader worker = new("log", new RejectLog((reason, origin, _) => alone.Rejects.Add($"{reason.Name()} {origin}")));
            worker.Skip(start, lines);
            using EventBatch batch = new();
            batch.Append(window);
            Take(worker, batch, isFinal, alone);
            if (worker.StandsAlone && isAtLineStart && reader.CanSkip)
            {
                intake.Events.AddRange(alone.Events);
                intake.Origins.AddRange(alone.Origins);
                intake.Rejects.AddRange(alone.Rejects);
                reader.Skip(window.Length, linesInside);
            }
            else
            {
                kept.Append(window);
                Take(reader, kept, isFinal, intake);
                kept.Reset(reader.Consumed);
                isAtLineStart = window is [.., (byte)'\n'] && kept.InputLength == 0;
            }

            lines += linesInside;
            start = end;
        }
        while (start < log.Length);
        return intake;
    }

    private static void Take(AuditLogReader reader, EventBatch batch, bool isFinal, Intake intake)
    {
        reader.Begin(batch, isFinal);
        while (reader.TryRead(out EventView view))
        {
            intake.Events.Add(Encoding.UTF8.GetString(view.Json.Trim(" \t\r\n"u8)));
            intake.Origins.Add(batch.OriginOf(batch.Count - 1).ToString());
        }
    }

    private static void AssertSame(Intake expected, Intake actual, string how)
    {
        FuzzFailure.Unless(expected.Events.SequenceEqual(actual.Events, StringComparer.Ordinal), $"{how} there are other events: {actual}, not {expected}");
        FuzzFailure.Unless(expected.Origins.SequenceEqual(actual.Origins, StringComparer.Ordinal), $"{how} events stand elsewhere: {List(actual.Origins)}, not {List(expected.Origins)}");
        FuzzFailure.Unless(expected.Rejects.SequenceEqual(actual.Rejects, StringComparer.Ordinal), $"{how} other things are rejected: {List(actual.Rejects)}, not {List(expected.Rejects)}");
    }

    private static string List(List<string> items) => string.Join(", ", items);
}
