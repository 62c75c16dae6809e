using System.Collections.Immutable;
using Vedette.Policy.Model;
using Vedette.Policy.Requests;

namespace Vedette.Policy.Reachability;

/// <summary>Who can ask. Some users' groups follow from their names or are declared; all others may be in any groups that are not kept for those.</summary>
internal sealed class SubjectAtoms
{
    private const string ServiceAccount = "system:serviceaccount:";
    private const string ServiceAccounts = "system:serviceaccounts";

    /// <summary>Divides the users.</summary>
    /// <param name="rules">Rules that name users and groups.</param>
    /// <param name="declared">Users whose groups are known.</param>
    public SubjectAtoms(PolicyRule[] rules, ImmutableArray<RequestUser> declared)
    {
        string[] users = [.. rules.SelectMany(rule => rule.Users.Values).Where(name => name.Length > 0).Distinct(StringComparer.Ordinal)];
        string[] groups = [.. rules.SelectMany(rule => rule.UserGroups.Values).Distinct(StringComparer.Ordinal)];
        HashSet<string> declaredNames = [.. declared.Select(user => user.Name)];
        string[] spaces = [.. groups.Where(name => name.StartsWith(ServiceAccounts + ":", StringComparison.Ordinal)).Select(name => name[(ServiceAccounts.Length + 1)..]).Where(OperationAtoms.IsNamespace)];
        string account = Fresh("vedette-probe", name => users.Concat(declaredNames).Any(user => user.EndsWith($":{name}", StringComparison.Ordinal)));
        string space = Fresh("vedette-probe", spaces.Contains);
        Known =
        [
            .. users.Where(name => !declaredNames.Contains(name) && HasKnownGroups(name)).Append("system:anonymous").Distinct(StringComparer.Ordinal).Select(name => Atom(name, name)),
            .. declared.Select(user => new Atom($"{user.Name} ({string.Join(", ", user.Groups)})", request => request with { User = ImpliedGroups.UserOf(user.Name, user.Groups) })),
            Atom($"{ServiceAccount}{space}:{account}", "any other service account"),
            .. spaces.Select(name => Atom($"{ServiceAccount}{name}:{account}", $"any other service account of {name}")),
            Atom($"system:node:{account}", "any other node"),
            new Atom("nobody (401)", request => request with { User = null }),
        ];
        Others =
        [
            Atom(Fresh("vedette:probe", name => users.Contains(name) || declaredNames.Contains(name)), "any other user"),
            .. users.Where(name => !declaredNames.Contains(name) && !HasKnownGroups(name)).Select(name => Atom(name, name)),
        ];
        Groups = [.. groups.Where(ImpliedGroups.IsGiven)];
    }

    /// <summary>Users whose groups are known, and nobody: a request that failed to authenticate.</summary>
    public ImmutableArray<Atom> Known { get; }

    /// <summary>Users who may be in any of <see cref="Groups"/>.</summary>
    public ImmutableArray<Atom> Others { get; }

    /// <summary>Groups that rules name and others may be in.</summary>
    public ImmutableArray<string> Groups { get; }

    /// <summary>Not in a group, and in it.</summary>
    public static ImmutableArray<Atom> Membership(string group) =>
    [
        new Atom("no", request => request),
        new Atom("yes", request => request with { User = request.User is { } user ? user with { Groups = user.Groups.Add(group) } : new RequestUser("", [group]) }),
    ];

    /// <summary>A text like this one that is not taken.</summary>
    public static string Fresh(string text, Func<string, bool> isTaken) =>
        Enumerable.Range(1, int.MaxValue).Select(number => number == 1 ? text : $"{text}-{number}").First(candidate => !isTaken(candidate));

    private static bool HasKnownGroups(string name) =>
        name == "system:anonymous" || name.StartsWith("system:node:", StringComparison.Ordinal) || ImpliedGroups.Of(name).Contains(ServiceAccounts, StringComparer.Ordinal);

    private static Atom Atom(string name, string text)
    {
        RequestUser user = new(name, ImpliedGroups.Of(name));
        return new Atom(text, request => request with { User = user });
    }
}
