using System.Collections.Immutable;
using Vedette.Audit.Events;
using Vedette.Audit.Needs;
using Vedette.Detection.Fields;
using Vedette.Detection.Logic;

namespace Vedette.Detection.Needs;

/// <summary>What a field of a body asks of requests and of the level (docs/fields.md, pkg/audit/request.go).</summary>
internal static class NeedOfBody
{
    private static readonly TextSet s_patch = TextSet.Of("patch");
    private static readonly TextSet s_write = TextSet.Of("create", "update", "delete", "deletecollection", "post", "put");
    private static readonly TextSet s_delete = TextSet.Of("delete", "deletecollection");
    private static readonly TextSet s_ordinary = TextSet.Except([.. EventSchema.ConnectSubresources, "log"]);
    private static readonly TextSet s_none = TextSet.Of("");
    private static readonly TextSet s_workloads = TextSet.Of(KubernetesResources.Workloads);
    private static readonly TextSet s_workloadBodies = TextSet.Of("", "ephemeralcontainers");
    private static readonly TextSet s_bindings = TextSet.Of("rolebindings", "clusterrolebindings");
    private static readonly TextSet s_roles = TextSet.Of("roles", "clusterroles");
    private static readonly TextSet s_certificateRequests = TextSet.Of("certificatesigningrequests");

    /// <summary>The levels at which a field is seen, by kinds of requests: below the first nowhere, from the second on always. Empty when it does not come from a body.</summary>
    public static ImmutableArray<(RequestShape Requests, NeededLevel Level, NeededLevel Sure)> Of(string path)
    {
        FieldPath field = FieldPath.Parse(path);
        if (field.Field == AuditField.RequestObject)
        {
            return [(RequestShape.Any with { Verbs = s_write, Subresources = s_ordinary }, NeededLevel.Request, NeededLevel.Request), (Patch(RequestShape.Any), NeededLevel.Request, NeededLevel.Request)];
        }

        if (field.Field == AuditField.ResponseObject)
        {
            return [(RequestShape.Any with { Verbs = TextSet.Except("watch"), Subresources = s_ordinary }, NeededLevel.RequestResponse, NeededLevel.RequestResponse)];
        }

        if (field.Derived is not { } derived || !DerivedFields.NeedsRequestBody(derived))
        {
            return [];
        }

        RequestShape requests = RequestsOf(derived);
        return [(requests with { Verbs = s_write }, NeededLevel.Request, NeededLevel.Request), (Patch(requests), NeededLevel.Request, NeededLevel.RequestResponse)];
    }

    /// <summary>The requests whose body can say that they are dry runs: the options of a delete.</summary>
    public static RequestShape DryRuns { get; } = RequestShape.Any with { HasPaths = false, Verbs = s_delete };

    /// <summary>Do these tests look at <c>metadata.managedFields</c>, or at the text of an object that holds it?</summary>
    public static bool LooksAtManagedFields(Facts facts, string path) => path.Contains(".managedFields", StringComparison.Ordinal)
        || (path is "requestObject" or "responseObject" or "vedette.object" or "requestObject.metadata" or "responseObject.metadata" or "vedette.object.metadata"
            && facts.WantedOf(path).Count + facts.UnwantedOf(path).Count > 0);

    private static RequestShape Patch(RequestShape requests) => requests with { Verbs = s_patch, Subresources = requests.Subresources.And(s_ordinary) };

    private static RequestShape RequestsOf(DerivedField derived) => derived switch
    {
        >= DerivedField.PodSpec and <= DerivedField.PodSpecCapabilities => Of(s_workloads, s_workloadBodies),
        DerivedField.RbacRole or DerivedField.RbacSubjects => Of(s_bindings, s_none),
        DerivedField.RbacGrants => Of(s_roles, s_none),
        DerivedField.CsrUser or DerivedField.CsrGroups => Of(s_certificateRequests, s_none),
        _ => RequestShape.Any with { Subresources = s_ordinary },
    };

    private static RequestShape Of(TextSet resources, TextSet subresources) => RequestShape.Any with { HasPaths = false, Resources = resources, Subresources = subresources };
}
