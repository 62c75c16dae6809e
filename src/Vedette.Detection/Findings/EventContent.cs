using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Vedette.Audit.Events;
using Vedette.Audit.Json;

namespace Vedette.Detection.Findings;

/// <summary>
/// The content of an event as a digest: the same whether it came as a log line, in a webhook's EventList (which lacks kind and apiVersion) or pretty-printed.
/// </summary>
internal static class EventContent
{
    /// <summary>SHA-256 of a rule's id and the event's content.</summary>
    public static byte[] Digest(string ruleId, in EventView view)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(ruleId));
        hash.AppendData("\0"u8);
        byte[] compact = ArrayPool<byte>.Shared.Rent(view.Json.Length);
        ReadOnlySpan<byte> content = compact.AsSpan(0, JsonText.Compact(view.Json, compact));
        foreach (JsonMember member in new JsonValue(content, JsonKind.Object).Members())
        {
            if (!member.NameEquals("kind"u8) && !member.NameEquals("apiVersion"u8))
            {
                content.Overlaps(member.RawName, out int start);
                hash.AppendData(content[(start - 1)..]);
                break;
            }
        }

        ArrayPool<byte>.Shared.Return(compact);
        return hash.GetHashAndReset();
    }
}
