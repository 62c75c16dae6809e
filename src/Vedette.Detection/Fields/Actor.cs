using Vedette.Audit.Events;
using Vedette.Audit.Json;

namespace Vedette.Detection.Fields;

/// <summary>The effective user: the impersonated one where there is one, else the authenticated one.</summary>
internal static class Actor
{
    /// <summary>Is an impersonated user named?</summary>
    public static bool HasImpersonatedUser(in EventView view) => view[AuditField.ImpersonatedUserName].Kind == JsonKind.String;

    /// <summary>Was impersonation used or refused? A refused one names no impersonated user, only its message tells (pkg/endpoints/filters/impersonation).</summary>
    public static bool IsImpersonated(in EventView view) =>
        HasImpersonatedUser(view)
        || (view[AuditField.ResponseCode].TryGetInt64(out long code) && code == 403
            && view[AuditField.ResponseMessage].Raw.IndexOf("cannot impersonate"u8) >= 0);

    /// <summary>Adds one of two fields, whichever is the effective user's.</summary>
    public static void Read(in EventView view, AuditField impersonated, AuditField authenticated, FieldResolver into)
    {
        JsonValue value = view[HasImpersonatedUser(view) ? impersonated : authenticated];
        if (value.Exists)
        {
            into.Add(view, value);
        }
    }

    /// <summary>Adds what kind of user it is, by its name.</summary>
    public static void ReadKind(in EventView view, FieldResolver into)
    {
        ReadOnlySpan<byte> name = Name(view, into);
        if (!name.IsEmpty)
        {
            into.AddText(
                name.SequenceEqual("system:anonymous"u8) ? "anonymous"u8
                : name.StartsWith(ServiceAccount) ? "serviceaccount"u8
                : name.StartsWith("system:node:"u8) ? "node"u8
                : name.StartsWith("system:"u8) ? "system"u8
                : "user"u8);
        }
    }

    /// <summary>Adds the namespace of a service account.</summary>
    public static void ReadNamespace(in EventView view, FieldResolver into)
    {
        ReadOnlySpan<byte> name = Name(view, into);
        if (name.StartsWith(ServiceAccount) && name[ServiceAccount.Length..] is var rest && rest.IndexOf((byte)':') is >= 0 and var end)
        {
            into.AddText(rest[..end]);
        }
    }

    private static ReadOnlySpan<byte> ServiceAccount => "system:serviceaccount:"u8;

    private static ReadOnlySpan<byte> Name(in EventView view, FieldResolver into) =>
        into.Unescaped(view[HasImpersonatedUser(view) ? AuditField.ImpersonatedUserName : AuditField.UserName]);
}
