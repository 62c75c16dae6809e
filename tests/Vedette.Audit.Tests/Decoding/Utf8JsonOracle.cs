using System.Text;
using System.Text.Json;
using Vedette.Audit.Events;

namespace Vedette.Audit.Tests.Decoding;

/// <summary>
/// The slow and obvious decoder that the fast one is held against: System.Text.Json reads the whole event, fields are found by their path,
/// of members with the same name the last one wins.
/// </summary>
internal static class Utf8JsonOracle
{
    private static readonly Dictionary<string, AuditField[]> s_below = FieldCatalogue.Paths.ToDictionary(
        path => path,
        path => FieldCatalogue.Paths.Where(other => other.StartsWith(path + ".", StringComparison.Ordinal))
            .Select(other => FieldCatalogue.TryFind(other, out AuditField field) ? field : default).ToArray(),
        StringComparer.Ordinal);

    /// <summary>The raw text of every field that is there, strings with their quotes; null when this is not one JSON object.</summary>
    public static Dictionary<AuditField, byte[]>? Decode(ReadOnlySpan<byte> json)
    {
        Dictionary<AuditField, byte[]> fields = [];
        Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = int.MaxValue });
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return null;
            }

            ReadObject(json, ref reader, "", fields);
            return reader.Read() ? null : fields;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void ReadObject(ReadOnlySpan<byte> json, ref Utf8JsonReader reader, string prefix, Dictionary<AuditField, byte[]> fields)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = Name(reader);
            string path = prefix + name;
            bool known = FieldCatalogue.TryFind(path, out AuditField field)
                && (prefix == "annotations." || !name.Contains('.', StringComparison.Ordinal));
            reader.Read();
            if (known)
            {
                foreach (AuditField old in s_below[path])
                {
                    fields.Remove(old);
                }
            }

            int start = (int)reader.TokenStartIndex;
            bool hasFieldsBelow = known && s_below[path].Length > 0;
            if (hasFieldsBelow && reader.TokenType == JsonTokenType.StartObject)
            {
                ReadObject(json, ref reader, path + ".", fields);
            }
            else
            {
                reader.Skip();
            }

            if (known)
            {
                fields[field] = json[start..(int)reader.BytesConsumed].ToArray();
            }
        }
    }

    private static string Name(Utf8JsonReader reader)
    {
        // Names that are not valid UTF-8 or hold lone surrogates are no field of ours, and GetString refuses them.
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return Encoding.Latin1.GetString(reader.ValueSpan);
        }
    }
}
