using System.Collections.Frozen;
using System.Collections.Immutable;
using Vedette.Audit.Events;
using Vedette.Audit.Json;
using Vedette.Detection.Fields;

namespace Vedette.Detection.Logic;

/// <summary>A value that a field may have.</summary>
internal readonly record struct PossibleValue(string Text, JsonKind Kind)
{
    /// <summary>Stands for every text that no rule names.</summary>
    public static PossibleValue Other { get; } = new("\u0001other", JsonKind.String);
}

/// <summary>
/// What an audit.k8s.io/v1 Event can hold: which paths exist, which fields have but a few values (staging/src/k8s.io/apiserver/pkg/apis/audit/v1/types.go, pkg/audit/request.go and
/// pkg/endpoints/request/requestinfo.go of Kubernetes 1.36).
/// </summary>
internal static class EventSchema
{
    /// <summary>Verbs of requests that name a resource. The empty one is that of an unknown HTTP method.</summary>
    public static ImmutableArray<string> ResourceVerbs { get; } = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "proxy", ""];

    /// <summary>Verbs of requests that name none: HTTP methods in lower case.</summary>
    public static ImmutableArray<string> NonResourceVerbs { get; } = ["get", "post", "put", "patch", "delete", "head", "options"];

    /// <summary>Subresources that connect to something instead of reading or writing an object.</summary>
    public static ImmutableArray<string> ConnectSubresources { get; } = ["exec", "attach", "portforward", "proxy"];

    private static readonly FrozenDictionary<string, ImmutableArray<PossibleValue>> s_domains = new Dictionary<string, ImmutableArray<PossibleValue>>(StringComparer.Ordinal)
    {
        ["kind"] = Texts("Event"),
        ["apiVersion"] = Texts("audit.k8s.io/v1", "audit.k8s.io/v1beta1", "audit.k8s.io/v1alpha1"),
        ["verb"] = Texts([.. ResourceVerbs.Union(NonResourceVerbs, StringComparer.Ordinal)]),
        ["level"] = Texts("Metadata", "Request", "RequestResponse"),
        ["stage"] = Texts("RequestReceived", "ResponseStarted", "ResponseComplete", "Panic"),
        ["annotations.authorization.k8s.io/decision"] = Texts("allow", "forbid"),
        ["annotations.audit.k8s.io/truncated"] = Texts("true"),
        ["responseStatus.status"] = Texts("Success", "Failure", ""),
        ["responseStatus.code"] = [.. Enumerable.Range(100, 500).Select(code => new PossibleValue(code.ToString(System.Globalization.CultureInfo.InvariantCulture), JsonKind.Number))],
        ["vedette.operation"] = Texts([.. ResourceVerbs.Union(NonResourceVerbs, StringComparer.Ordinal).Union(ConnectSubresources, StringComparer.Ordinal)]),
        ["vedette.actor.kind"] = Texts("anonymous", "serviceaccount", "node", "system", "user"),
        ["vedette.impersonated"] = Booleans,
        ["vedette.source.isPublic"] = Booleans,
        ["vedette.success"] = Booleans,
        ["vedette.dryRun"] = Booleans,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    // Objects whose members are the user's or the object's own.
    private static readonly FrozenSet<AuditField> s_open =
    [
        AuditField.UserExtra, AuditField.ImpersonatedUserExtra, AuditField.RequestObject, AuditField.ResponseObject, AuditField.Annotations, AuditField.ResponseMetadata,
        AuditField.ResponseDetailsCauses,
    ];

    private static readonly FrozenSet<AuditField> s_lists = [AuditField.UserGroups, AuditField.ImpersonatedUserGroups, AuditField.SourceIps, AuditField.ResponseDetailsCauses];

    private static readonly FrozenSet<string> s_singleDerived = new[]
    {
        "vedette.operation", "vedette.resource", "vedette.actor", "vedette.actor.kind", "vedette.impersonated", "vedette.source.ip", "vedette.source.network", "vedette.source.isPublic",
        "vedette.success", "vedette.dryRun", "vedette.path", "vedette.exec.command", "vedette.rbac.role",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Every path with a name of its own: fields of the event, then derived ones.</summary>
    public static ImmutableArray<string> KnownPaths { get; } = [.. FieldCatalogue.Paths, .. DerivedFields.Paths];

    private static ImmutableArray<PossibleValue> Booleans => [new("true", JsonKind.True), new("false", JsonKind.False)];

    /// <summary>Can an event have something at this path?</summary>
    public static bool CanExist(string path)
    {
        FieldPath parsed = FieldPath.Parse(path);
        if (parsed.Derived is not null)
        {
            return true;
        }

        // The event as a whole may be wrapped by nothing that Vedette leaves in place, so a path begins at a field of the event.
        if (parsed.Field is not { } field)
        {
            return false;
        }

        string below = path.Length == FieldCatalogue.PathOf(field).Length ? "" : path[(FieldCatalogue.PathOf(field).Length + 1)..];
        return below.Length == 0 || s_open.Contains(field) || (s_lists.Contains(field) && uint.TryParse(below, out _));
    }

    /// <summary>Has the field at most one value?</summary>
    public static bool IsSingle(string path) => path.StartsWith("vedette.", StringComparison.Ordinal)
        ? s_singleDerived.Contains(path)
        : FieldCatalogue.TryFind(path, out AuditField field) && !s_lists.Contains(field);

    /// <summary>The values that the field can have; null when they are open.</summary>
    public static ImmutableArray<PossibleValue>? Domain(string path) => s_domains.TryGetValue(path, out ImmutableArray<PossibleValue> values) ? values : null;

    /// <summary>Is the field in every event, whatever wrote it?</summary>
    public static bool IsAlwaysThere(string path) => path is "verb" or "vedette.operation" or "vedette.dryRun" or "vedette.impersonated";

    /// <summary>Of what is known, the path most like this one; null when none is like it.</summary>
    public static string? Nearest(string path)
    {
        string? best = null;
        int least = Math.Max(2, path.Length / 3) + 1;
        foreach (string known in KnownPaths)
        {
            foreach (string candidate in (ReadOnlySpan<string>)[known, known[(known.LastIndexOf('.') + 1)..]])
            {
                int distance = Spelling.Distance(path, candidate, least);
                if (distance < least)
                {
                    (best, least) = (known, distance);
                }
            }
        }

        return best;
    }

    private static ImmutableArray<PossibleValue> Texts(params ReadOnlySpan<string> texts) => [.. texts.ToArray().Select(text => new PossibleValue(text, JsonKind.String))];
}
