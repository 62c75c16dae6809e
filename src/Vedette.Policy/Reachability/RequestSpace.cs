using System.Collections.Immutable;
using Vedette.Policy.Model;
using Vedette.Policy.Requests;
using Vedette.Policy.Resources;

namespace Vedette.Policy.Reachability;

/// <summary>
/// The requests that there can be (docs/policy-space.md): what a cluster serves, by whom it can be asked. Verdicts about policies hold for these and no others. Immutable.
/// </summary>
/// <remarks>
/// <c>RuleReachability.Of(policy, space)</c> says of each rule whether it decides a request; <c>PolicyDifference.Of(old, new, space)</c> which requests two policies answer differently.
/// </remarks>
/// <param name="catalogue">Resources that are known; groups it does not know may have any.</param>
/// <param name="users">Users whose groups are known: each has those and the implied ones, and no others.</param>
public sealed class RequestSpace(ApiCatalogue catalogue, ImmutableArray<RequestUser> users)
{
    internal const string User = "user";
    internal const string Group = "group ";
    internal const string Verb = "verb";
    internal const string Resource = "resource";
    internal const string Namespace = "namespace";
    internal const string Name = "name";
    internal const string Method = "method";
    internal const string Path = "path";

    /// <summary>A cluster of Kubernetes 1.36, nothing known of its users.</summary>
    public static RequestSpace Kubernetes { get; } = new(ApiCatalogue.Kubernetes, []);

    /// <summary>The space as disjoint products, each part divided as finely as the terms divide it.</summary>
    internal ImmutableArray<RequestBox> Divide(ImmutableArray<PolicyTerm> terms)
    {
        PolicyRule[] rules = [.. terms.Select(term => term.Rule).Distinct()];
        SubjectAtoms subjects = new(rules, users);
        Dimension known = new(User, subjects.Known, terms, (term, request) => term.TakesUser(request.User) && term.TakesGroups(request.User));
        Dimension others = new(
            User, subjects.Others, terms, (term, request) => term.TakesUser(request.User) && (subjects.Groups.Contains(term.Group ?? "", StringComparer.Ordinal) || term.TakesGroups(request.User)));
        ImmutableArray<Dimension> groups =
        [
            .. subjects.Groups.Select(name => new Dimension(
                Group + name, SubjectAtoms.Membership(name), terms, (term, request) => term.Group != name || term.TakesGroups(request.User))),
        ];
        return
        [
            .. OperationAtoms.ForResources(terms, rules, catalogue).Append(OperationAtoms.ForPaths(terms, rules)).SelectMany(operation => (IEnumerable<RequestBox>)
            [
                new RequestBox([.. operation, known]), new RequestBox([.. operation, others, .. groups]),
            ]),
        ];
    }
}
