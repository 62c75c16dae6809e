using Vedette.Audit.Events;
using Vedette.Audit.Json;

namespace Vedette.Detection.Engine;

/// <summary>Which bodies something needs, or which an event lacks because of its audit level.</summary>
[Flags]
public enum BodyNeeds
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>requestObject: level Request or RequestResponse.</summary>
    Request = 1,

    /// <summary>responseObject: level RequestResponse.</summary>
    Response = 2,
}

/// <summary>
/// Tells "the object has no such field" from "the log does not show the object": bodies are there from level Request on, in events that end a request, for verbs that have one
/// (staging/src/k8s.io/apiserver/pkg/audit/request.go), unless the backend cut them away (annotation audit.k8s.io/truncated; AKS: a text in their place).
/// </summary>
internal static class Bodies
{
    /// <summary>The fields that tell.</summary>
    public static FieldSet Fields { get; } = FieldSet.Of(
        AuditField.Stage, AuditField.Level, AuditField.Verb, AuditField.ObjectSubresource, AuditField.ResponseCode, AuditField.Truncated, AuditField.RequestObject, AuditField.ResponseObject);

    /// <summary>The bodies that this event would have had at level RequestResponse and does not show.</summary>
    public static BodyNeeds HiddenIn(in EventView view)
    {
        JsonValue stage = view[AuditField.Stage];
        if (stage.Exists && !stage.StringEquals("ResponseComplete"u8) && !stage.StringEquals("Panic"u8))
        {
            return BodyNeeds.None;
        }

        JsonValue level = view[AuditField.Level];
        bool metadata = level.StringEquals("Metadata"u8);
        bool truncated = view[AuditField.Truncated].StringEquals("true"u8);
        BodyNeeds hidden = BodyNeeds.None;
        if ((metadata || truncated || IsSkipped(view[AuditField.RequestObject])) && SendsBody(view))
        {
            hidden |= BodyNeeds.Request;
        }

        if ((metadata || truncated || level.StringEquals("Request"u8) || IsSkipped(view[AuditField.ResponseObject])) && ReturnsObject(view))
        {
            hidden |= BodyNeeds.Response;
        }

        return hidden;
    }

    private static bool SendsBody(in EventView view)
    {
        JsonValue verb = view[AuditField.Verb];
        bool writes = verb.StringEquals("create"u8) || verb.StringEquals("update"u8) || verb.StringEquals("patch"u8)
            || verb.StringEquals("delete"u8) || verb.StringEquals("deletecollection"u8);
        // A request refused before its body was read has none at any level.
        return writes && !IsConnect(view) && !(view[AuditField.ResponseCode].TryGetInt64(out long code) && code is 401 or 403);
    }

    private static bool ReturnsObject(in EventView view) => !view[AuditField.Verb].StringEquals("watch"u8) && !IsConnect(view);

    private static bool IsConnect(in EventView view)
    {
        JsonValue subresource = view[AuditField.ObjectSubresource];
        return subresource.StringEquals("exec"u8) || subresource.StringEquals("attach"u8) || subresource.StringEquals("portforward"u8)
            || subresource.StringEquals("proxy"u8) || subresource.StringEquals("log"u8);
    }

    // What Azure Monitor writes for an object that is too large for a column.
    private static bool IsSkipped(JsonValue body) => body.StringEquals("skipped-too-big-size-object"u8);
}
