using System.Collections.Immutable;

namespace Vedette.Audit.Needs;

/// <summary>
/// A set of requests, as far as an audit policy can tell requests apart: one set of texts for each attribute, all of which must hold (staging/src/k8s.io/apiserver/pkg/audit/policy/checker.go).
/// </summary>
public sealed record RequestShape
{
    /// <summary>Every request.</summary>
    public static RequestShape Any { get; } = new();

    /// <summary>Are requests for resources of the API among them?</summary>
    public bool HasResources { get; init; } = true;

    /// <summary>Are requests for other paths among them?</summary>
    public bool HasPaths { get; init; } = true;

    /// <summary>Kubernetes' verbs.</summary>
    public TextSet Verbs { get; init; } = TextSet.Any;

    /// <summary>API groups; the empty text is the core group.</summary>
    public TextSet ApiGroups { get; init; } = TextSet.Any;

    /// <summary>Resources.</summary>
    public TextSet Resources { get; init; } = TextSet.Any;

    /// <summary>Subresources.</summary>
    public TextSet Subresources { get; init; } = TextSet.Any;

    /// <summary>Resource, or resource/subresource.</summary>
    public TextSet Targets { get; init; } = TextSet.Any;

    /// <summary>Namespaces.</summary>
    public TextSet Namespaces { get; init; } = TextSet.Any;

    /// <summary>Names of objects. The event of a create has a name that the policy never saw.</summary>
    public TextSet Names { get; init; } = TextSet.Any;

    /// <summary>Authenticated users; the missing text for a request that was refused before it had one.</summary>
    public TextSet Users { get; init; } = TextSet.Any;

    /// <summary>The user is in a group of each of these sets.</summary>
    public ImmutableArray<TextSet> Groups { get; init; } = [];

    /// <summary>The user is in no group of these sets.</summary>
    public ImmutableArray<TextSet> OtherGroups { get; init; } = [];

    /// <summary>Paths of requests for no resource.</summary>
    public TextSet Paths { get; init; } = TextSet.Any;

    /// <summary>The requests that are in both.</summary>
    public RequestShape And(RequestShape other) => new()
    {
        HasResources = HasResources && other.HasResources,
        HasPaths = HasPaths && other.HasPaths,
        Verbs = Verbs.And(other.Verbs),
        ApiGroups = ApiGroups.And(other.ApiGroups),
        Resources = Resources.And(other.Resources),
        Subresources = Subresources.And(other.Subresources),
        Targets = Targets.And(other.Targets),
        Namespaces = Namespaces.And(other.Namespaces),
        Names = Names.And(other.Names),
        Users = Users.And(other.Users),
        Groups = [.. Groups, .. other.Groups],
        OtherGroups = [.. OtherGroups, .. other.OtherGroups],
        Paths = Paths.And(other.Paths),
    };

    /// <summary>Is a verb on this resource among them, whoever asks and for whatever object?</summary>
    public bool Has(string verb, string apiGroup, string resource, string subresource) => Verbs.Contains(verb) && Has(apiGroup, resource, subresource);

    /// <summary>Is any verb on this resource among them?</summary>
    public bool Has(string apiGroup, string resource, string subresource) => HasResources
        && Resources.Contains(resource) && Subresources.Contains(subresource) && ApiGroups.Contains(apiGroup)
        && (Targets.IsAny || Targets.Contains(subresource.Length == 0 ? resource : $"{resource}/{subresource}"));

    /// <summary>Is somebody with this name and these groups among them?</summary>
    public bool Has(string user, ImmutableArray<string> groups) =>
        Users.Contains(user) && Groups.All(wanted => groups.Any(wanted.Contains)) && !OtherGroups.Any(unwanted => groups.Any(unwanted.Contains));
}
