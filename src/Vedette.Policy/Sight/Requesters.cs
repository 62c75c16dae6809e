using System.Collections.Immutable;
using Vedette.Audit.Needs;
using Vedette.Policy.Model;
using Vedette.Policy.Requests;
using Vedette.Policy.Resources;

namespace Vedette.Policy.Sight;

/// <summary>
/// For a kind of request, who can ask and for what: one request for every way in which a policy and a need can tell requests of that kind apart. A policy tells texts apart only by naming them, and
/// groups only by their presence, so a text that neither names stands for all others and a user in one group more for users in several.
/// </summary>
internal sealed class Requesters
{
    private const string Other = "vedette-other";

    private static readonly ImmutableArray<string> s_users = [Other, $"system:serviceaccount:{Other}:{Other}", $"system:node:{Other}", "system:anonymous", "system:vedette-other"];
    private static readonly ImmutableArray<string> s_paths = ["/", .. RequestTarget.Paths, "/livez/ping", $"/{Other}"];

    private readonly RequestKind _kind;
    private readonly string[] _users;
    private readonly string[] _groups;
    private readonly string[] _namespaces;
    private readonly string[] _names;
    private readonly string[] _paths;

    /// <summary>Takes what a policy names about requests of a kind.</summary>
    public Requesters(RequestKind kind, AuditPolicy? policy)
    {
        _kind = kind;
        PolicyRule[] rules = [.. (policy?.Rules ?? []).Where(kind.CanMatch)];
        int last = Array.FindIndex(rules, rule => rule.Users.Items.IsEmpty && rule.UserGroups.Items.IsEmpty && rule.Namespaces.Items.IsEmpty && rule.NonResourceUrls.Items.IsEmpty
            && rule.Resources.All(entry => entry.ResourceNames.Items.IsEmpty));
        rules = last < 0 ? rules : rules[..(last + 1)];
        _users = [.. rules.SelectMany(rule => rule.Users.Values)];
        _groups = [.. rules.SelectMany(rule => rule.UserGroups.Values)];
        _namespaces = [.. rules.SelectMany(rule => rule.Namespaces.Values)];
        _names = [.. rules.SelectMany(rule => rule.Resources).SelectMany(entry => entry.ResourceNames.Values)];
        _paths = [.. rules.SelectMany(rule => rule.NonResourceUrls.Values).Where(url => url != "*")];
        NamesNobody = _users.Length + _groups.Length == 0;
        IsUniform = last == 0 || rules.Length == 0;
        Deciders = string.Join(' ', rules.Select(rule => $"{rule.Index}{string.Concat(rule.Resources.Select((entry, index) => kind.CanMatch(entry) ? $",{index}" : ""))}"));
    }

    /// <summary>Does the policy treat all requests of the kind alike?</summary>
    public bool IsUniform { get; }

    /// <summary>The rules, with their entries, that can decide about requests of the kind: where they are the same, requests that differ in nothing but resource and subresource are answered alike.</summary>
    public string Deciders { get; }

    /// <summary>Does the policy treat all users alike for requests of the kind?</summary>
    public bool NamesNobody { get; }

    /// <summary>The requests among those of a shape, by users of it.</summary>
    public IEnumerable<RequestAttributes> Of(RequestShape shape, ImmutableArray<RequestUser?> users)
    {
        if (_kind.IsPath)
        {
            return from path in Paths(shape).Distinct(StringComparer.Ordinal)
                   where shape.Paths.Contains(path)
                   from user in users
                   select new RequestAttributes { User = user, Verb = _kind.Verb, Path = path };
        }

        string[] spaces = [.. Spaces(shape).Distinct(StringComparer.Ordinal)];
        string[] names = [.. Names(shape).Distinct(StringComparer.Ordinal)];
        return from name in names
               where shape.Names.Contains(name) || (name.Length == 0 && _kind.Verb == "create")
               from space in _kind.IsInItself ? [name] : spaces
               where shape.Namespaces.Contains(space)
               from user in users
               select new RequestAttributes
               {
                   User = user,
                   Verb = _kind.Verb,
                   ApiGroup = _kind.ApiGroup,
                   Resource = _kind.Resource,
                   Subresource = _kind.Subresource,
                   Namespace = space,
                   Name = name,
                   IsResourceRequest = true,
               };
    }

    /// <summary>The users of a shape that policy and shape tell apart, first nobody where requests without a user are in it.</summary>
    public IEnumerable<RequestUser?> Users(RequestShape shape)
    {
        if (shape.Has("", []))
        {
            yield return null;
        }

        IEnumerable<RequestUser> named = _users.Concat(shape.Users.Known).Concat(s_users).Where(name => name.Length > 0).Distinct(StringComparer.Ordinal).Select(name => ImpliedGroups.UserOf(name, []));
        IEnumerable<string> groups = _groups.Concat(shape.Groups.SelectMany(wanted => wanted.Known)).Distinct(StringComparer.Ordinal);
        foreach (RequestUser user in named.Concat(groups.SelectMany(group => InGroup(group, shape))))
        {
            RequestUser member = shape.Groups.Where(wanted => !user.Groups.Any(wanted.Contains)).Select(wanted => wanted.Known.FirstOrDefault(ImpliedGroups.IsGiven)).OfType<string>()
                .Aggregate(user, (known, group) => known with { Groups = known.Groups.Add(group) });
            if (shape.Has(member.Name, member.Groups))
            {
                yield return member;
            }
        }
    }

    private IEnumerable<string> Paths(RequestShape shape)
    {
        IEnumerable<string> examples = shape.Paths.Examples.Where(example => example.StartsWith('/'));
        return _paths.Select(path => path.TrimEnd('*')).Concat(_paths.Where(path => path.EndsWith('*')).Select(path => path.TrimEnd('*') + Other)).Concat(examples).Concat(s_paths)
            .Concat(_paths.SelectMany(path => shape.Paths.Examples.Select(example => path.TrimEnd('*') + example)));
    }

    private IEnumerable<string> Spaces(RequestShape shape)
    {
        IEnumerable<string> spaces = _namespaces.Concat(shape.Namespaces.Examples).Append(Other).Where(space => space.Length > 0);
        return (_kind.MayBeInside ? spaces : []).Concat(_kind.MayBeOutside ? [""] : []);
    }

    private IEnumerable<string> Names(RequestShape shape)
    {
        IEnumerable<string> names = _names.Concat(_kind.Scope == ResourceScope.Namespaces ? _namespaces.Concat(shape.Namespaces.Examples) : []).Concat(shape.Names.Examples).Append(Other).Where(name => name.Length > 0);
        return _kind.HasName ? names : _kind.MayHaveName ? names.Append("") : [""];
    }

    /// <summary>Users in a group: the one that it follows from, or anybody whom the shape knows.</summary>
    private static IEnumerable<RequestUser> InGroup(string group, RequestShape shape) => group switch
    {
        _ when group.StartsWith("system:serviceaccounts:", StringComparison.Ordinal) => [ImpliedGroups.UserOf($"system:serviceaccount:{group["system:serviceaccounts:".Length..]}:{Other}", [])],
        _ when !ImpliedGroups.IsGiven(group) => [],
        _ => shape.Users.Known.Append(Other).Where(name => name.Length > 0).Select(name => ImpliedGroups.UserOf(name, [group])),
    };
}
