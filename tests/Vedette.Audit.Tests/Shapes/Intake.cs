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
            bytes.AsSpan(given, length).CopyTo(batch.GetWriteSpan(length));
            batch.Advance(length);
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
