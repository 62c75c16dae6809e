using Vedette.Audit.Blocks;
using Vedette.Audit.Events;
using Vedette.Audit.Json;

namespace Vedette.Audit.Decoding;

/// <summary>The responseStatus part of <see cref="EventTemplate{TKernel}"/>: metav1.Status (staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/types.go) as Go writes it.</summary>
internal static class StatusTemplate<TKernel>
    where TKernel : IBlockKernel
{
    private static readonly FieldSet s_inDetails = FieldSet.Of(
        AuditField.ResponseDetails, AuditField.ResponseDetailsName, AuditField.ResponseDetailsGroup, AuditField.ResponseDetailsKind, AuditField.ResponseDetailsUid,
        AuditField.ResponseDetailsCauses, AuditField.ResponseDetailsRetryAfterSeconds);

    private static readonly FieldSet s_inStatus = s_inDetails | FieldSet.Of(
        AuditField.ResponseStatus, AuditField.ResponseMetadata, AuditField.ResponseStatusText, AuditField.ResponseMessage, AuditField.ResponseReason,
        AuditField.ResponseCode);

    /// <summary>Reads the status; see the remarks of <see cref="EventTemplate{TKernel}"/> for places.</summary>
    public static int Read(ReadOnlySpan<byte> json, int at, in FieldSlots slots)
    {
        if (!slots.Wants(s_inStatus) && EventTemplate<TKernel>.Follows(json, at, "{"u8))
        {
            return EventTemplate<TKernel>.Container(json, at, AuditField.ResponseStatus, JsonKind.Object, slots);
        }

        int start = at;
        if (EventTemplate<TKernel>.Follows(json, at, "{\"metadata\":{}"u8))
        {
            slots.Set(AuditField.ResponseMetadata, at + 12, at + 14, JsonKind.Object);
            at += 14;
        }
        else
        {
            at = EventTemplate<TKernel>.After(json, at, "{\"metadata\":{"u8);
            at = EventTemplate<TKernel>.Container(json, at - 1, AuditField.ResponseMetadata, JsonKind.Object, slots);
        }

        if (EventTemplate<TKernel>.Follows(json, at, ",\"status\":\""u8))
        {
            at = EventTemplate<TKernel>.Text(json, at + 11, AuditField.ResponseStatusText, slots);
        }

        if (EventTemplate<TKernel>.Follows(json, at, ",\"message\":\""u8))
        {
            at = EventTemplate<TKernel>.Text(json, at + 12, AuditField.ResponseMessage, slots);
        }

        if (EventTemplate<TKernel>.Follows(json, at, ",\"reason\":\""u8))
        {
            at = EventTemplate<TKernel>.Text(json, at + 11, AuditField.ResponseReason, slots);
        }

        if (EventTemplate<TKernel>.Follows(json, at, ",\"details\":{"u8))
        {
            at = Details(json, at + 11, slots);
        }

        if (EventTemplate<TKernel>.Follows(json, at, ",\"code\":"u8))
        {
            at = WholeNumber(json, at + 8, AuditField.ResponseCode, slots);
        }

        at = EventTemplate<TKernel>.After(json, at, "}"u8);
        slots.Set(AuditField.ResponseStatus, start, at, JsonKind.Object);
        return at;
    }

    private static int Details(ReadOnlySpan<byte> json, int at, in FieldSlots slots)
    {
        if (!slots.Wants(s_inDetails))
        {
            return EventTemplate<TKernel>.Container(json, at, AuditField.ResponseDetails, JsonKind.Object, slots);
        }

        // None of the members is always there, so any of them may be the first: each is looked for after its separator, which is the brace until one was found.
        int start = at;
        at = Member(json, at, start, "\"name\":\""u8, AuditField.ResponseDetailsName, slots);
        at = Member(json, at, start, "\"group\":\""u8, AuditField.ResponseDetailsGroup, slots);
        at = Member(json, at, start, "\"kind\":\""u8, AuditField.ResponseDetailsKind, slots);
        at = Member(json, at, start, "\"uid\":\""u8, AuditField.ResponseDetailsUid, slots);
        if (IsSeparator(json, at, start) && EventTemplate<TKernel>.Follows(json, at + 1, "\"causes\":["u8))
        {
            at = EventTemplate<TKernel>.Container(json, at + 10, AuditField.ResponseDetailsCauses, JsonKind.Array, slots);
        }

        if (IsSeparator(json, at, start) && EventTemplate<TKernel>.Follows(json, at + 1, "\"retryAfterSeconds\":"u8))
        {
            at = WholeNumber(json, at + 21, AuditField.ResponseDetailsRetryAfterSeconds, slots);
        }

        at = EventTemplate<TKernel>.After(json, at == start ? at + 1 : at, "}"u8);
        slots.Set(AuditField.ResponseDetails, start, at, JsonKind.Object);
        return at;
    }

    private static int Member(ReadOnlySpan<byte> json, int at, int start, ReadOnlySpan<byte> name, AuditField field, in FieldSlots slots) =>
        IsSeparator(json, at, start) && EventTemplate<TKernel>.Follows(json, at + 1, name)
            ? EventTemplate<TKernel>.Text(json, at + 1 + name.Length, field, slots)
            : at;

    private static bool IsSeparator(ReadOnlySpan<byte> json, int at, int start) => at == start || EventTemplate<TKernel>.Follows(json, at, ","u8);

    /// <summary>A number without sign, fraction and exponent.</summary>
    private static int WholeNumber(ReadOnlySpan<byte> json, int at, AuditField field, in FieldSlots slots)
    {
        int end = at;
        while (end < json.Length && char.IsAsciiDigit((char)json[end]))
        {
            end++;
        }

        bool isNumber = end > at && (json[at] != '0' || end == at + 1);
        slots.Set(field, at, end, JsonKind.Number);
        return isNumber ? end : json.Length;
    }
}
