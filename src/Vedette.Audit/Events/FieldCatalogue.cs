using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Vedette.Audit.Events;

/// <summary>The fields of an audit event by their own path, as rules and people write them: <c>objectRef.resource</c>.</summary>
public static class FieldCatalogue
{
    /// <summary>The path of every field, in the order of <see cref="AuditField"/>.</summary>
    public static ImmutableArray<string> Paths { get; } =
    [
        "kind", "apiVersion", "level", "auditID", "stage", "requestURI", "verb",
        "user", "user.username", "user.uid", "user.groups", "user.extra",
        "impersonatedUser", "impersonatedUser.username", "impersonatedUser.uid", "impersonatedUser.groups", "impersonatedUser.extra",
        "authenticationMetadata", "authenticationMetadata.impersonationConstraint",
        "sourceIPs", "userAgent",
        "objectRef", "objectRef.resource", "objectRef.namespace", "objectRef.name", "objectRef.uid", "objectRef.apiGroup",
        "objectRef.apiVersion", "objectRef.resourceVersion", "objectRef.subresource",
        "responseStatus", "responseStatus.metadata", "responseStatus.status", "responseStatus.message", "responseStatus.reason",
        "responseStatus.details", "responseStatus.details.name", "responseStatus.details.group", "responseStatus.details.kind",
        "responseStatus.details.uid", "responseStatus.details.causes", "responseStatus.details.retryAfterSeconds",
        "responseStatus.code",
        "requestObject", "responseObject", "requestReceivedTimestamp", "stageTimestamp",
        "annotations", "annotations.authorization.k8s.io/decision", "annotations.authorization.k8s.io/reason",
        "annotations.audit.k8s.io/truncated",
    ];

    private static readonly FrozenDictionary<string, AuditField> s_byPath =
        Paths.Select((path, index) => KeyValuePair.Create(path, (AuditField)index)).ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>How many fields there are.</summary>
    public static int Count => Paths.Length;

    /// <summary>The path of a field.</summary>
    public static string PathOf(AuditField field) => Paths[(int)field];

    /// <summary>Finds a field by its exact path.</summary>
    public static bool TryFind(string path, out AuditField field) => s_byPath.TryGetValue(path, out field);

    /// <summary>
    /// Splits a path into the longest field of the catalogue that it starts with, and what remains below that field
    /// (<c>requestObject.spec.nodeName</c> gives requestObject and <c>spec.nodeName</c>).
    /// </summary>
    /// <returns>False when the path starts with no field of an audit event.</returns>
    public static bool TrySplit(string path, out AuditField field, out string rest)
    {
        for (int end = path.Length; end > 0; end = path.LastIndexOf('.', end - 1))
        {
            if (s_byPath.TryGetValue(path[..end], out field))
            {
                rest = end == path.Length ? "" : path[(end + 1)..];
                return true;
            }
        }

        field = default;
        rest = path;
        return false;
    }
}
