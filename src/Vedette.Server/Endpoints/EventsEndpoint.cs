using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Vedette.Audit.Decoding;
using Vedette.Audit.Events;
using Vedette.Server.Access;
using Vedette.Server.Hosting;
using Vedette.Storage.Events;
using Vedette.Storage.Journals;

namespace Vedette.Server.Endpoints;

/// <summary><c>GET /api/v1/events</c>: stored events, in the order in which they came, from a place on.</summary>
/// <param name="server">The server.</param>
internal sealed class EventsEndpoint(RunningServer server)
{
    /// <summary>Most events of one answer.</summary>
    public const int MaxLimit = 1_000;

    /// <summary>Most records looked at for one answer; the answer then says where to go on.</summary>
    public const int MaxScanned = 50_000;

    /// <summary>Most bytes of one answer, about; events can be large.</summary>
    public const int MaxLength = 16 * 1024 * 1024;

    private static readonly (string Query, AuditField Field)[] s_filters =
    [
        ("user", AuditField.UserName), ("verb", AuditField.Verb), ("resource", AuditField.ObjectResource), ("namespace", AuditField.ObjectNamespace), ("name", AuditField.ObjectName), ("auditID", AuditField.AuditId),
    ];

    /// <summary>Without <c>from</c> the newest ones.</summary>
    public async Task ListAsync(HttpContext context, Principal who)
    {
        IQueryCollection query = context.Request.Query;
        if (!QueryText.TryNumber(query, "limit", 100, 1, MaxLimit, out long limit) || !QueryText.TryNumber(query, "from", -1, 0, long.MaxValue, out long from))
        {
            await Answer.ProblemAsync(context, StatusCodes.Status400BadRequest, $"limit is a number from 1 to {MaxLimit}, from a number that an answer gave");
            return;
        }

        string? cluster = query["cluster"];
        (AuditField Field, string Value)[] filters = [.. s_filters.Where(filter => query.ContainsKey(filter.Query)).Select(filter => (filter.Field, query[filter.Query].ToString()))];
        Page page = new(from < 0 ? Math.Max(server.Store.Events.Start, server.Store.Events.End - MaxScanned) : from, from < 0, (int)limit);
        Read(page, who, cluster, filters);
        await Answer.JsonAsync(context, StatusCodes.Status200OK, writer =>
        {
            writer.WriteStartArray("events");
            foreach (byte[] item in page.Items)
            {
                writer.WriteRawValue(item, skipInputValidation: true);
            }

            writer.WriteEndArray();
            writer.WriteNumber("next", page.Next);
        });
    }

    private void Read(Page page, Principal who, string? cluster, (AuditField Field, string Value)[] filters)
    {
        using JournalReader reader = server.Store.Events.Read(page.From);
        EventDecoder decoder = new();
        page.Next = page.From;
        int scanned = 0;
        long length = 0;
        while (scanned < MaxScanned && reader.TryRead(out JournalRecord record))
        {
            scanned++;
            page.Next = record.Sequence + 1;
            if (EventLabel.Read(record.Label) is not { } label || !who.Sees(label.Cluster) || (cluster is not null && label.Cluster != cluster))
            {
                continue;
            }

            if (filters.Length > 0 && (decoder.Decode(record.Bytes, out EventView view) != DecodeStatus.Ok || !Fits(view, filters)))
            {
                continue;
            }

            byte[] item = ItemOf(record, label);
            length += item.Length;
            page.Items.Enqueue(item);
            if (page.IsNewest && (page.Items.Count > page.Limit || length > MaxLength))
            {
                length -= page.Items.Dequeue().Length;
            }
            else if (!page.IsNewest && (page.Items.Count == page.Limit || length > MaxLength))
            {
                return;
            }
        }
    }

    private static bool Fits(in EventView view, (AuditField Field, string Value)[] filters)
    {
        foreach ((AuditField field, string value) in filters)
        {
            if (view[field].AsString() != value)
            {
                return false;
            }
        }

        return true;
    }

    private static byte[] ItemOf(in JournalRecord record, EventLabel label)
    {
        ArrayBufferWriter<byte> item = new(record.Bytes.Length + 256);
        using (Utf8JsonWriter writer = new(item))
        {
            writer.WriteStartObject();
            writer.WriteNumber("sequence", record.Sequence);
            writer.WriteString("cluster", label.Cluster);
            writer.WriteString("source", label.Source);
            writer.WriteString("arrival", label.Arrival.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            writer.WriteBoolean("redacted", label.IsRedacted);
            writer.WritePropertyName("event");
            writer.WriteRawValue(EventText.Of(record.Bytes), skipInputValidation: true);
            writer.WriteEndObject();
        }

        return item.WrittenSpan.ToArray();
    }

    private sealed class Page(long from, bool isNewest, int limit)
    {
        public long From { get; } = from;

        public bool IsNewest => isNewest;

        public int Limit => limit;

        public long Next { get; set; }

        public Queue<byte[]> Items { get; } = new();
    }
}
