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
    /// <summary>Bytes of an event without its secrets for which room is kept.</summary>
    private const int MaxKept = 1 << 16;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? t_withoutSecrets;

    /// <summary>SHA-256 of a rule's id and the event's content.</summary>
    /// <param name="ruleId">The rule's id.</param>
    /// <param name="view">The event, decoded with all fields: bodies are left out by where they were found.</param>
    public static byte[] Digest(string ruleId, in EventView view)
    {
        byte[] digest = new byte[SHA256.HashSizeInBytes];
        Digest(ruleId, view, digest);
        return digest;
    }

    /// <summary>As <see cref="Digest(string, in EventView)"/>, into bytes that are there.</summary>
    internal static void Digest(string ruleId, in EventView view, Span<byte> digest)
    {
        ArrayBufferWriter<byte> withoutSecrets = t_withoutSecrets ??= new ArrayBufferWriter<byte>();
        bool hasSecrets = Redactor.TryWithoutSecrets(view, withoutSecrets);
        ReadOnlySpan<byte> json = hasSecrets ? withoutSecrets.WrittenSpan : view.Json;
        byte[] hashed = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(ruleId.Length) + 1 + json.Length);
        int length = Encoding.UTF8.GetBytes(ruleId, hashed);
        hashed[length++] = 0;
        if (view.IsPlain && !hasSecrets)
        {
            AppendPlain(view, hashed, ref length);
        }
        else
        {
            AppendMembers(json, view[AuditField.AuditId].Kind == JsonKind.String && view[AuditField.RequestReceivedTimestamp].Kind == JsonKind.String, hashed, ref length);
        }

        SHA256.HashData(hashed.AsSpan(0, length), digest);
        ArrayPool<byte>.Shared.Return(hashed);
        if (hasSecrets)
        {
            withoutSecrets.ResetWrittenCount();
            t_withoutSecrets = withoutSecrets.Capacity <= MaxKept ? withoutSecrets : null;
        }
    }

    private static void AppendMembers(ReadOnlySpan<byte> json, bool isIdentified, Span<byte> hashed, ref int length)
    {
        int start = -1;
        foreach (JsonMember member in new JsonValue(json, JsonKind.Object).Members())
        {
            json.Overlaps(member.RawName, out int name);
            Append(json, start, name - 1, hashed, ref length);
            start = IsLeftOut(member, isIdentified) ? -1 : name - 1;
        }

        Append(json, start, json.Length, hashed, ref length);
    }

    /// <summary>As <see cref="AppendMembers"/>: of an event that is written as kube-apiserver writes it is known where what is left out stands, and what is between is taken as a whole.</summary>
    private static void AppendPlain(in EventView view, Span<byte> hashed, ref int length)
    {
        // Kind, apiVersion and level come first; a quote and a comma stand behind the level. It has an ID and a time.
        JsonRange level = view.RangeOf(AuditField.Level);
        int start = level.Start + level.Length + 2;
        AppendUpTo(view.RangeOf(AuditField.RequestObject), "\"requestObject\":".Length, view, ref start, hashed, ref length);
        AppendUpTo(view.RangeOf(AuditField.ResponseObject), "\"responseObject\":".Length, view, ref start, hashed, ref length);
        Append(view.Json, start, view.Json.Length, hashed, ref length);
    }

    private static void AppendUpTo(JsonRange body, int nameLength, in EventView view, ref int start, Span<byte> hashed, ref int length)
    {
        if (body.Exists)
        {
            int end = body.Start - nameLength;
            Append(view.Json, start < end ? start : -1, end, hashed, ref length);
            start = body.Start + body.Length + 1;
        }
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
