using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Vedette.Audit.Events;
using Vedette.Audit.Json;
using Vedette.Audit.Redaction;

namespace Vedette.Detection.Findings;

/// <summary>
/// The content of an event as a digest: the same whether it came as a log line, in a webhook's EventList (which lacks kind and apiVersion) or pretty-printed, whether its secrets are in it or were
/// redacted, and whatever bodies the audit policy kept.
/// </summary>
public static class EventContent
{
    /// <summary>SHA-256 of a rule's id and the event's content.</summary>
    public static byte[] Digest(string ruleId, in EventView view)
    {
        byte[] digest = new byte[SHA256.HashSizeInBytes];
        Digest(ruleId, view, digest);
        return digest;
    }

    /// <summary>As <see cref="Digest(string, in EventView)"/>, into bytes that are there.</summary>
    internal static void Digest(string ruleId, in EventView view, Span<byte> digest)
    {
        ArrayBufferWriter<byte> withoutSecrets = new();
        ReadOnlySpan<byte> json = Redactor.TryWithoutSecrets(view, withoutSecrets) ? withoutSecrets.WrittenSpan : view.Json;
        byte[] hashed = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(ruleId.Length) + 1 + json.Length);
        int length = Encoding.UTF8.GetBytes(ruleId, hashed);
        hashed[length++] = 0;
        bool isIdentified = view[AuditField.AuditId].Kind == JsonKind.String && view[AuditField.RequestReceivedTimestamp].Kind == JsonKind.String;
        int start = -1;
        foreach (JsonMember member in new JsonValue(json, JsonKind.Object).Members())
        {
            json.Overlaps(member.RawName, out int name);
            Append(json, start, name - 1, hashed, ref length);
            start = IsLeftOut(member, isIdentified) ? -1 : name - 1;
        }

        Append(json, start, json.Length, hashed, ref length);
        SHA256.HashData(hashed.AsSpan(0, length), digest);
        ArrayPool<byte>.Shared.Return(hashed);
    }

    /// <summary>Of an event that can be told from all others without them, neither level nor bodies count: they are the policy's choice, and which finding it is does not depend on that.</summary>
    private static bool IsLeftOut(JsonMember member, bool isIdentified) =>
        member.NameEquals("kind"u8) || member.NameEquals("apiVersion"u8)
        || isIdentified && (member.NameEquals("level"u8) || member.NameEquals("requestObject"u8) || member.NameEquals("responseObject"u8));

    /// <summary>A member as compact JSON, a comma in place of the comma or brace behind it.</summary>
    private static void Append(ReadOnlySpan<byte> json, int start, int end, Span<byte> hashed, ref int length)
    {
        if (start >= 0)
        {
            length += JsonText.Compact(json[start..end], hashed[length..]);
            hashed[length - 1] = (byte)',';
        }
    }

    /// <summary>The id of a finding of a rule and what it was made of.</summary>
    /// <param name="ruleId">The rule's id.</param>
    /// <param name="parts">The values of the group, and the digest of the first event's content.</param>
    public static string IdOf(string ruleId, params ReadOnlySpan<string> parts)
    {
        int longest = Encoding.UTF8.GetMaxByteCount(ruleId.Length);
        foreach (string part in parts)
        {
            longest = checked(longest + 1 + Encoding.UTF8.GetMaxByteCount(part.Length));
        }

        byte[] hashed = ArrayPool<byte>.Shared.Rent(longest);
        int length = Encoding.UTF8.GetBytes(ruleId, hashed);
        foreach (string part in parts)
        {
            hashed[length++] = 0;
            length += Encoding.UTF8.GetBytes(part, hashed.AsSpan(length));
        }

        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(hashed.AsSpan(0, length), digest);
        ArrayPool<byte>.Shared.Return(hashed);
        return Convert.ToHexStringLower(digest[..16]);
    }
}
