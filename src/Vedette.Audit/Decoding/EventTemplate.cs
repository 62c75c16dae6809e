using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Vedette.Audit.Blocks;
using Vedette.Audit.Events;
using Vedette.Audit.Json;

namespace Vedette.Audit.Decoding;

/// <summary>
/// Reads an event that is written as kube-apiserver writes it: compact, members in the order of the Go types (staging/src/k8s.io/apiserver/pkg/apis/audit/v1/types.go),
/// with kind and apiVersion or, in a webhook's list, without. Every name is compared where it must stand, so that no name is ever searched for. Anything else is refused,
/// and the <see cref="EventWalker{TKernel}"/> reads it; what is accepted here the walker would accept with the same answer:
/// <list type="bullet">
/// <item>It goes from the front to the back and steps over each string and each object by its own end (<see cref="BlockScan{TKernel}"/> counts depth), so nothing that
/// stands inside a value, however much it looks like the rest of an event, can be taken for a member.</item>
/// <item>Members come in one strict order, none twice, none unknown: there are no duplicates of which another could win. Annotations, a map, may repeat: the last wins.</item>
/// <item>Names of annotations with escapes, values of unusual kinds, white space, members missing that are always written: refused.</item>
/// </list>
/// </summary>
/// <remarks>
/// The methods take a place in the text and return the place after what they read. Where something is not as expected they return the text's length or more: nothing follows there, so each further
/// step fails too, and one check at the end is enough. The text may go on behind the event's line, so that blocks can be read whole; what is found there is no part of the event.
/// </remarks>
internal static class EventTemplate<TKernel>
    where TKernel : IBlockKernel
{
    // Each with the object itself: where that is wanted the walker goes inside, and finds what does not belong there.
    private static readonly FieldSet s_inUser = FieldSet.Of(AuditField.User, AuditField.UserName, AuditField.UserUid, AuditField.UserGroups, AuditField.UserExtra);

    private static readonly FieldSet s_inImpersonatedUser = FieldSet.Of(
        AuditField.ImpersonatedUser, AuditField.ImpersonatedUserName, AuditField.ImpersonatedUserUid, AuditField.ImpersonatedUserGroups, AuditField.ImpersonatedUserExtra);

    private static readonly FieldSet s_inObjectRef = FieldSet.Of(
        AuditField.ObjectRef, AuditField.ObjectResource, AuditField.ObjectNamespace, AuditField.ObjectName, AuditField.ObjectUid, AuditField.ObjectApiGroup,
        AuditField.ObjectApiVersion, AuditField.ObjectResourceVersion, AuditField.ObjectSubresource);

    private static readonly FieldSet s_inAnnotations = FieldSet.Of(AuditField.Annotations, AuditField.Decision, AuditField.DecisionReason, AuditField.Truncated);

    /// <summary>Reads the event at the start of a text.</summary>
    /// <param name="json">The text; more may follow the event.</param>
    /// <param name="limit">The event must end here or before; nothing is looked for behind it.</param>
    /// <param name="wanted">The fields to locate.</param>
    /// <param name="fields">Takes the ranges; what is in them when the event is refused means nothing.</param>
    /// <returns>The event's length; 0 when it is not written as expected.</returns>
    public static int Read(ReadOnlySpan<byte> json, int limit, FieldSet wanted, Span<JsonRange> fields)
    {
        FieldSlots slots = new(fields, wanted, limit);
        int at;
        if (Follows(json, 0, "{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"level\":\""u8))
        {
            fields.Clear();
            slots.Set(AuditField.Kind, 9, 14, JsonKind.String);
            slots.Set(AuditField.ApiVersion, 30, 45, JsonKind.String);
            at = 56;
        }
        else if (Follows(json, 0, "{\"level\":\""u8))
        {
            fields.Clear();
            at = 10;
        }
        else
        {
            return 0;
        }

        at = Text(json, at, AuditField.Level, slots);
        at = Text(json, After(json, at, ",\"auditID\":\""u8), "00000000-0000-0000-0000-000000000000".Length, AuditField.AuditId, slots);
        at = Text(json, After(json, at, ",\"stage\":\""u8), AuditField.Stage, slots);
        at = Text(json, After(json, at, ",\"requestURI\":\""u8), AuditField.RequestUri, slots);
        at = Text(json, After(json, at, ",\"verb\":\""u8), AuditField.Verb, slots);
        at = User(json, After(json, at, ",\"user\":"u8), AuditField.User, s_inUser, slots);
        if (Follows(json, at, ",\"impersonatedUser\":"u8))
        {
            at = User(json, at + 20, AuditField.ImpersonatedUser, s_inImpersonatedUser, slots);
        }

        if (Follows(json, at, ",\"authenticationMetadata\":"u8))
        {
            at = AuthenticationMetadata(json, at + 26, slots);
        }

        if (Follows(json, at, ",\"sourceIPs\":["u8))
        {
            at = Container(json, at + 13, AuditField.SourceIps, JsonKind.Array, slots);
        }

        if (Follows(json, at, ",\"userAgent\":\""u8))
        {
            at = Text(json, at + 14, AuditField.UserAgent, slots);
        }

        if (Follows(json, at, ",\"objectRef\":"u8))
        {
            at = ObjectRef(json, at + 13, slots);
        }

        if (Follows(json, at, ",\"responseStatus\":"u8))
        {
            at = StatusTemplate<TKernel>.Read(json, at + 18, slots);
        }

        if (Follows(json, at, ",\"requestObject\":"u8))
        {
            at = Body(json, at + 17, AuditField.RequestObject, slots);
        }

        if (Follows(json, at, ",\"responseObject\":"u8))
        {
            at = Body(json, at + 18, AuditField.ResponseObject, slots);
        }

        at = Text(json, After(json, at, ",\"requestReceivedTimestamp\":\""u8), "0000-00-00T00:00:00.000000Z".Length, AuditField.RequestReceivedTimestamp, slots);
        at = Text(json, After(json, at, ",\"stageTimestamp\":\""u8), "0000-00-00T00:00:00.000000Z".Length, AuditField.StageTimestamp, slots);
        if (Follows(json, at, ",\"annotations\":"u8))
        {
            at = Annotations(json, at + 15, slots);
        }

        return at < limit && Follows(json, at, "}"u8) ? at + 1 : 0;
    }

    /// <summary>Does this text stand here?</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool Follows(ReadOnlySpan<byte> json, int at, ReadOnlySpan<byte> literal) =>
        at <= json.Length - literal.Length
        && MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref MemoryMarshal.GetReference(json), at), literal.Length).SequenceEqual(literal);

    /// <summary>Steps over text that must stand here.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int After(ReadOnlySpan<byte> json, int at, ReadOnlySpan<byte> literal) => Follows(json, at, literal) ? at + literal.Length : json.Length;

    /// <summary>A string; <paramref name="at"/> is the first byte after its opening quote.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int Text(ReadOnlySpan<byte> json, int at, AuditField field, in FieldSlots slots)
    {
        int end = BlockScan<TKernel>.StringEnd(json, at, slots.Limit, out bool isEscaped);
        slots.Set(field, at, end, JsonKind.String, isEscaped);
        return end + 1;
    }

    /// <summary>
    /// A string that kube-apiserver nearly always writes with the same length. That length is in a branch, which the processor foretells, so that it reads on before the string's end has been
    /// found; a sum would have to wait for it.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Text(ReadOnlySpan<byte> json, int at, int usualLength, AuditField field, in FieldSlots slots)
    {
        int end = BlockScan<TKernel>.StringEnd(json, at, slots.Limit, out bool isEscaped);
        if (end - at == usualLength)
        {
            slots.Set(field, at, at + usualLength, JsonKind.String, isEscaped);
            return at + usualLength + 1;
        }

        slots.Set(field, at, end, JsonKind.String, isEscaped);
        return end + 1;
    }

    /// <summary>An object or array, whatever is inside; <paramref name="at"/> is its opening bracket.</summary>
    internal static int Container(ReadOnlySpan<byte> json, int at, AuditField field, JsonKind kind, in FieldSlots slots)
    {
        int end = BlockScan<TKernel>.ContainerEnd(json, at, slots.Limit) + 1;
        slots.Set(field, at, end, kind);
        return end;
    }

    /// <summary>A request's or response's object: what a client sent, of any shape.</summary>
    private static int Body(ReadOnlySpan<byte> json, int at, AuditField field, in FieldSlots slots) =>
        Follows(json, at, "{"u8) ? Container(json, at, field, JsonKind.Object, slots)
        : Follows(json, at, "["u8) ? Container(json, at, field, JsonKind.Array, slots)
        : json.Length;

    private static int User(ReadOnlySpan<byte> json, int at, AuditField user, FieldSet inside, in FieldSlots slots)
    {
        if (!slots.Wants(inside) && Follows(json, at, "{"u8))
        {
            return Container(json, at, user, JsonKind.Object, slots);
        }

        // The fields of both users stand in the same order in the catalogue.
        int start = at;
        if (Follows(json, at, "{\"username\":\""u8))
        {
            at = Text(json, at + 13, user + 1, slots);
            if (Follows(json, at, ",\"uid\":\""u8))
            {
                at = Text(json, at + 8, user + 2, slots);
            }

            if (Follows(json, at, ",\"groups\":["u8))
            {
                at = Container(json, at + 10, user + 3, JsonKind.Array, slots);
            }

            if (Follows(json, at, ",\"extra\":{"u8))
            {
                at = Container(json, at + 9, user + 4, JsonKind.Object, slots);
            }

            at = After(json, at, "}"u8);
        }
        else
        {
            // A request that did not authenticate.
            at = After(json, at, "{}"u8);
        }

        slots.Set(user, start, at, JsonKind.Object);
        return at;
    }

    private static int AuthenticationMetadata(ReadOnlySpan<byte> json, int at, in FieldSlots slots)
    {
        int start = at;
        at = Text(json, After(json, at, "{\"impersonationConstraint\":\""u8), AuditField.ImpersonationConstraint, slots);
        at = After(json, at, "}"u8);
        slots.Set(AuditField.AuthenticationMetadata, start, at, JsonKind.Object);
        return at;
    }

    private static int ObjectRef(ReadOnlySpan<byte> json, int at, in FieldSlots slots)
    {
        if (!slots.Wants(s_inObjectRef) && Follows(json, at, "{"u8))
        {
            return Container(json, at, AuditField.ObjectRef, JsonKind.Object, slots);
        }

        int start = at;
        at = Text(json, After(json, at, "{\"resource\":\""u8), AuditField.ObjectResource, slots);
        if (Follows(json, at, ",\"namespace\":\""u8))
        {
            at = Text(json, at + 14, AuditField.ObjectNamespace, slots);
        }

        if (Follows(json, at, ",\"name\":\""u8))
        {
            at = Text(json, at + 9, AuditField.ObjectName, slots);
        }

        if (Follows(json, at, ",\"uid\":\""u8))
        {
            at = Text(json, at + 8, AuditField.ObjectUid, slots);
        }

        if (Follows(json, at, ",\"apiGroup\":\""u8))
        {
            at = Text(json, at + 13, AuditField.ObjectApiGroup, slots);
        }

        if (Follows(json, at, ",\"apiVersion\":\""u8))
        {
            at = Text(json, at + 15, AuditField.ObjectApiVersion, slots);
        }

        if (Follows(json, at, ",\"resourceVersion\":\""u8))
        {
            at = Text(json, at + 20, AuditField.ObjectResourceVersion, slots);
        }

        if (Follows(json, at, ",\"subresource\":\""u8))
        {
            at = Text(json, at + 16, AuditField.ObjectSubresource, slots);
        }

        at = After(json, at, "}"u8);
        slots.Set(AuditField.ObjectRef, start, at, JsonKind.Object);
        return at;
    }

    private static int Annotations(ReadOnlySpan<byte> json, int at, in FieldSlots slots)
    {
        if (!slots.Wants(s_inAnnotations) && Follows(json, at, "{"u8))
        {
            return Container(json, at, AuditField.Annotations, JsonKind.Object, slots);
        }

        int start = at;
        // The separator that stands before the next member.
        bool more = Follows(json, at, "{\""u8);
        while (more)
        {
            if (Follows(json, at + 1, "\"authorization.k8s.io/decision\":\""u8))
            {
                at = Text(json, at + 34, AuditField.Decision, slots);
            }
            else if (Follows(json, at + 1, "\"authorization.k8s.io/reason\":\""u8))
            {
                at = Text(json, at + 32, AuditField.DecisionReason, slots);
            }
            else if (Follows(json, at + 1, "\"audit.k8s.io/truncated\":\""u8))
            {
                at = Text(json, at + 27, AuditField.Truncated, slots);
            }
            else
            {
                int end = BlockScan<TKernel>.StringEnd(json, at + 2, slots.Limit, out bool isEscaped);
                int value = After(json, end, "\":\""u8);
                // An escaped name may be one of the three.
                at = value < json.Length && !isEscaped ? BlockScan<TKernel>.StringEnd(json, value, slots.Limit, out _) + 1 : json.Length;
            }

            more = Follows(json, at, ",\""u8);
        }

        at = at == start ? After(json, at, "{}"u8) : After(json, at, "}"u8);
        slots.Set(AuditField.Annotations, start, at, JsonKind.Object);
        return at;
    }
}
