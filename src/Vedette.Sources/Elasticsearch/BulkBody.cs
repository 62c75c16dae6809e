using System.Text;
using Vedette.Audit.Batches;
using Vedette.Audit.Json;

namespace Vedette.Sources.Elasticsearch;

/// <summary>What a bulk item asked for, and what it is answered.</summary>
/// <param name="Action">index, create, update or delete.</param>
/// <param name="Index">The index it named; null for that of the path.</param>
/// <param name="Id">The id it named; null for none.</param>
/// <param name="Error">Why it is refused; null when it is taken.</param>
public readonly record struct BulkItem(string Action, string? Index, string? Id, string? Error);

/// <summary>
/// The body of Elasticsearch's <c>_bulk</c>: lines in pairs, an action with metadata and the document. The documents' events come out as lines; what is no event comes out too, to be rejected and kept by who
/// reads them. Such an item is answered as taken: shippers send a whole batch again, for ever, when one item of it is refused.
/// </summary>
public static class BulkBody
{
    /// <summary>Most items of a body.</summary>
    public const int MaxItems = 200_000;

    /// <summary>Longest names that are answered as they came.</summary>
    public const int MaxNameLength = 512;

    /// <summary>Reads a body.</summary>
    /// <param name="body">The body, decompressed.</param>
    /// <param name="lines">Gets the events, a line each.</param>
    /// <param name="items">Gets the items.</param>
    /// <returns>Why it is no bulk body; null when it is one. Nothing of it is to be taken then.</returns>
    public static string? Read(ReadOnlySpan<byte> body, EventBatch lines, List<BulkItem> items)
    {
        ShippedDocument documents = new();
        int at = 0;
        int line = 0;
        while (TryLine(body, ref at, ref line, out ReadOnlySpan<byte> action))
        {
            if (action.IsEmpty)
            {
                continue;
            }

            if (items.Count == MaxItems)
            {
                return $"more than {MaxItems} items";
            }

            if (!TryAction(action, out BulkItem item))
            {
                return $"Malformed action/metadata line [{line}], expected an object with one of create, index, delete or update";
            }

            ReadOnlySpan<byte> document = default;
            if (item.Action != "delete" && (!TryLine(body, ref at, ref line, out document) || document.IsEmpty))
            {
                return $"Malformed action/metadata line [{line}], a document must follow it";
            }

            if (item.Error is null)
            {
                documents.Write(document, lines);
            }

            items.Add(item);
        }

        return items.Count == 0 ? "request body is required" : null;
    }

    private static bool TryLine(ReadOnlySpan<byte> body, scoped ref int at, scoped ref int number, out ReadOnlySpan<byte> line)
    {
        line = default;
        if (at >= body.Length)
        {
            return false;
        }

        int end = body[at..].IndexOf((byte)'\n');
        line = end < 0 ? body[at..] : body.Slice(at, end);
        at = end < 0 ? body.Length : at + end + 1;
        number++;
        line = line.Trim(" \t\r"u8);
        return true;
    }

    private static bool TryAction(ReadOnlySpan<byte> line, out BulkItem item)
    {
        item = default;
        JsonScanner scanner = new(line);
        if (!scanner.TryReadValue(out JsonValue root) || root.Kind != JsonKind.Object || scanner.Position != line.Length)
        {
            return false;
        }

        int count = 0;
        foreach (JsonMember member in root.Members())
        {
            count++;
            string action = member.Name;
            if (action is not ("index" or "create" or "update" or "delete") || member.Value.Kind != JsonKind.Object)
            {
                return false;
            }

            string? error = action is "update" or "delete" ? $"{action} is not taken: what was recorded is not changed" : null;
            item = new BulkItem(action, Name(member.Value.Member("_index"u8)), Name(member.Value.Member("_id"u8)), error);
        }

        return count == 1;
    }

    private static string? Name(JsonValue value) => value.Kind == JsonKind.String ? Encoding.UTF8.GetString(value.Utf8Text()[..Math.Min(value.Utf8Text().Length, MaxNameLength)]) : null;
}
