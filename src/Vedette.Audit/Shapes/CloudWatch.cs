using System.Buffers;
using Vedette.Audit.Json;

namespace Vedette.Audit.Shapes;

/// <summary>
/// Amazon CloudWatch Logs, where EKS writes its audit log, one plain event a message: subscription data (also inside Lambda events, Kinesis records and Firehose requests), answers of
/// FilterLogEvents, GetLogEvents and Logs Insights, single exported log events.
/// </summary>
internal static class CloudWatch
{
    /// <summary>Gives the messages, or the next envelope inside.</summary>
    public static bool TryUnwrap(JsonValue root, IUnwrapped into)
    {
        JsonValue messageType = root.Member("messageType"u8);
        JsonValue logEvents = root.Member("logEvents"u8);
        if (messageType.Exists && logEvents.Kind == JsonKind.Array)
        {
            if (messageType.StringEquals("CONTROL_MESSAGE"u8))
            {
                into.Rejected(RejectReason.ControlMessage, root.Raw);
                return true;
            }

            return Messages(logEvents, into);
        }

        if (root.Member("awslogs"u8, "data"u8) is { Kind: JsonKind.String } lambda)
        {
            Encoded(lambda, into);
            return true;
        }

        if (root.Member("events"u8) is { Kind: JsonKind.Array } events && HasMember(events, "message"u8))
        {
            return Messages(events, into);
        }

        if (root.Member("records"u8) is { Kind: JsonKind.Array } firehose && HasMember(firehose, "data"u8))
        {
            foreach (JsonValue record in firehose.Elements())
            {
                Encoded(record.Member("data"u8), into);
            }

            return true;
        }

        if (root.Member("Records"u8) is { Kind: JsonKind.Array } kinesis && HasMember(kinesis, "kinesis"u8))
        {
            foreach (JsonValue record in kinesis.Elements())
            {
                Encoded(record.Member("kinesis"u8, "data"u8), into);
            }

            return true;
        }

        if (root.Member("results"u8) is { Kind: JsonKind.Array } insights && insights.Elements() is var rows && rows.MoveNext() && rows.Current.Kind == JsonKind.Array)
        {
            return InsightsRows(insights, into);
        }

        JsonValue message = root.Member("@message"u8) is { Exists: true } at ? at : root.Member("message"u8);
        if (message.Kind is JsonKind.String or JsonKind.Object
            && (root.Member("ingestionTime"u8).Exists || root.Member("eventId"u8).Exists || root.Member("logStreamName"u8).Exists || root.Member("logStream"u8).Exists
                || root.Member("@timestamp"u8).Exists || root.Member("@logStream"u8).Exists || (root.Member("id"u8).Exists && root.Member("timestamp"u8).Exists)))
        {
            Message(message, into);
            return true;
        }

        return false;
    }

    /// <summary>
    /// Restores what is whole of a message that CloudWatch cut at its size limit: all complete members of the event, and the annotation that marks truncated events.
    /// </summary>
    public static bool TryRestore(ReadOnlySpan<byte> message, IBufferWriter<byte> into)
    {
        ReadOnlySpan<byte> mark = "[Truncated...]"u8;
        message = message.TrimEnd(" \t\r\n"u8);
        if (!message.EndsWith(mark) || message is not [(byte)'{', ..])
        {
            return false;
        }

        into.Write("{"u8);
        bool annotated = false;
        foreach (JsonMember member in new JsonValue(message[..^mark.Length], JsonKind.Object).Members())
        {
            annotated |= member.NameEquals("annotations"u8);
            bool isText = member.Value.Kind == JsonKind.String;
            into.Write("\""u8);
            into.Write(member.RawName);
            into.Write(isText ? "\":\""u8 : "\":"u8);
            into.Write(member.Value.Raw);
            into.Write(isText ? "\","u8 : ","u8);
        }

        into.Write(annotated ? "\"vedette.truncated\":true}"u8 : "\"annotations\":{\"audit.k8s.io/truncated\":\"true\"}}"u8);
        return true;
    }

    private static bool Messages(JsonValue events, IUnwrapped into)
    {
        foreach (JsonValue item in events.Elements())
        {
            Message(item.Member("message"u8), into);
        }

        return true;
    }

    private static bool InsightsRows(JsonValue rows, IUnwrapped into)
    {
        foreach (JsonValue row in rows.Elements())
        {
            foreach (JsonValue cell in row.Elements())
            {
                if (cell.Member("field"u8).StringEquals("@message"u8))
                {
                    Message(cell.Member("value"u8), into);
                }
            }
        }

        return true;
    }

    private static void Message(JsonValue message, IUnwrapped into)
    {
        if (message.Kind == JsonKind.String)
        {
            into.Decoded(EncodedText.Text(message), isMessage: true);
        }
        else if (message.Kind == JsonKind.Object)
        {
            into.Inside(message);
        }
        else
        {
            into.Rejected(RejectReason.NotAnAuditEvent, message.Raw);
        }
    }

    private static void Encoded(JsonValue data, IUnwrapped into)
    {
        if (EncodedText.Decode(data) is { } text)
        {
            into.Decoded(text, isMessage: false);
        }
        else
        {
            into.Rejected(RejectReason.BadEncoding, data.Raw);
        }
    }

    private static bool HasMember(JsonValue list, ReadOnlySpan<byte> name)
    {
        JsonElements elements = list.Elements();
        return elements.MoveNext() && elements.Current.Member(name).Exists;
    }
}
