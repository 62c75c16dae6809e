using System.Collections.Immutable;
using Vedette.Policy.Loading;
using Vedette.Policy.Resources;

namespace Vedette.Policy.Deriving;

/// <summary>
/// The groups that a policy can name for resources whose group no detection names: any of them by <c>"*"</c> from Kubernetes 1.36 on; before, kube-apiserver refuses that, and only groups of custom
/// resources that the user has given can be named.
/// </summary>
/// <param name="version">The version of kube-apiserver.</param>
/// <param name="resources">Custom resources of the cluster.</param>
public sealed class NameableGroups(KubernetesVersion version, ImmutableArray<ApiResource> resources)
{
    /// <summary>Why a detection loses something of a resource whose group cannot be named.</summary>
    internal const string WhyLost = "before Kubernetes 1.36 a policy names groups, and no detection names this one; give its CustomResourceDefinition with --crds";

    /// <summary>Those of the newest version.</summary>
    public static NameableGroups Any { get; } = new(KubernetesVersion.GroupWildcard, []);

    /// <summary>The kinds that stand for a kind: of each group in which the cluster has such a resource, where groups must be named.</summary>
    internal IEnumerable<RequestKind> Named(RequestKind kind)
    {
        RequestKind[] known = IsBeyond(kind) ? [.. resources.Where(resource => resource.Name == kind.Resource).Select(resource => kind with { ApiGroup = resource.Group })] : [];
        return known.Length > 0 ? known : [kind];
    }

    /// <summary>Can no rule name the group of the kind's resource?</summary>
    internal bool IsBeyond(RequestKind kind) => version < KubernetesVersion.GroupWildcard && kind is { ApiGroup: RequestKind.CustomGroup, Resource: not RequestKind.CustomResource };
}
