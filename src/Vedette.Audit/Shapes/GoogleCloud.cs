using System.Buffers;
using System.Text.Json;
using Vedette.Audit.Json;

namespace Vedette.Audit.Shapes;

/// <summary>
/// Google Cloud Logging, where GKE writes its audit log as Cloud Audit Logs: single entries, answers of entries.list, Pub/Sub push and pull. An entry knows neither groups nor
/// impersonation nor the query; what it does not know stays absent.
/// </summary>
internal static class GoogleCloud
{
    /// <summary>Gives the entries, or builds the event of one.</summary>
    public static bool TryUnwrap(JsonValue root, IUnwrapped into)
    {
        if (root.Member("protoPayload"u8) is { Kind: JsonKind.Object } payload)
        {
            Build(root, payload, into);
            return true;
        }

        if (root.Member("entries"u8) is { Kind: JsonKind.Array } entries)
        {
            foreach (JsonValue entry in entries.Elements())
            {
                into.Inside(entry);
            }

            return true;
        }

        if (root.Member("receivedMessages"u8) is { Kind: JsonKind.Array } received)
        {
            foreach (JsonValue message in received.Elements())
            {
                Data(message.Member("message"u8), into);
            }

            return true;
        }

        if (root.Member("message"u8) is { Kind: JsonKind.Object } pushed && pushed.Member("data"u8).Kind == JsonKind.String)
        {
            Data(pushed, into);
            return true;
        }

        return false;
    }

    private static void Data(JsonValue message, IUnwrapped into)
    {
        if (EncodedText.Decode(message.Member("data"u8)) is { } text)
        {
            into.Decoded(text, isMessage: true);
        }
        else
        {
            into.Rejected(RejectReason.BadEncoding, message.Raw);
        }
    }

    private static void Build(JsonValue entry, JsonValue payload, IUnwrapped into)
    {
        JsonValue service = payload.Member("serviceName"u8);
        string method = payload.Member("methodName"u8).AsString() ?? "";
        string resourceName = payload.Member("resourceName"u8).AsString() ?? "";
        // Published samples lack serviceName at times; the method then tells.
        bool kubernetes = service.Exists ? service.StringEquals("k8s.io"u8) : method.StartsWith("io.k8s.", StringComparison.Ordinal);
        if (!kubernetes || method.Length == 0)
        {
            into.Rejected(RejectReason.OtherLog, entry.Raw);
            return;
        }

        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            GoogleEvent.Write(entry, payload, method, resourceName, writer);
        }

        into.Built(buffer.WrittenSpan);
    }
}
