using Vedette.Policy.Evaluation;
using Vedette.Policy.Model;
using Vedette.Policy.Requests;

namespace Vedette.Policy.Reachability;

/// <summary>
/// A policy rule for one of its entries of resources and one of its groups. A rule matches when one of its terms does, and a term is a product: it asks for each part of a request by itself, as
/// <see cref="PolicyChecker"/> does.
/// </summary>
/// <param name="Rule">The rule.</param>
/// <param name="Entry">The entry; null when the rule has none.</param>
/// <param name="Group">The group of userGroups; null when the rule has none.</param>
internal sealed record PolicyTerm(PolicyRule Rule, GroupResources? Entry, string? Group)
{
    private static readonly string?[] s_none = [null];

    private readonly GroupResources? _anyName = Entry is null ? null : Entry with { ResourceNames = PolicyList.Absent };

    /// <summary>The terms of rules, in their order.</summary>
    public static IEnumerable<PolicyTerm> Of(IEnumerable<PolicyRule> rules) =>
        from rule in rules
        from entry in rule.Resources.IsEmpty ? [null] : rule.Resources.AsEnumerable<GroupResources?>()
        from @group in rule.UserGroups.Items.IsEmpty ? s_none : rule.UserGroups.Values.Distinct(StringComparer.Ordinal).ToArray<string?>()
        select new PolicyTerm(rule, entry, @group);

    /// <summary>Does it take the user, whatever the groups?</summary>
    public bool TakesUser(RequestUser? user) => Rule.Users.Items.IsEmpty || user is not null && Rule.Users.Contains(user.Name);

    /// <summary>Does it take the user's groups?</summary>
    public bool TakesGroups(RequestUser? user) => Group is null || user is not null && user.Groups.Contains(Group, StringComparer.Ordinal);

    /// <summary>Does it take the verb?</summary>
    public bool TakesVerb(string verb) => Rule.Verbs.Items.IsEmpty || Rule.Verbs.Contains(verb);

    /// <summary>Does it take requests for this resource, whatever their name?</summary>
    public bool TakesTarget(RequestAttributes request) => !Rule.IsForNonResources && (_anyName is null || PolicyChecker.EntryMatches(_anyName, request));

    /// <summary>Does it take the namespace?</summary>
    public bool TakesNamespace(string space) => Rule.Namespaces.Items.IsEmpty || Rule.Namespaces.Contains(space);

    /// <summary>Does it take the name?</summary>
    public bool TakesName(string name) => Entry is null || Entry.Resources.Items.IsEmpty || Entry.ResourceNames.Items.IsEmpty || Entry.ResourceNames.Contains(name);

    /// <summary>Does it take the path of a request for no resource?</summary>
    public bool TakesPath(string path) => !Rule.IsForResources && (Rule.NonResourceUrls.Items.IsEmpty || Rule.NonResourceUrls.Values.Any(url => PolicyChecker.PathMatches(path, url)));
}
