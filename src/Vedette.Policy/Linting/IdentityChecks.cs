using System.Collections.Frozen;
using Vedette.Policy.Model;

namespace Vedette.Policy.Linting;

/// <summary>Users and groups that are not who they seem to be.</summary>
internal static class IdentityChecks
{
    private const string ServiceAccount = "system:serviceaccount:";
    private const string ServiceAccounts = "system:serviceaccounts";

    private static readonly FrozenSet<string> s_groups = FrozenSet.Create(
        StringComparer.Ordinal, "system:masters", "system:nodes", "system:authenticated", "system:unauthenticated", ServiceAccounts, "system:bootstrappers", "system:monitoring");

    private static readonly FrozenSet<string> s_users = FrozenSet.Create(
        StringComparer.Ordinal, "system:anonymous", "system:apiserver", "system:admin", "system:kube-controller-manager", "system:kube-scheduler", "system:kube-proxy",
        "system:cloud-controller-manager", "system:kube-aggregator", "kubernetes-admin");

    private static readonly FrozenDictionary<string, string> s_legacy = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["kubelet"] = "kubelets are system:node:NAME, of the group system:nodes",
        ["system:unsecured"] = "the insecure port it came from is gone since Kubernetes 1.24",
        ["kubelet-bootstrap"] = "kubelets join by system:bootstrap:ID, of the group system:bootstrappers, or by a cloud's own identity",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Looks at users and groups of a rule.</summary>
    public static void Run(PolicyRule rule, Report report)
    {
        foreach (PolicyText user in rule.Users.Items)
        {
            User(user, report);
        }

        foreach (PolicyText group in rule.UserGroups.Items)
        {
            Group(group, report);
        }
    }

    private static void User(PolicyText user, Report report)
    {
        string name = user.Value;
        if (name.Contains('*', StringComparison.Ordinal))
        {
            return;
        }

        if (name is "anonymous" or "system:unauthenticated:anonymous" || name.EndsWith(":anonymous", StringComparison.Ordinal) && name != "system:anonymous")
        {
            string who = name.StartsWith(ServiceAccount, StringComparison.Ordinal) && name.Split(':') is [_, _, var space, _] ? $"a service account called 'anonymous' in {space}" : "somebody of that very name";
            report.Add(
                PolicyChecks.NotAnonymous, user, $"'{name}' is {who}, not the anonymous user",
                "requests without credentials are of the user system:anonymous and the group system:unauthenticated");
        }
        else if (s_groups.Contains(name) || name.StartsWith(ServiceAccounts + ":", StringComparison.Ordinal) || name.StartsWith("system:bootstrappers:", StringComparison.Ordinal))
        {
            report.Add(PolicyChecks.UserOrGroup, user, $"'{name}' is a group; no user has this name", "put it under userGroups");
        }
        else if (s_legacy.GetValueOrDefault(name) is { } now)
        {
            report.Add(PolicyChecks.LegacyIdentity, user, $"nobody is '{name}' in a cluster of today", now);
        }
        else if (name.StartsWith(ServiceAccount, StringComparison.Ordinal) && (name.Split(':') is not [_, _, { Length: > 0 }, { Length: > 0 }] || name.Any(char.IsAsciiLetterUpper)))
        {
            report.Add(
                PolicyChecks.ServiceAccountForm, user, $"'{name}' is no service account", name.Split(':') is [_, _, { Length: > 0 } all] && all.Length > 0
                    ? $"write {ServiceAccount}{all}:NAME; all of a namespace are the group {ServiceAccounts}:{all}" : $"write {ServiceAccount}NAMESPACE:NAME");
        }
        else if (name.StartsWith("serviceaccount:", StringComparison.Ordinal) || name.StartsWith("system:sa:", StringComparison.Ordinal) || name.StartsWith("system:service-account:", StringComparison.Ordinal))
        {
            report.Add(PolicyChecks.ServiceAccountForm, user, $"'{name}' is no service account", $"write {ServiceAccount}NAMESPACE:NAME");
        }
        else if (name == "system:node" || name == "system:node:")
        {
            report.Add(PolicyChecks.UserOrGroup, user, $"no user is called '{name}'", "nodes are system:node:NAME, of the group system:nodes");
        }
    }

    private static void Group(PolicyText group, Report report)
    {
        string name = group.Value;
        if (s_users.Contains(name) || name.StartsWith(ServiceAccount, StringComparison.Ordinal) || name.StartsWith("system:node:", StringComparison.Ordinal))
        {
            report.Add(
                PolicyChecks.UserOrGroup, group, $"'{name}' is a user; no group has this name",
                name == "system:anonymous" ? "the anonymous user's group is system:unauthenticated" : "put it under users");
        }
        else if (name.StartsWith(ServiceAccounts + ":", StringComparison.Ordinal) && name.Split(':').Length != 3)
        {
            report.Add(PolicyChecks.ServiceAccountForm, group, $"'{name}' is no group", $"write {ServiceAccounts}:NAMESPACE; single accounts go under users");
        }
    }
}
