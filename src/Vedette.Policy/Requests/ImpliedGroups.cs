using System.Collections.Immutable;

namespace Vedette.Policy.Requests;

/// <summary>Groups that follow from a user's name: Kubernetes adds them when it authenticates (pkg/authentication/group, serviceaccount/util.go), or, for nodes, the certificate says so by rule.</summary>
public static class ImpliedGroups
{
    /// <summary>The user with the groups given and those that follow from the name.</summary>
    public static RequestUser UserOf(string name, IEnumerable<string> groups) =>
        new(name, [.. groups.Concat(Of(name)).Distinct(StringComparer.Ordinal)]);

    /// <summary>The groups that follow from the name alone.</summary>
    public static ImmutableArray<string> Of(string name) => name switch
    {
        "system:anonymous" => ["system:unauthenticated"],
        _ when name.StartsWith("system:serviceaccount:", StringComparison.Ordinal) && name.Split(':') is [_, _, var space, _] =>
            ["system:serviceaccounts", $"system:serviceaccounts:{space}", "system:authenticated"],
        _ when name.StartsWith("system:node:", StringComparison.Ordinal) => ["system:nodes", "system:authenticated"],
        _ => ["system:authenticated"],
    };

    /// <summary>Is a group given to users, and does not follow from their names?</summary>
    public static bool IsGiven(string group) => group is not ("" or "system:authenticated" or "system:unauthenticated" or "system:serviceaccounts") && !group.StartsWith("system:serviceaccounts:", StringComparison.Ordinal);
}
