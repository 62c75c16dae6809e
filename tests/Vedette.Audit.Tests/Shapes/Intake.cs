using System.Text;
using Vedette.Audit.Batches;
using Vedette.Audit.Events;
using Vedette.Audit.Shapes;

namespace Vedette.Audit.Tests.Shapes;

/// <summary>Everything a reader made of some input.</summary>
internal sealed record Intake(List<string> Events, List<string> Origins, List<string> Rejects)
{
    /// <summary>Reads a text in one piece.</summary>
    public static Intake Read(string text) => Read(Encoding.UTF8.GetBytes(text));

    /// <summary>Reads a list by two readers, the second from some place on to another; by one where that place turns out to be none. Without origins, which count from where a reader began.</summary>
    /// <param name="bytes">The list.</param>
    /// <param name="half">What the second reads.</param>
    /// <param name="isDivided">Was it read by two?</param>
    public static Intake ReadHalves(byte[] bytes, EventListHalf half, out bool isDivided)
    {
        Intake intake = new([], [], []);
        Intake others = new([], [], []);
        using EventBatch batch = new();
        batch.Append(bytes);
        using EventBatch over = new(batch);
        AuditLogReader first = intake.ReaderWithoutOrigins();
        AuditLogReader second = others.ReaderWithoutOrigins();
        second.Begin(over, half);
        others.TakeAll(second, over);
        first.Begin(batch, isFinal: true);
        first.StopAt(half);
        intake.TakeAll(first, batch);
        isDivided = !second.HasGivenUp && first.TryPass(half);
        if (isDivided)
        {
            intake.Events.AddRange(others.Events);
            intake.Rejects.AddRange(others.Rejects);
        }
        else
        {
            first.GoOn();
        }

        intake.TakeAll(first, batch);
        return intake;
    }

    /// <summary>Reads a list by one reader, told as <see cref="ReadHalves"/> tells.</summary>
    public static Intake ReadWhole(byte[] bytes)
    {
        Intake intake = new([], [], []);
        using EventBatch batch = new();
        batch.Append(bytes);
        AuditLogReader reader = intake.ReaderWithoutOrigins();
        reader.Begin(batch, isFinal: true);
        intake.TakeAll(reader, batch);
        return intake;
    }

    private AuditLogReader ReaderWithoutOrigins() => new("log", new RejectLog((reason, _, content) => Rejects.Add($"{reason.Name()} {Encoding.UTF8.GetString(content)}")));

    private void TakeAll(AuditLogReader reader, EventBatch batch)
    {
        while (reader.TryRead(out EventView view))
        {
            Events.Add($"{Encoding.UTF8.GetString(view.Json)} {batch.IsDerived(batch.Count - 1)}");
            batch.ForgetEvents();
        }
    }

    /// <summary>Reads bytes, given to the reader in pieces of these lengths, again and again.</summary>
    public static Intake Read(byte[] bytes, int maxDocument = AuditLogReader.DefaultMaxDocumentLength, params int[] pieces)
    {
        Intake intake = new([], [], []);
        RejectLog rejects = new((reason, origin, _) => intake.Rejects.Add($"{reason.Name()} {origin}"));
        AuditLogReader reader = new("log", rejects, maxDocument);
        using EventBatch batch = new();
        int given = 0;
        int turn = 0;
        do
        {
            int length = Math.Min(pieces.Length == 0 ? bytes.Length : Math.Max(1, pieces[turn++ % pieces.Length]), bytes.Length - given);
            batch.Append(bytes.AsSpan(given, length));
            given += length;
            reader.Begin(batch, given == bytes.Length);
            while (reader.TryRead(out EventView view))
            {
                intake.Events.Add(Encoding.UTF8.GetString(view.Json.Trim(" \t\r\n"u8)));
                intake.Origins.Add(batch.OriginOf(batch.Count - 1).ToString());
                if (!batch[batch.Count - 1].SequenceEqual(view.Json))
                {
                    throw new InvalidOperationException("the batch marks other bytes than the view shows");
                }
            }

            batch.Reset(reader.Consumed);
        }
        while (given < bytes.Length);
        return intake;
    }
}
