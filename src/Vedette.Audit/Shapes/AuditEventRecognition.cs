using Vedette.Audit.Events;
using Vedette.Audit.Json;

namespace Vedette.Audit.Shapes;

/// <summary>Says whether a JSON object is an audit event.</summary>
public static class AuditEventRecognition
{
    /// <summary>
    /// True for kind Event of any version of audit.k8s.io; for kind Event without apiVersion, or without both (items of a list), when it has what only an audit event has: an
    /// auditID, or a stage, verb or requestURI of text together with another field of the format. Core and events.k8s.io Events are not.
    /// </summary>
    public static bool IsAuditEvent(in EventView view)
    {
        JsonValue kind = view[AuditField.Kind];
        JsonValue apiVersion = view[AuditField.ApiVersion];
        if (kind.Exists && !kind.StringEquals("Event"u8))
        {
            return false;
        }

        if (apiVersion.Exists)
        {
            return kind.Exists && apiVersion.Kind == JsonKind.String && apiVersion.Raw.StartsWith("audit.k8s.io/"u8);
        }

        bool known = view[AuditField.Stage].Kind == JsonKind.String || view[AuditField.Verb].Kind == JsonKind.String
            || view[AuditField.RequestUri].Kind == JsonKind.String;
        return known && (kind.Exists || view[AuditField.AuditId].Kind == JsonKind.String || view[AuditField.User].Kind == JsonKind.Object
            || view[AuditField.ObjectRef].Kind == JsonKind.Object);
    }

    /// <summary>True for the beta and alpha versions, whose members differ a little from v1.</summary>
    public static bool IsOldVersion(in EventView view) => view[AuditField.ApiVersion].Exists && !view[AuditField.ApiVersion].StringEquals("audit.k8s.io/v1"u8);
}
