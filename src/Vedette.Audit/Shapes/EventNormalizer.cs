using System.Buffers;
using System.Text;
using Vedette.Audit.Events;
using Vedette.Audit.Json;

namespace Vedette.Audit.Shapes;

/// <summary>
/// Writes an event as one compact JSON line of audit.k8s.io/v1: kind and apiVersion first, then the fields in the order of the Go type, then members that are not part of it.
/// Values stay as they were written, white space apart; of duplicates the last one is kept, and bytes that are not UTF-8 become U+FFFD.
/// </summary>
public static class EventNormalizer
{
    private static readonly byte[][] s_order =
    [
        .. FieldCatalogue.Paths.Where(path => !path.Contains('.', StringComparison.Ordinal)).Skip(2).Select(Encoding.UTF8.GetBytes),
    ];

    /// <summary>Appends the event to a buffer, without a line end.</summary>
    public static void Write(in EventView view, IBufferWriter<byte> into)
    {
        new JsonScanner(view.Json).TryReadValue(out JsonValue root);
        into.Write("{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\""u8);
        bool old = AuditEventRecognition.IsOldVersion(view);
        foreach (byte[] name in s_order)
        {
            JsonValue value = root.Member(name);
            if (!value.Exists && old && name.AsSpan().SequenceEqual("requestReceivedTimestamp"u8))
            {
                // The betas called it timestamp (staging/src/k8s.io/apiserver/pkg/apis/audit/v1beta1, "Time the request reached the apiserver").
                value = root.Member("timestamp"u8);
            }

            if (value.Exists)
            {
                WriteMember(name, value, into);
            }
        }

        foreach (JsonMember member in root.Members())
        {
            if (!IsKnown(member) && !(old && (member.NameEquals("timestamp"u8) || member.NameEquals("metadata"u8))) && IsLast(root, member))
            {
                WriteMember(member.RawName, member.Value, into);
            }
        }

        into.Write("}"u8);
    }

    private static bool IsKnown(JsonMember member)
    {
        if (member.NameEquals("kind"u8) || member.NameEquals("apiVersion"u8))
        {
            return true;
        }

        foreach (byte[] name in s_order)
        {
            if (member.NameEquals(name))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsLast(JsonValue root, JsonMember member) =>
        root.Member(Encoding.UTF8.GetBytes(member.Name)).Raw.Overlaps(member.Value.Raw, out int offset) && offset == 0 || member.Value.Raw.IsEmpty;

    private static void WriteMember(ReadOnlySpan<byte> rawName, JsonValue value, IBufferWriter<byte> into)
    {
        into.Write(",\""u8);
        WriteUtf8(rawName, into);
        into.Write(value.Kind == JsonKind.String ? "\":\""u8 : "\":"u8);
        if (value.Kind is JsonKind.Object or JsonKind.Array)
        {
            byte[] compact = ArrayPool<byte>.Shared.Rent(value.Raw.Length);
            WriteUtf8(compact.AsSpan(0, JsonText.Compact(value.Raw, compact)), into);
            ArrayPool<byte>.Shared.Return(compact);
        }
        else
        {
            WriteUtf8(value.Raw, into);
        }

        if (value.Kind == JsonKind.String)
        {
            into.Write("\""u8);
        }
    }

    private static void WriteUtf8(ReadOnlySpan<byte> text, IBufferWriter<byte> into)
    {
        while (!System.Text.Unicode.Utf8.IsValid(text))
        {
            int valid = 0;
            int used;
            while (Rune.DecodeFromUtf8(text[valid..], out _, out used) == OperationStatus.Done)
            {
                valid += used;
            }

            into.Write(text[..valid]);
            into.Write("\uFFFD"u8);
            text = text[(valid + used)..];
        }

        into.Write(text);
    }
}
