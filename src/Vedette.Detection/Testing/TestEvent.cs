using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Vedette.Documents.Yaml;

namespace Vedette.Detection.Testing;

/// <summary>Makes the JSON of a test's event from YAML: what is common to the file's events, with the event's own members over it.</summary>
internal static class TestEvent
{
    /// <summary>Stands for the number of a repetition, from 0, in texts of a repeated event.</summary>
    public const string Number = "{n}";

    /// <summary>The time that offsets in sequences are counted from.</summary>
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Lays one map over another, maps within maps too; a null takes a member away.</summary>
    public static YamlMapping Over(YamlMapping? below, YamlMapping above)
    {
        if (below is null)
        {
            return above;
        }

        List<YamlMember> members = [];
        foreach (YamlMember member in below.Members)
        {
            switch (above[member.Key.Text])
            {
                case null:
                    members.Add(member);
                    break;
                case YamlMapping map when member.Value is YamlMapping common:
                    members.Add(member with { Value = Over(common, map) });
                    break;
                case YamlScalar scalar when YamlTyping.TypeOf(scalar, out _, out _, out _) == YamlType.Null:
                    break;
                case { } value:
                    members.Add(member with { Value = value });
                    break;
            }
        }

        members.AddRange(above.Members.Where(member => below[member.Key.Text] is null));
        return above with { Members = [.. members] };
    }

    /// <summary>The JSON of an event that stands for itself.</summary>
    public static ReadOnlyMemory<byte> ToJson(YamlMapping node) => ToJson(node, 0, null, null);

    /// <summary>The JSON of an event in a sequence: identity and times are put in where the test does not give them.</summary>
    /// <param name="node">The event.</param>
    /// <param name="number">Number of its repetition.</param>
    /// <param name="place">Its place in the sequence.</param>
    /// <param name="offset">Its time, from <see cref="Start"/>.</param>
    public static ReadOnlyMemory<byte> ToJson(YamlMapping node, int number, int place, TimeSpan offset) => ToJson(node, number, place, Start + offset);

    private static ReadOnlyMemory<byte> ToJson(YamlMapping node, int number, int? place, DateTimeOffset? time)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            WriteMembers(node, writer, number);
            if (place is { } known && node["auditID"] is null)
            {
                writer.WriteString("auditID", string.Create(CultureInfo.InvariantCulture, $"test-{known}"));
            }

            if (time is { } at)
            {
                string text = at.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
                foreach (string name in (ReadOnlySpan<string>)["requestReceivedTimestamp", "stageTimestamp"])
                {
                    if (node[name] is null)
                    {
                        writer.WriteString(name, text);
                    }
                }
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    private static void WriteMembers(YamlMapping map, Utf8JsonWriter writer, int number)
    {
        foreach (YamlMember member in map.Members)
        {
            writer.WritePropertyName(member.Key.Text);
            Write(member.Value, writer, number);
        }
    }

    private static void Write(YamlNode node, Utf8JsonWriter writer, int number)
    {
        switch (node)
        {
            case YamlMapping map:
                writer.WriteStartObject();
                WriteMembers(map, writer, number);
                writer.WriteEndObject();
                break;
            case YamlSequence list:
                writer.WriteStartArray();
                foreach (YamlNode item in list.Items)
                {
                    Write(item, writer, number);
                }

                writer.WriteEndArray();
                break;
            case YamlScalar scalar:
                switch (YamlTyping.TypeOf(scalar, out bool truth, out decimal value, out _))
                {
                    case YamlType.Null:
                        writer.WriteNullValue();
                        break;
                    case YamlType.Boolean:
                        writer.WriteBooleanValue(truth);
                        break;
                    case YamlType.Number:
                        writer.WriteNumberValue(value);
                        break;
                    default:
                        writer.WriteStringValue(scalar.Text.Replace(Number, number.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
                        break;
                }

                break;
        }
    }
}
