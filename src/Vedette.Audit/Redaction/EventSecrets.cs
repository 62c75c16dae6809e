using Vedette.Audit.Events;
using Vedette.Audit.Json;

namespace Vedette.Audit.Redaction;

/// <summary>
/// Finds the secrets of an event. Of one written as kube-apiserver writes, its located fields decide whether there can be any, and nothing else is read. Any other is walked, since it may have
/// members twice, and readers differ about which they take.
/// </summary>
internal static class EventSecrets
{
    /// <summary>Notes the secrets of an event.</summary>
    /// <param name="view">The event, all fields located.</param>
    /// <param name="uris">Finds secrets in URIs.</param>
    /// <param name="into">Takes them, in the order in which they stand.</param>
    public static void Find(in EventView view, UriSecrets uris, SecretRanges into)
    {
        if (!view.IsPlain)
        {
            Walk(view, uris, into);
            return;
        }

        JsonValue subresource = view[AuditField.ObjectSubresource];
        SecretText text = new(view.Json);
        if (SecretKindsOf.IsUriOfClient(subresource))
        {
            uris.Find(text, view[AuditField.RequestUri], into);
        }

        JsonValue request = view[AuditField.RequestObject];
        JsonValue response = view[AuditField.ResponseObject];
        if (!request.Exists && !response.Exists)
        {
            return;
        }

        SecretKinds kinds = SecretKindsOf.Resource(view[AuditField.ObjectResource], view[AuditField.ObjectApiGroup], subresource);
        BodySecrets bodies = new(text, into);
        bodies.Find(request, kinds);
        bodies.Find(response, kinds);
    }

    private static void Walk(in EventView view, UriSecrets uris, SecretRanges into)
    {
        SecretKinds kinds = SecretKinds.None;
        bool hasResource = false;
        bool isUriOfClient = false;
        new JsonScanner(view.Json).TryReadValue(out JsonValue root);
        foreach (JsonMember member in root.Members())
        {
            if (Names.Equal(member, "objectRef"u8))
            {
                kinds |= KindsOf(member.Value, ref isUriOfClient);
                hasResource = true;
            }
        }

        SecretText text = new(view.Json);
        BodySecrets bodies = new(text, into);
        foreach (JsonMember member in root.Members())
        {
            if (isUriOfClient && Names.Equal(member, "requestURI"u8))
            {
                uris.Find(text, member.Value, into);
            }
            else if (Names.Equal(member, "requestObject"u8) || Names.Equal(member, "responseObject"u8))
            {
                bodies.Find(member.Value, hasResource ? kinds : SecretKinds.ByKind);
            }
        }
    }

    /// <summary>What an objectRef says; all that it says, where it says things twice.</summary>
    private static SecretKinds KindsOf(JsonValue reference, ref bool isUriOfClient)
    {
        JsonValue group = reference.Member("apiGroup"u8);
        SecretKinds kinds = reference.Member("resource"u8).Exists ? SecretKinds.None : SecretKinds.ByKind;
        foreach (JsonMember member in reference.Members())
        {
            if (member.NameEquals("resource"u8))
            {
                kinds |= SecretKindsOf.Resource(member.Value, group, default);
            }
            else if (member.NameEquals("subresource"u8))
            {
                kinds |= member.Value.StringEquals("token"u8) ? SecretKinds.Token | SecretKinds.ByKind : SecretKinds.None;
                isUriOfClient |= SecretKindsOf.IsUriOfClient(member.Value);
            }
        }

        return kinds;
    }
}
