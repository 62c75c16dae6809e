using System.Buffers.Binary;
using System.Security.Cryptography;
using Vedette.Audit.Events;
using Vedette.Audit.Json;
using Vedette.Detection.Rules;

namespace Vedette.Detection.Findings;

/// <summary>
/// What joins findings: 128 bits of a digest of the rule and of what all stages of one request have in common (auditID, requestReceivedTimestamp, user, verb, requestURI). An event that lacks auditID or time
/// is joined by its content only. Saved states hold such keys.
/// </summary>
internal static class RequestKey
{
    private static ReadOnlySpan<AuditField> Common => [AuditField.AuditId, AuditField.RequestReceivedTimestamp, AuditField.UserName, AuditField.Verb, AuditField.RequestUri];

    /// <summary>Does the event tell which request it is of?</summary>
    public static bool IsKnown(in EventView view) => view[AuditField.AuditId].Kind == JsonKind.String && view[AuditField.RequestReceivedTimestamp].Kind == JsonKind.String;

    /// <summary>The key of a rule's match.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="view">The event.</param>
    /// <param name="id">The id that a finding of this event alone has; not looked at where the request is known.</param>
    public static UInt128 Of(DetectionRule rule, in EventView view, string id)
    {
        if (!IsKnown(view))
        {
            return Of(rule.Id, id);
        }

        int longest = checked(DigestedTexts.LongestOf(rule.Id) + sizeof(int));
        foreach (AuditField field in Common)
        {
            longest = checked(longest + DigestedTexts.LongestOf(view[field]));
        }

        DigestedTexts texts = new(longest);
        texts.Append(rule.Id);
        foreach (AuditField field in Common)
        {
            if (view[field] is { Kind: not (JsonKind.Missing or JsonKind.Null) } value)
            {
                texts.Append(value);
            }
            else
            {
                texts.AppendNothing();
            }
        }

        texts.AppendNothing();
        return Finish(ref texts);
    }

    /// <summary>The key of a finding that is joined only with the same.</summary>
    /// <param name="rule">The rule's id.</param>
    /// <param name="id">The finding's id.</param>
    public static UInt128 Of(string rule, string id)
    {
        DigestedTexts texts = new(checked(DigestedTexts.LongestOf(rule) + DigestedTexts.LongestOf(id) + Common.Length * sizeof(int)));
        texts.Append(rule);
        for (int i = 0; i < Common.Length; i++)
        {
            texts.AppendNothing();
        }

        texts.Append(id);
        return Finish(ref texts);
    }

    private static UInt128 Finish(ref DigestedTexts texts)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        texts.Finish(digest);
        return BinaryPrimitives.ReadUInt128LittleEndian(digest);
    }
}
