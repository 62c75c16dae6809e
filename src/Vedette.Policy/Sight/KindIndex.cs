using System.Collections.Immutable;
using Vedette.Audit.Needs;
using Vedette.Policy.Model;
using Vedette.Policy.Resources;

namespace Vedette.Policy.Sight;

/// <summary>Kinds of requests, by what they ask for, so that a shape is asked once about each verb and each resource.</summary>
internal sealed class KindIndex
{
    private readonly ImmutableArray<(RequestKind First, ImmutableArray<RequestKind> Kinds)> _targets;

    /// <summary>Sorts the kinds.</summary>
    public KindIndex(ImmutableArray<RequestKind> kinds) =>
        _targets = [.. kinds.GroupBy(kind => (kind.ApiGroup, kind.Resource, kind.Subresource)).Select(same => (same.First(), same.ToImmutableArray()))];

    /// <summary>Every kind of request that the API of Kubernetes serves, and one for each resource that policies or needs name beside it.</summary>
    public static ImmutableArray<RequestKind> All(AuditPolicy? policy, IEnumerable<RequestShape> shapes)
    {
        IEnumerable<(string Group, string Target)> named = shapes.SelectMany(Named)
            .Concat((policy?.Rules ?? []).SelectMany(rule => rule.Resources).SelectMany(entry => entry.Resources.Values.DefaultIfEmpty(RequestKind.CustomResource).Select(target => (entry.Group.Value, target))))
            .Append((RequestKind.CustomGroup, RequestKind.CustomResource)).Append((RequestKind.CustomGroup, "vedettes/status"));
        IEnumerable<RequestTarget> custom = named.Distinct().Where(name => !name.Target.Contains('*', StringComparison.Ordinal) && name.Target.Length > 0)
            .Select(name => (Group: name.Group == "*" ? RequestKind.CustomGroup : name.Group, Parts: name.Target.Split('/', 2)))
            .Where(name => name.Parts[0].Length > 0 && ApiCatalogue.Kubernetes.Find(name.Group, name.Parts[0]) is null)
            .Select(name => RequestTarget.Unknown(name.Group, name.Parts[0], name.Parts.Length > 1 ? name.Parts[1] : ""));
        return
        [
            .. RequestTarget.Of(ApiCatalogue.Kubernetes).Concat(custom).SelectMany(RequestKind.Of)
                .Concat(RequestTarget.Methods.Select(method => new RequestKind(method, "", "", "", ResourceScope.Cluster))).Distinct(),
        ];
    }

    /// <summary>The kinds of which a shape has requests.</summary>
    public IEnumerable<RequestKind> In(RequestShape shape) =>
        from target in _targets
        where target.First.IsPath ? shape.HasPaths : shape.Has(target.First.ApiGroup, target.First.Resource, target.First.Subresource)
        from kind in target.Kinds
        where shape.Verbs.Contains(kind.Verb)
        select kind;

    private static IEnumerable<(string Group, string Target)> Named(RequestShape shape)
    {
        string[] groups = [.. shape.ApiGroups.Known.DefaultIfEmpty(RequestKind.CustomGroup)];
        IEnumerable<string> targets = shape.Resources.Known.SelectMany(resource => shape.Subresources.Known.Select(sub => $"{resource}/{sub}").Append(resource)).Concat(shape.Targets.Known);
        return from target in targets
               where !ApiCatalogue.Kubernetes.Resources.Any(known => known.Name == target.Split('/')[0])
               from space in groups
               select (space, target);
    }
}

/// <summary>Needs held against kinds of requests.</summary>
internal static class KindNeed
{
    /// <summary>The need, as far as it can be about requests of the kind.</summary>
    /// <param name="need">The need.</param>
    /// <param name="kind">The kind.</param>
    /// <param name="exclusions">Which of its exclusions are left, a character each.</param>
    public static EventNeed At(this EventNeed need, RequestKind kind, out string exclusions)
    {
        exclusions = need.Exclusions.IsEmpty ? "" : string.Concat(need.Exclusions.Select(exclusion => kind.IsIn(exclusion.Requests) ? '1' : '0'));
        string left = exclusions;
        return left.Contains('0', StringComparison.Ordinal) ? need with { Exclusions = [.. need.Exclusions.Where((_, index) => left[index] == '1')] } : need;
    }
}
