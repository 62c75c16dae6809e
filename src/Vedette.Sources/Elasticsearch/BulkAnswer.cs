using System.Text.Json;

namespace Vedette.Sources.Elasticsearch;

/// <summary>The answer to a bulk request, an item for each that came.</summary>
public static class BulkAnswer
{
    /// <summary>Writes it.</summary>
    /// <param name="items">The items.</param>
    /// <param name="index">The index of the path, for items that named none.</param>
    /// <param name="took">Milliseconds.</param>
    /// <param name="writer">Where to.</param>
    public static void Write(IReadOnlyList<BulkItem> items, string index, long took, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteNumber("took", took);
        writer.WriteBoolean("errors", items.Any(item => item.Error is not null));
        writer.WriteStartArray("items");
        foreach (BulkItem item in items)
        {
            writer.WriteStartObject();
            writer.WriteStartObject(item.Action);
            writer.WriteString("_index", item.Index ?? index);
            if (item.Id is not null)
            {
                writer.WriteString("_id", item.Id);
            }

            writer.WriteNumber("status", item.Error is null ? 201 : 400);
            if (item.Error is null)
            {
                writer.WriteString("result", "created");
            }
            else
            {
                writer.WriteStartObject("error");
                writer.WriteString("type", "illegal_argument_exception");
                writer.WriteString("reason", item.Error);
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>Writes why a whole request is refused, as Elasticsearch does.</summary>
    public static void WriteError(int status, string type, string reason, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("error");
        writer.WriteString("type", type);
        writer.WriteString("reason", reason);
        writer.WriteEndObject();
        writer.WriteNumber("status", status);
        writer.WriteEndObject();
    }
}
