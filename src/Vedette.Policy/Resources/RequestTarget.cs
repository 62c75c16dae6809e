using System.Collections.Immutable;

namespace Vedette.Policy.Resources;

/// <summary>Where objects of a resource are.</summary>
internal enum ResourceScope
{
    /// <summary>In namespaces.</summary>
    Namespaced,

    /// <summary>In none.</summary>
    Cluster,

    /// <summary>In namespaces or not: a resource of which nothing is known.</summary>
    Unknown,

    /// <summary>Namespaces themselves: a request for one by its name is in the namespace of that name.</summary>
    Namespaces,
}

/// <summary>A resource or a subresource that can be asked for (docs/policy-space.md), with the verbs it serves.</summary>
internal sealed record RequestTarget(string ApiGroup, string Resource, string Subresource, ResourceScope Scope, ImmutableArray<string> Verbs)
{
    private static readonly ImmutableArray<string> s_objectVerbs = ["create", "delete", "get", "patch", "update"];
    private static readonly ImmutableArray<string> s_verbs = [.. s_objectVerbs, "deletecollection", "list", "watch"];

    /// <summary>HTTP methods, as verbs of requests for paths of no resource.</summary>
    public static ImmutableArray<string> Methods { get; } = ["get", "post", "put", "patch", "delete", "head", "options"];

    /// <summary>Paths of no resource that kube-apiserver serves.</summary>
    public static ImmutableArray<string> Paths { get; } =
        ["/healthz", "/livez", "/readyz", "/metrics", "/version", "/api", "/apis", "/openapi/v2", "/openapi/v3", "/.well-known/openid-configuration"];

    /// <summary>All that a catalogue names.</summary>
    public static IEnumerable<RequestTarget> Of(ApiCatalogue catalogue) => catalogue.Resources.SelectMany(resource => resource.Subresources
        .Select(sub => new RequestTarget(resource.Group, resource.Name, sub.Key, ScopeOf(resource), sub.Value))
        .Prepend(new RequestTarget(resource.Group, resource.Name, "", ScopeOf(resource), resource.Verbs)));

    /// <summary>One that no catalogue names: any verb that there is for such.</summary>
    public static RequestTarget Unknown(string apiGroup, string resource, string subresource) =>
        new(apiGroup, resource, subresource, ResourceScope.Unknown, subresource.Length > 0 ? s_objectVerbs : s_verbs);

    private static ResourceScope ScopeOf(ApiResource resource) =>
        resource.IsNamespaced ? ResourceScope.Namespaced : resource is { Group: "", Name: "namespaces" } ? ResourceScope.Namespaces : ResourceScope.Cluster;
}
