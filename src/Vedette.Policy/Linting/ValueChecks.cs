using System.Collections.Frozen;
using Vedette.Policy.Model;
using Vedette.Policy.Resources;

namespace Vedette.Policy.Linting;

/// <summary>Values that can never match, or not what their author thinks: kube-apiserver compares them all letter by letter and checks none of them.</summary>
internal static class ValueChecks
{
    private static readonly FrozenSet<string> s_resourceVerbs =
        FrozenSet.Create(StringComparer.Ordinal, "get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "proxy", "");

    private static readonly FrozenSet<string> s_methods = FrozenSet.Create(StringComparer.Ordinal, "get", "post", "put", "patch", "delete", "head", "options", "connect", "trace");

    /// <summary>RBAC's own verbs: permissions, asked for inside the server. No request has them.</summary>
    private static readonly FrozenSet<string> s_permissions = FrozenSet.Create(StringComparer.Ordinal, "escalate", "bind", "impersonate", "approve", "sign", "use", "attest");

    private static readonly FrozenDictionary<string, string> s_meantVerbs = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["replace"] = "update",
        ["edit"] = "update and patch",
        ["apply"] = "patch",
        ["read"] = "get",
        ["write"] = "create, update and patch",
        ["remove"] = "delete",
        ["exec"] = "get and create, with resources: [pods/exec]",
        ["attach"] = "get and create, with resources: [pods/attach]",
        ["portforward"] = "get and create, with resources: [pods/portforward]",
        ["deletecollections"] = "deletecollection",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenSet<string> s_removedGroups =
        FrozenSet.Create(StringComparer.Ordinal, "extensions", "settings.k8s.io", "auditregistration.k8s.io", "componentconfig");

    /// <summary>Looks at the values of a rule.</summary>
    public static void Run(PolicyRule rule, Report report)
    {
        Stars(rule, report);
        Verbs(rule, report);
        Namespaces(rule, report);
        Paths(rule, report);
        foreach (GroupResources entry in rule.Resources)
        {
            Group(entry, report);
            foreach (PolicyText resource in entry.Resources.Items)
            {
                Resource(entry, resource, report);
            }

            Names(rule, entry, report);
        }
    }

    private static void Stars(PolicyRule rule, Report report)
    {
        foreach ((string field, PolicyList list) in (ReadOnlySpan<(string, PolicyList)>)
            [("verbs", rule.Verbs), ("users", rule.Users), ("userGroups", rule.UserGroups), ("namespaces", rule.Namespaces)])
        {
            foreach (PolicyText item in list.Items.Where(item => item.Value.Contains('*', StringComparison.Ordinal)))
            {
                report.Add(
                    PolicyChecks.StarIsNoWildcard, item, $"'{item.Value}' matches nothing: {field} are compared letter by letter, a star too",
                    list.Items.Length == 1 && item.Value == "*" ? $"leave '{field}' out to mean all" : "name each one");
            }
        }

        foreach (PolicyText name in rule.Resources.SelectMany(entry => entry.ResourceNames.Items).Where(name => name.Value.Contains('*', StringComparison.Ordinal)))
        {
            report.Add(PolicyChecks.StarIsNoWildcard, name, $"'{name.Value}' matches nothing: resourceNames are compared letter by letter, a star too", "name each object, or leave 'resourceNames' out");
        }
    }

    private static void Verbs(PolicyRule rule, Report report)
    {
        foreach (PolicyText verb in rule.Verbs.Items.Where(verb => !verb.Value.Contains('*', StringComparison.Ordinal)))
        {
            string text = verb.Value;
            if (!s_resourceVerbs.Contains(text) && !s_methods.Contains(text))
            {
                string lower = text.ToLowerInvariant();
                string help = s_meantVerbs.GetValueOrDefault(lower) is { } meant ? $"write {meant}"
                    : s_permissions.Contains(lower) ? $"'{lower}' is a permission of RBAC that the server asks for by itself; log writes to roles and bindings instead"
                    : s_resourceVerbs.Contains(lower) || s_methods.Contains(lower) ? $"write {lower}"
                    : "verbs are get, list, watch, create, update, patch, delete, deletecollection; for paths get, post, put, patch, delete, head";
                report.Add(PolicyChecks.UnknownVerb, verb, $"no request has the verb '{text}'", help);
            }
            else if (rule.IsForResources && !s_resourceVerbs.Contains(text))
            {
                report.Add(PolicyChecks.ForeignVerb, verb, $"requests for resources never have the verb '{text}'", text switch
                {
                    "post" => "write create",
                    "put" => "write update",
                    "head" => "write get",
                    _ => "remove it",
                });
            }
            else if (rule.IsForNonResources && !s_methods.Contains(text))
            {
                report.Add(PolicyChecks.ForeignVerb, verb, $"requests for paths never have the verb '{text}': theirs is the HTTP method in small letters", text switch
                {
                    "create" => "write post",
                    "update" => "write put",
                    "list" or "watch" => "write get",
                    _ => "remove it",
                });
            }
        }

        ImpossibleVerbs(rule, report);
    }

    /// <summary>A rule all of whose verbs its resources do not answer to.</summary>
    private static void ImpossibleVerbs(PolicyRule rule, Report report)
    {
        if (rule.Verbs.Items.IsEmpty || rule.Resources.IsEmpty)
        {
            return;
        }

        HashSet<string> possible = new(StringComparer.Ordinal);
        foreach (GroupResources entry in rule.Resources)
        {
            foreach (string resource in entry.Resources.Values)
            {
                string[] parts = resource.Split('/');
                if (parts.Length > 2 || ApiCatalogue.Kubernetes.Find(entry.Group.Value, parts[0]) is not { } known || parts.Length == 2 && !known.Subresources.ContainsKey(parts[1]))
                {
                    return;
                }

                possible.UnionWith(parts.Length == 1 ? known.Verbs : known.Subresources[parts[1]]);
            }

            if (entry.Resources.Items.IsEmpty)
            {
                return;
            }
        }

        if (!possible.Overlaps(rule.Verbs.Values))
        {
            PolicyText first = rule.Verbs.Items[0];
            report.Add(
                PolicyChecks.ForeignVerb, first, $"{string.Join(", ", rule.Resources.SelectMany(entry => entry.Resources.Values))} never get the verb {string.Join(" or ", rule.Verbs.Values)}",
                $"they answer to {string.Join(", ", possible.Order(StringComparer.Ordinal))}");
        }
    }

    private static void Group(GroupResources entry, Report report)
    {
        string group = entry.Group.Value;
        if (group is "core" or "api" || group.Length > 1 && group[0] == 'v' && char.IsAsciiDigit(group[1]) && !group.Contains('.', StringComparison.Ordinal))
        {
            report.Add(PolicyChecks.UnknownGroup, entry.Group, $"there is no API group '{group}'", "the core group is the empty text: group: \"\"");
        }
        else if (s_removedGroups.Contains(group))
        {
            report.Add(PolicyChecks.RemovedGroup, entry.Group, $"Kubernetes no longer serves the API group '{group}'", "remove the entry once no old cluster uses this policy");
        }
        else if (group.Length > 0 && group != "*" && !ApiCatalogue.Kubernetes.Groups.Contains(group) && NearGroup(group) is { } meant)
        {
            report.Add(PolicyChecks.UnknownGroup, entry.Group, $"there is no API group '{group}'", $"write {meant}");
        }
        else if (group == "*")
        {
            report.Add(PolicyChecks.NeedsNewKubernetes, entry.Group, "group: \"*\" is a wildcard since Kubernetes 1.36; older kube-apiservers refuse the file and do not start", "name the groups where the policy is for older clusters too");
        }
    }

    /// <summary>The group of Kubernetes that <c>rbac</c>, <c>rbac.authorization</c> or <c>apps.k8s.io</c> was meant to be. Groups of others have a dot and another ending.</summary>
    private static string? NearGroup(string group)
    {
        string stem = group.EndsWith(".k8s.io", StringComparison.Ordinal) ? group[..^".k8s.io".Length] : group;
        if (stem == group && group.Contains('.', StringComparison.Ordinal) && !group.EndsWith(".authorization", StringComparison.Ordinal))
        {
            return null;
        }

        return ApiCatalogue.Kubernetes.Groups.Where(known => known.Length > 0 && known != "extensions")
            .Where(known => known == stem || known.StartsWith(stem + ".", StringComparison.Ordinal) || known == stem + "s" || known + "s" == stem)
            .Order(StringComparer.Ordinal).FirstOrDefault();
    }

    private static void Resource(GroupResources entry, PolicyText text, Report report)
    {
        string[] parts = text.Value.Split('/');
        string name = parts[0];
        string? subresource = parts.Length > 1 ? parts[1] : null;
        if (parts.Length > 2 || name.Length == 0 && parts.Length > 1 || subresource is "" || text.Value == "*/*")
        {
            string help = text.Value == "*/*" ? "'*' alone is every resource with its subresources; '*/log' is one subresource of all"
                : name.Length == 0 ? $"write the resource before it: pods{text.Value}, or */{subresource}"
                : subresource is "" ? $"write {name}, or {name}/* with its subresources"
                : $"subresources have one part: {name}/{subresource}";
            report.Add(PolicyChecks.SubresourceForm, text, $"'{text.Value}' matches nothing", help);
            return;
        }

        if (name == "*" || name.Contains('*', StringComparison.Ordinal))
        {
            if (name != "*")
            {
                report.Add(PolicyChecks.StarIsNoWildcard, text, $"'{text.Value}' matches nothing: a star stands for a whole name only", "name each resource, or write *");
            }

            return;
        }

        string group = entry.Group.Value;
        ApiResource? known = group == "*" ? ApiCatalogue.Kubernetes.Resources.FirstOrDefault(resource => resource.Name == name) : ApiCatalogue.Kubernetes.Find(group, name);
        if (known is not null)
        {
            Subresource(text, known, subresource, report);
            return;
        }

        if (name.Any(char.IsAsciiLetterUpper))
        {
            ApiResource? capital = ApiCatalogue.Kubernetes.Meant(group, name);
            report.Add(PolicyChecks.MisnamedResource, text, $"'{text.Value}' matches nothing: names of resources are in small letters", $"write {capital?.Name ?? name.ToLowerInvariant()}{Rest(subresource)}");
            return;
        }

        if (!ApiCatalogue.Kubernetes.Groups.Contains(group))
        {
            return;
        }

        if (IsSubresource(name) is { } owner)
        {
            report.Add(PolicyChecks.SubresourceForm, text, $"'{name}' is a subresource; alone it matches nothing", $"write {owner}/{name}, or */{name}");
        }
        else if (ApiCatalogue.Kubernetes.Meant(group, name) is { } meant)
        {
            string help = meant.Name == name
                ? $"{name} are in the group {(meant.Group.Length == 0 ? "\"\"" : meant.Group)}"
                : $"write {meant.Name}{Rest(subresource)}{(meant.Group == group ? "" : $", in the group {(meant.Group.Length == 0 ? "\"\"" : meant.Group)}")}";
            report.Add(PolicyChecks.MisnamedResource, text, $"no request for '{text.Value}' in the group {(group.Length == 0 ? "\"\" (core)" : group)}", help);
        }
        else
        {
            report.Add(
                PolicyChecks.UnknownResource, text, $"Kubernetes 1.36 has no '{name}' in the group {(group.Length == 0 ? "\"\" (core)" : group)}",
                "names of resources are plural, as 'kubectl api-resources' prints them");
        }
    }

    private static void Subresource(PolicyText text, ApiResource known, string? subresource, Report report)
    {
        if (subresource is not (null or "*") && !known.Subresources.ContainsKey(subresource))
        {
            report.Add(
                PolicyChecks.SubresourceForm, text, $"{known.Name} have no subresource '{subresource}'",
                known.Subresources.Count == 0 ? $"write {known.Name}" : $"they have {string.Join(", ", known.Subresources.Keys.Order(StringComparer.Ordinal))}");
        }
    }

    private static string Rest(string? subresource) => subresource is null ? "" : "/" + subresource;

    private static string? IsSubresource(string name) =>
        ApiCatalogue.Kubernetes.Resources.Where(resource => resource.Subresources.ContainsKey(name)).OrderBy(resource => resource.Name == "pods" ? 0 : 1).FirstOrDefault()?.Name;

    private static void Names(PolicyRule rule, GroupResources entry, Report report)
    {
        string[] nameless = [.. rule.Verbs.Values.Where(verb => verb is "create" or "deletecollection")];
        if (!entry.ResourceNames.Items.Any(name => name.Value.Length > 0) || nameless.Length == 0 || entry.Resources.Values.Any(resource => resource.Contains('/', StringComparison.Ordinal)))
        {
            return;
        }

        report.Add(
            PolicyChecks.NamesOfNameless, entry.ResourceNames.Items[0],
            $"with resourceNames the rule never matches {string.Join(" and ", nameless)}: rules see the name in the path only, and these requests have none there",
            "make another rule for them, without resourceNames");
    }

    private static void Namespaces(PolicyRule rule, Report report)
    {
        foreach (PolicyText item in rule.Namespaces.Items.Where(item => item.Value.Length > 0 && !item.Value.Contains('*', StringComparison.Ordinal)))
        {
            if (item.Value.Length > 63 || item.Value.Any(character => !char.IsAsciiLetterLower(character) && !char.IsAsciiDigit(character) && character != '-'))
            {
                report.Add(PolicyChecks.NamespaceNeverMatches, item, $"there can be no namespace '{item.Value}'", "names of namespaces are small letters, digits and dashes");
            }
        }

        if (rule.Namespaces.Items.IsEmpty || rule.Namespaces.Contains("") || rule.Resources.IsEmpty)
        {
            return;
        }

        foreach (GroupResources entry in rule.Resources)
        {
            foreach (PolicyText resource in entry.Resources.Items)
            {
                if (ApiCatalogue.Kubernetes.Find(entry.Group.Value, resource.Value.Split('/')[0]) is { IsNamespaced: false, Name: not "namespaces" } known)
                {
                    report.Add(PolicyChecks.NamespaceNeverMatches, resource, $"{known.Name} are in no namespace, so this never matches with 'namespaces'", "leave 'namespaces' out, or add \"\" to it");
                }
            }
        }
    }

    private static void Paths(PolicyRule rule, Report report)
    {
        foreach (PolicyText url in rule.NonResourceUrls.Items)
        {
            string path = url.Value.TrimEnd('*');
            string[] parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
            if (url.Value.Contains('?', StringComparison.Ordinal))
            {
                report.Add(PolicyChecks.PathIsResource, url, $"'{url.Value}' matches nothing: paths are compared without their query", $"write {path.Split('?')[0]}");
            }
            else if (parts is ["api", _, _, ..] or ["apis", _, _, _, ..])
            {
                report.Add(PolicyChecks.PathIsResource, url, $"'{url.Value}' matches nothing: requests for resources are never compared with nonResourceURLs", "write a rule with 'resources' instead");
            }
            else if (url.Value is "/api*" or "/api/*" or "/apis*" or "/apis/*")
            {
                report.Add(
                    PolicyChecks.PathIsResource, url, $"'{url.Value}' matches discovery only (/api/v1, /apis/apps/v1 …): requests for resources are never compared with nonResourceURLs",
                    "write a rule with 'resources' for them; for discovery name /api, /api/v1 and /apis exactly");
            }
        }
    }
}
