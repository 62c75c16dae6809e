using Vedette.Audit.Events;
using Vedette.Audit.Json;

namespace Vedette.Detection.Fields;

/// <summary>The object that a request writes.</summary>
internal static class WrittenObject
{
    /// <summary>
    /// The object as it stands after the request. The body of a patch is only the difference, so the response counts where the level carries it; for everything else the body sent.
    /// </summary>
    public static JsonValue Of(in EventView view, FieldResolver into)
    {
        JsonValue request = view[AuditField.RequestObject];
        if (!view[AuditField.Verb].StringEquals("patch"u8))
        {
            return request;
        }

        JsonValue response = view[AuditField.ResponseObject];
        return response.Kind == JsonKind.Object && !into.Member(response, "kind"u8).StringEquals("Status"u8) ? response : request;
    }

    /// <summary>What the request itself says: its body, or for a JSON patch (an array of operations) the object that came of it.</summary>
    public static JsonValue Change(in EventView view, FieldResolver into)
    {
        JsonValue request = view[AuditField.RequestObject];
        return request.Kind == JsonKind.Object ? request : Of(view, into);
    }
}
