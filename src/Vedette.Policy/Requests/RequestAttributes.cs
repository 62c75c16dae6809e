using System.Collections.Immutable;

namespace Vedette.Policy.Requests;

/// <summary>
/// What a policy rule sees of a request (authorizer.Attributes; pkg/endpoints/filters/authorization.go): from method and URI alone, before the body is read. Impersonation, body, query, address
/// and user agent are not among it.
/// </summary>
public sealed record RequestAttributes
{
    /// <summary>The authenticated user, never the impersonated one; null when authentication failed.</summary>
    public RequestUser? User { get; init; }

    /// <summary>Kubernetes' verb; the lower-case HTTP method for non-resource requests.</summary>
    public string Verb { get; init; } = "";

    /// <summary>Namespace, empty when the path has none.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>API group, empty for the core group.</summary>
    public string ApiGroup { get; init; } = "";

    /// <summary>API version; rules do not look at it.</summary>
    public string ApiVersion { get; init; } = "";

    /// <summary>Resource, as in the path.</summary>
    public string Resource { get; init; } = "";

    /// <summary>Subresource.</summary>
    public string Subresource { get; init; } = "";

    /// <summary>Name, where the path or a field selector has one; a create has none.</summary>
    public string Name { get; init; } = "";

    /// <summary>Is it a request for a resource of the API?</summary>
    public bool IsResourceRequest { get; init; }

    /// <summary>The decoded path, without query.</summary>
    public string Path { get; init; } = "";

    /// <summary>The attributes of a request by its user.</summary>
    public static RequestAttributes Of(RequestInfo request, RequestUser? user) => new()
    {
        User = user,
        Verb = request.Verb,
        Namespace = request.Namespace,
        ApiGroup = request.ApiGroup,
        ApiVersion = request.ApiVersion,
        Resource = request.Resource,
        Subresource = request.Subresource,
        Name = request.Name,
        IsResourceRequest = request.IsResourceRequest,
        Path = request.Path,
    };
}

/// <summary>An authenticated user.</summary>
/// <param name="Name">The name.</param>
/// <param name="Groups">All groups, those that Kubernetes adds included (system:authenticated …).</param>
public sealed record RequestUser(string Name, ImmutableArray<string> Groups);
