using Vedette.Audit.Needs;
using Vedette.Policy.Evaluation;
using Vedette.Policy.Model;
using Vedette.Policy.Requests;

namespace Vedette.Policy.Resources;

/// <summary>A verb on a resource, or a method on paths of no resource (<see cref="Resource"/> is empty then): a request without who asks and for which object.</summary>
internal sealed record RequestKind(string Verb, string ApiGroup, string Resource, string Subresource, ResourceScope Scope)
{
    /// <summary>Group of a resource that nobody names.</summary>
    public const string CustomGroup = "vedette.example";

    /// <summary>A resource that nobody names.</summary>
    public const string CustomResource = "vedettes";

    /// <summary>Is it about paths of no resource?</summary>
    public bool IsPath => Resource.Length == 0;

    /// <summary>Does its path name the object?</summary>
    public bool HasName => Subresource.Length > 0 || Verb is "delete" or "get" or "patch" or "update";

    /// <summary>Can a field selector name the object?</summary>
    public bool MayHaveName => HasName || IsOverMany;

    /// <summary>Is it in the namespace of the object's own name?</summary>
    public bool IsInItself => Scope == ResourceScope.Namespaces && HasName;

    /// <summary>Can it be in a namespace?</summary>
    public bool MayBeInside => Scope is ResourceScope.Namespaced or ResourceScope.Unknown || IsInItself;

    /// <summary>Can it be in no namespace?</summary>
    public bool MayBeOutside => !IsInItself && (Scope != ResourceScope.Namespaced || IsOverMany);

    /// <summary>Are requests of this kind in the shape?</summary>
    public bool IsIn(RequestShape shape) => IsPath ? shape.HasPaths && shape.Verbs.Contains(Verb) : shape.Has(Verb, ApiGroup, Resource, Subresource);

    /// <summary>What of the kind decides which requests of it there can be and which stages they go through.</summary>
    public KindTraits Traits => new(
        Verb, IsPath, Scope, Subresource.Length > 0, !IsPath && RequestInfo.StaysOpen(Verb, true, Subresource, ""));

    private bool IsOverMany => Verb is "list" or "watch";

    /// <summary>The requests for a target.</summary>
    public static IEnumerable<RequestKind> Of(RequestTarget target) => target.Verbs.Select(verb => new RequestKind(verb, target.ApiGroup, target.Resource, target.Subresource, target.Scope));

    /// <summary>Can the rule match requests of this kind?</summary>
    public bool CanMatch(PolicyRule rule)
    {
        if (!rule.Verbs.Items.IsEmpty && !rule.Verbs.Contains(Verb))
        {
            return false;
        }

        return IsPath ? !rule.IsForResources : !rule.IsForNonResources && (rule.Resources.IsEmpty || rule.Resources.Any(CanMatch));
    }

    /// <summary>Can the entry match requests of this kind?</summary>
    public bool CanMatch(GroupResources entry) => (entry.Group.Value == ApiGroup || entry.Group.Value == "*")
        && (entry.Resources.Items.IsEmpty || entry.Resources.Values.Any(pattern => PolicyChecker.ResourceMatches(pattern, Resource, Subresource)));

    /// <inheritdoc />
    public override string ToString() => IsPath ? $"{Verb} of paths" : $"{Verb} {Resource}{(Subresource.Length > 0 ? "/" : "")}{Subresource}";
}

/// <summary>What kinds of requests have in common that are asked for in the same way, by the same users, of the same names.</summary>
/// <param name="Verb">The verb.</param>
/// <param name="IsPath">About paths of no resource?</param>
/// <param name="Scope">Where the objects are.</param>
/// <param name="IsSubresource">Of a subresource?</param>
/// <param name="StaysOpen">Does the connection stay open?</param>
internal readonly record struct KindTraits(string Verb, bool IsPath, ResourceScope Scope, bool IsSubresource, bool StaysOpen);
