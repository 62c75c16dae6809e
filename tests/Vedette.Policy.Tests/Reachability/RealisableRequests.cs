using System.Collections.Immutable;
using Vedette.Policy.Requests;
using Vedette.Policy.Resources;
using Vedette.Policy.Tests.Evaluation;

namespace Vedette.Policy.Tests.Reachability;

/// <summary>
/// Every request that can tell policies of <see cref="RandomPolicies"/> apart, made as clients make them: a method and a URI by somebody, through what kube-apiserver reads out of them. Knows
/// nothing of how the space is divided.
/// </summary>
internal static class RealisableRequests
{
    private static readonly string[] s_spaces = ["dev", "kube-system", "web", "elsewhere"];

    private static readonly string[] s_names = ["web", "*", "else"];

    /// <summary>Who can ask; null: nobody who authenticates.</summary>
    public static ImmutableArray<RequestUser?> Users { get; } =
    [
        null, Implied("system:anonymous"), Implied("system:serviceaccount:dev:web"), Implied("system:serviceaccount:dev:other"), Implied("system:serviceaccount:kube-system:other"),
        Implied("system:node:n1"), Implied("system:node:n2"), .. from name in (string[])["alice", "bob", "carol"] from groups in Subsets(["system:masters", "developers", "*", "system:nodes"])
            select ImpliedGroups.UserOf(name, groups),
    ];

    /// <summary>What can be asked.</summary>
    public static ImmutableArray<RequestAttributes> Operations { get; } = [.. ForResources().Concat(ForPaths()).DistinctBy(request => request with { ApiVersion = "", Path = request.IsResourceRequest ? "" : request.Path })];

    private static IEnumerable<RequestAttributes> ForResources()
    {
        foreach (ApiResource resource in ApiCatalogue.Kubernetes.Resources)
        {
            foreach (RequestAttributes request in Of(resource.Group, resource.Name, "", resource.Verbs, resource.IsNamespaced, !resource.IsNamespaced)
                .Concat(resource.Subresources.SelectMany(sub => Of(resource.Group, resource.Name, sub.Key, sub.Value, resource.IsNamespaced, !resource.IsNamespaced))))
            {
                yield return request;
            }
        }

        foreach (string name in (string[])["pods", "deployments", "namespaces", "widgets"])
        {
            foreach (RequestAttributes request in ((string[])["", "log", "other"]).SelectMany(sub => Of(
                "example.com", name, sub, sub.Length > 0 ? ["create", "get", "update", "patch", "delete"] : ["create", "get", "update", "patch", "delete", "deletecollection", "list", "watch"], true, true)))
            {
                // What a custom resource called namespaces is asked in is read as a namespace.
                if (request.Resource == name)
                {
                    yield return request;
                }
            }
        }
    }

    private static IEnumerable<RequestAttributes> Of(string group, string resource, string subresource, ImmutableArray<string> verbs, bool isNamespaced, bool isCluster)
    {
        string root = group.Length == 0 ? "/api/v1" : $"/apis/{group}/v1";
        foreach (string verb in verbs)
        {
            bool isList = verb is "list" or "watch";
            string[] roots = [.. isNamespaced ? s_spaces.Select(space => $"{root}/namespaces/{space}") : [], .. isCluster || isList ? new[] { root } : []];
            bool needsName = subresource.Length > 0 || verb is "get" or "update" or "patch" or "delete";
            string[] names = resource == "namespaces" && needsName ? [.. s_names, .. s_spaces] : s_names;
            string[] tails = needsName ? [.. names.Select(name => $"/{name}{(subresource.Length > 0 ? "/" : "")}{subresource}")]
                : isList ? ["", .. names.Select(name => $"?fieldSelector=metadata.name%3D{name}")] : [""];
            foreach (string uri in roots.SelectMany(start => tails.Select(tail => $"{start}/{resource}{tail}")))
            {
                string watched = verb == "watch" ? uri + (uri.Contains('?', StringComparison.Ordinal) ? "&watch=true" : "?watch=true") : uri;
                if (resource == "namespaces" && group.Length == 0 && needsName && uri.Contains("/*", StringComparison.Ordinal))
                {
                    continue;
                }

                yield return Request(verb switch { "create" => "POST", "update" => "PUT", "patch" => "PATCH", "delete" or "deletecollection" => "DELETE", _ => "GET" }, watched);
            }
        }
    }

    private static IEnumerable<RequestAttributes> ForPaths() =>
        from method in (string[])["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
        from path in (string[])["/", "/healthz", "/healthz/ping", "/healthzz", "/metrics", "/version", "/api", "/apis/apps/v1"]
        select Request(method, path);

    private static RequestAttributes Request(string method, string uri) => RequestAttributes.Of(RequestInfo.Parse(method, uri, out _), null);

    private static RequestUser Implied(string name) => ImpliedGroups.UserOf(name, []);

    private static IEnumerable<string[]> Subsets(string[] of) => Enumerable.Range(0, 1 << of.Length).Select(bits => of.Where((_, index) => (bits >> index & 1) == 1).ToArray());
}
