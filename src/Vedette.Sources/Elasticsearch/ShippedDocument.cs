using System.Buffers;
using System.Collections.Frozen;
using Vedette.Audit.Batches;
using Vedette.Audit.Decoding;
using Vedette.Audit.Events;
using Vedette.Audit.Json;
using Vedette.Audit.Shapes;

namespace Vedette.Sources.Elasticsearch;

/// <summary>
/// Finds what a shipper's document was made of. Filebeat and Fluent Bit send a line of a log as a text (<c>message</c>, <c>log</c>, <c>event.original</c>), or parsed, as the document itself or below a key
/// (<c>kubernetes.audit</c>, <c>json</c> …), and add members of their own (<c>@timestamp</c>, <c>agent</c>, <c>host</c> …). Those are left off again, so that the event is the one that was written.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
public sealed class ShippedDocument
{
    /// <summary>How deep below its top an event is looked for in a document.</summary>
    public const int MaxDepth = 3;

    private static readonly FrozenSet<string> s_members = FieldCatalogue.Paths.Where(path => !path.Contains('.', StringComparison.Ordinal)).ToFrozenSet(StringComparer.Ordinal);

    private readonly EventDecoder _decoder = new();

    /// <summary>Appends what a document was made of as a line: an event where it has one, else the document as it is, for whoever knows other envelopes.</summary>
    /// <param name="document">One JSON object.</param>
    /// <param name="lines">Where to.</param>
    public void Write(ReadOnlySpan<byte> document, EventBatch lines)
    {
        if (!new JsonScanner(document).TryReadValue(out JsonValue root) || root.Kind != JsonKind.Object)
        {
            lines.AppendLine(document);
            return;
        }

        JsonValue found = root;
        if (IsEvent(root) || TryFind(root, MaxDepth, out found))
        {
            WriteEvent(found, lines);
        }
        else if (TryFindText(root, out JsonValue text))
        {
            byte[] plain = ArrayPool<byte>.Shared.Rent(text.Raw.Length);
            int length = JsonText.Unescape(text.Raw, plain);
            lines.AppendLine(plain.AsSpan(0, length));
            ArrayPool<byte>.Shared.Return(plain);
        }
        else
        {
            lines.AppendLine(document);
        }
    }

    private bool IsEvent(JsonValue value) => _decoder.Decode(value.Raw, out EventView view) == DecodeStatus.Ok && AuditEventRecognition.IsAuditEvent(view);

    private bool TryFind(JsonValue value, int depth, out JsonValue found)
    {
        foreach (JsonMember member in value.Members())
        {
            if (member.Value.Kind != JsonKind.Object)
            {
                continue;
            }

            found = member.Value;
            if (IsEvent(found) || (depth > 1 && TryFind(member.Value, depth - 1, out found)))
            {
                return true;
            }
        }

        found = default;
        return false;
    }

    private static bool TryFindText(JsonValue root, out JsonValue text)
    {
        text = root.Member("message"u8);
        if (!IsLine(text))
        {
            text = root.Member("log"u8);
        }

        if (!IsLine(text))
        {
            text = root.Member("event"u8, "original"u8);
        }

        return IsLine(text);
    }

    /// <summary>A text that begins as JSON does. Lines of the legacy text format begin with their time.</summary>
    private static bool IsLine(JsonValue text) => text.Kind == JsonKind.String && text.Raw.TrimStart(" \t"u8) is [(byte)'{', ..] or [>= (byte)'0' and <= (byte)'9', ..];

    /// <summary>The members that an audit event has, as they stand.</summary>
    private static void WriteEvent(JsonValue value, EventBatch lines)
    {
        bool isPure = true;
        foreach (JsonMember member in value.Members())
        {
            isPure &= s_members.Contains(member.Name);
        }

        if (isPure)
        {
            lines.AppendLine(value.Raw);
            return;
        }

        ArrayBufferWriter<byte> json = new(value.Raw.Length);
        foreach (JsonMember member in value.Members())
        {
            if (s_members.Contains(member.Name))
            {
                bool isText = member.Value.Kind == JsonKind.String;
                json.Write(json.WrittenCount == 0 ? "{\""u8 : ",\""u8);
                json.Write(member.RawName);
                json.Write(isText ? "\":\""u8 : "\":"u8);
                json.Write(member.Value.Raw);
                json.Write(isText ? "\""u8 : ""u8);
            }
        }

        json.Write("}"u8);
        lines.AppendLine(json.WrittenSpan);
    }
}
