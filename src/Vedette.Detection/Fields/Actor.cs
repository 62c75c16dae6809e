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
        string? name = view[HasImpersonatedUser(view) ? AuditField.ImpersonatedUserName : AuditField.UserName].AsString();
        if (string.IsNullOrEmpty(name))
        {
            return;
        }

        into.AddText(name switch
        {
            "system:anonymous" => "anonymous"u8,
            _ when name.StartsWith("system:serviceaccount:", StringComparison.Ordinal) => "serviceaccount"u8,
            _ when name.StartsWith("system:node:", StringComparison.Ordinal) => "node"u8,
            _ when name.StartsWith("system:", StringComparison.Ordinal) => "system"u8,
            _ => "user"u8,
        });
    }
}
