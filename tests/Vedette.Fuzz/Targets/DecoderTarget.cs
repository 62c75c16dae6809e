using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Vedette.Audit.Blocks;
using Vedette.Audit.Decoding;
using Vedette.Audit.Events;
using Vedette.Audit.Json;
using Vedette.Audit.Tests.Decoding;

namespace Vedette.Fuzz.Targets;

/// <summary>
/// Template, walker and <see cref="Utf8JsonReader"/> find the same fields of an event, with every width of vectors and whatever fields are asked for; and so they do of each object inside.
/// </summary>
internal static class DecoderTarget
{
    private static readonly AuditField[] s_fields = Enum.GetValues<AuditField>();

    private static readonly (SimdWidth Width, EventDecoder Template, EventDecoder Walker)[] s_decoders =
        [.. Enum.GetValues<SimdWidth>().Select(width => (width, new EventDecoder(width), new EventDecoder(width)))];

    public static void Check(ReadOnlySpan<byte> input)
    {
        Dictionary<AuditField, byte[]>? expected = Utf8JsonOracle.Decode(input);
        Compare(input, FieldSet.All, expected);
        // Which fields are asked for must not matter, and is as good as random here.
        uint choice = Fnv(input);
        Compare(input, FieldSet.Of([.. s_fields.Where(field => ((choice >> ((int)field % 32)) & 1) != 0)]), expected);
        if (expected is not null)
        {
            JsonDocument document = JsonDocument.Parse(input.ToArray(), new JsonDocumentOptions { MaxDepth = int.MaxValue });
            CompareTrees(new JsonValue(input.Trim(" \t\r\n"u8), JsonKind.Object), document.RootElement, depth: 0);
        }
    }

    private static void Compare(ReadOnlySpan<byte> json, FieldSet wanted, Dictionary<AuditField, byte[]>? expected)
    {
        DecodeStatus? first = null;
        bool? taken = null;
        foreach ((SimdWidth width, EventDecoder template, EventDecoder walker) in s_decoders)
        {
            DecodeStatus status = walker.Walk(json, wanted, out EventView slow);
            FuzzFailure.Unless((first ??= status) == status, $"{width} says {status}, another width {first}");
            bool fits = template.TryTemplate(json, wanted, out EventView fast);
            FuzzFailure.Unless((taken ??= fits) == fits, $"the template takes it or not, with {width} otherwise than with another width");
            FuzzFailure.Unless(!fits || (status == DecodeStatus.Ok && slow.IsIrregular == fast.IsIrregular), $"{width}: the template takes what the walker calls {status}");
            FuzzFailure.Unless(expected is null || status == DecodeStatus.Ok, $"{width}: the oracle takes what the walker calls {status}");
            foreach (AuditField field in status == DecodeStatus.Ok ? s_fields : [])
            {
                JsonRange range = slow.RangeOf(field);
                FuzzFailure.Unless(!fits || fast.RangeOf(field) == range, $"{width}: {field} is {fast.RangeOf(field)} for the template, {range} for the walker");
                if (expected is not null)
                {
                    ReadOnlySpan<byte> found = range.Kind == JsonKind.String ? json.Slice(range.Start - 1, range.Length + 2) : slow[field].Raw;
                    FuzzFailure.Unless(found.SequenceEqual(wanted.Contains(field) ? expected.GetValueOrDefault(field) : []), $"{width}: {field} is not the oracle's");
                }
            }

            CompareLines(json, wanted, template, fits);
        }
    }

    /// <summary>Looking for an event at the start of a text takes what the template takes of the line, and only with its end.</summary>
    private static void CompareLines(ReadOnlySpan<byte> json, FieldSet wanted, EventDecoder decoder, bool fits)
    {
        if (!decoder.TryDecodeLine(json, isFinal: true, wanted, out EventView view, out _))
        {
            FuzzFailure.Unless(!fits || json.Contains((byte)'\n') || !Utf8.IsValid(json), "an event is not taken as a line");
            return;
        }

        FuzzFailure.Unless(view.Json.Length > 0 && !view.Json.Contains((byte)'\n'), "a line has a line end inside");
        FuzzFailure.Unless(decoder.TryTemplate(json[..view.Json.Length].ToArray(), wanted, out _), "what is taken of a line is no event by itself");
    }

    /// <summary>Walking by members and elements visits what JsonDocument has, with the same texts.</summary>
    private static void CompareTrees(JsonValue value, JsonElement expected, int depth)
    {
        switch (expected.ValueKind)
        {
            // The document is read without recursion, but gone through with it.
            case JsonValueKind.Object or JsonValueKind.Array when depth == 200:
                break;
            case JsonValueKind.Object:
                FuzzFailure.Unless(value.Kind == JsonKind.Object, "an object is not one");
                JsonMembers members = value.Members();
                foreach (JsonProperty property in expected.EnumerateObject())
                {
                    FuzzFailure.Unless(members.MoveNext(), "a member is missing");
                    FuzzFailure.Unless(TextOf(() => property.Name) is not { } name || members.Current.Name == name, "a member has another name");
                    CompareTrees(members.Current.Value, property.Value, depth + 1);
                }

                FuzzFailure.Unless(!members.MoveNext(), "there is one member more");
                break;
            case JsonValueKind.Array:
                FuzzFailure.Unless(value.Kind == JsonKind.Array, "an array is not one");
                JsonElements elements = value.Elements();
                foreach (JsonElement element in expected.EnumerateArray())
                {
                    FuzzFailure.Unless(elements.MoveNext(), "an element is missing");
                    CompareTrees(elements.Current, element, depth + 1);
                }

                FuzzFailure.Unless(!elements.MoveNext(), "there is one element more");
                break;
            case JsonValueKind.String:
                FuzzFailure.Unless(value.Kind == JsonKind.String, "a string is not one");
                FuzzFailure.Unless(TextOf(expected.GetString) is not { } text || value.AsString() == text, "a string has another text");
                break;
            default:
                FuzzFailure.Unless(Encoding.UTF8.GetString(value.Raw) == expected.GetRawText(), "a number or literal has another text");
                break;
        }
    }

    /// <summary>The text; null where System.Text.Json refuses it, as it does lone surrogates and invalid UTF-8.</summary>
    private static string? TextOf(Func<string?> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static uint Fnv(ReadOnlySpan<byte> input)
    {
        uint hash = 2166136261;
        foreach (byte value in input)
        {
            hash = (hash ^ value) * 16777619;
        }

        return hash;
    }
}
