using System.Buffers;
using System.Text.Json;
using Vedette.Audit.Json;

namespace Vedette.Audit.Shapes;

/// <summary>
/// Azure Monitor, where AKS writes its audit log: Event Hub messages, storage blobs (PT1H.json), Log Analytics rows of AKSAudit, AKSAuditAdmin and AzureDiagnostics, and the query API's tables.
/// </summary>
internal static class AzureMonitor
{
    // Column of AKSAudit, field of the event; dynamic columns may be objects or their JSON text.
    private static readonly (string Column, string Field, bool IsDynamic)[] s_columns =
    [
        ("Level", "level", false), ("AuditId", "auditID", false), ("Stage", "stage", false), ("RequestUri", "requestURI", false), ("Verb", "verb", false),
        ("User", "user", true), ("ImpersonatedUser", "impersonatedUser", true), ("SourceIps", "sourceIPs", true), ("UserAgent", "userAgent", false),
        ("ObjectRef", "objectRef", true), ("ResponseStatus", "responseStatus", true), ("RequestObject", "requestObject", true), ("ResponseObject", "responseObject", true),
        ("RequestReceivedTime", "requestReceivedTimestamp", false), ("StageReceivedTime", "stageTimestamp", false), ("Annotations", "annotations", true),
    ];

    /// <summary>Gives the records, or the event of one.</summary>
    public static bool TryUnwrap(JsonValue root, IUnwrapped into)
    {
        if (root.Member("records"u8) is { Kind: JsonKind.Array } records)
        {
            foreach (JsonValue record in records.Elements())
            {
                into.Inside(record);
            }

            return true;
        }

        if (root.Member("tables"u8) is { Kind: JsonKind.Array } tables)
        {
            foreach (JsonValue table in tables.Elements())
            {
                Rows(table, into);
            }

            return true;
        }

        if (root.Member("AuditId"u8).Exists && root.Member("Stage"u8).Exists)
        {
            Row(root, into);
            return true;
        }

        JsonValue category = root.Member("category"u8) is { Exists: true } lower ? lower : root.Member("Category"u8);
        JsonValue log = root.Member("log_s"u8);
        JsonValue properties = root.Member("properties"u8);
        if (category.Kind != JsonKind.String || !(log.Exists || properties.Exists || root.Member("operationName"u8).Exists))
        {
            return false;
        }

        if (!EncodedText.EqualsIgnoreCase(category, "kube-audit"u8) && !EncodedText.EqualsIgnoreCase(category, "kube-audit-admin"u8))
        {
            into.Rejected(RejectReason.OtherLog, root.Raw);
        }
        else
        {
            Log(log.Exists ? log : properties, into);
        }

        return true;
    }

    /// <summary>The log of a record: the event as text or object, or properties (text or object) that hold it.</summary>
    private static void Log(JsonValue value, IUnwrapped into)
    {
        if (value.Kind == JsonKind.Object && value.Member("log"u8) is { Exists: true } log)
        {
            value = log;
        }

        switch (value.Kind)
        {
            case JsonKind.Object:
                into.Inside(value);
                break;
            case JsonKind.String:
                byte[] text = EncodedText.Text(value);
                // Some pipelines deliver properties itself as text.
                if (new JsonScanner(text).TryReadValue(out JsonValue inner) && inner.Kind == JsonKind.Object && inner.Member("log"u8) is { Exists: true } nested
                    && !inner.Member("auditID"u8).Exists)
                {
                    text = nested.Kind == JsonKind.String ? EncodedText.Text(nested) : nested.Raw.ToArray();
                }

                into.Decoded(text, isMessage: true);
                break;
            default:
                into.Rejected(RejectReason.NotAnAuditEvent, value.Raw);
                break;
        }
    }

    /// <summary>Makes an object of every row of a table, which is then recognised like any other.</summary>
    private static void Rows(JsonValue table, IUnwrapped into)
    {
        List<string> columns = [];
        foreach (JsonValue column in table.Member("columns"u8).Elements())
        {
            columns.Add(column.Member("name"u8).AsString() ?? "");
        }

        foreach (JsonValue row in table.Member("rows"u8).Elements())
        {
            ArrayBufferWriter<byte> buffer = new();
            using (Utf8JsonWriter writer = new(buffer))
            {
                writer.WriteStartObject();
                int place = 0;
                foreach (JsonValue cell in row.Elements())
                {
                    if (place < columns.Count && cell.Kind != JsonKind.Null)
                    {
                        Write(writer, columns[place], cell);
                    }

                    place++;
                }

                writer.WriteEndObject();
            }

            into.Decoded(buffer.WrittenSpan.ToArray(), isMessage: false);
        }
    }

    private static void Row(JsonValue row, IUnwrapped into)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("kind", "Event");
            writer.WriteString("apiVersion", "audit.k8s.io/v1");
            foreach ((string column, string field, bool isDynamic) in s_columns)
            {
                JsonValue value = row.Member(System.Text.Encoding.UTF8.GetBytes(column));
                if (value.Kind is JsonKind.Missing or JsonKind.Null)
                {
                    continue;
                }

                if (isDynamic && value.Kind == JsonKind.String)
                {
                    byte[] text = EncodedText.Text(value);
                    if (text.Length == 0)
                    {
                        continue;
                    }

                    // A text that is no JSON stays a text: Azure writes one in the place of an object that was too large.
                    JsonScanner scanner = new(text);
                    value = text[0] is (byte)'{' or (byte)'[' && scanner.TryReadValue(out JsonValue inner) && scanner.Position == text.Length ? inner : value;
                }

                Write(writer, field, value);
            }

            writer.WriteEndObject();
        }

        into.Built(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter writer, string name, JsonValue value)
    {
        if (value.Kind == JsonKind.String)
        {
            writer.WriteString(name, value.AsString());
            return;
        }

        writer.WritePropertyName(name);
        writer.WriteRawValue(value.Raw, skipInputValidation: true);
    }
}
