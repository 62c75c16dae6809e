using System.Collections.Immutable;
using Vedette.Policy.Model;
using Vedette.Policy.Requests;

namespace Vedette.Policy.Evaluation;

/// <summary>
/// The obvious evaluator, to be read beside staging/src/k8s.io/apiserver/pkg/audit/policy/checker.go. It is the truth that <see cref="CompiledPolicy"/> is held against, and it says why a rule does
/// not match.
/// </summary>
public static class PolicyChecker
{
    /// <summary>EvaluatePolicyRule: the first rule that matches decides.</summary>
    public static PolicyAnswer Evaluate(AuditPolicy policy, RequestAttributes request)
    {
        foreach (PolicyRule rule in policy.Rules)
        {
            if (MismatchOf(rule, request) == Mismatch.None)
            {
                return AnswerOf(policy, rule);
            }
        }

        return Unmatched(policy);
    }

    /// <summary>ruleMatches: the first thing that keeps the rule from matching.</summary>
    public static Mismatch MismatchOf(PolicyRule rule, RequestAttributes request)
    {
        if (rule.Users.Items.Length > 0 && !(request.User is { } user && rule.Users.Contains(user.Name)))
        {
            return Mismatch.Users;
        }

        if (rule.UserGroups.Items.Length > 0 && !(request.User is { } member && HasOneOf(rule.UserGroups, member.Groups)))
        {
            return Mismatch.UserGroups;
        }

        if (rule.Verbs.Items.Length > 0 && !rule.Verbs.Contains(request.Verb))
        {
            return Mismatch.Verbs;
        }

        if (rule.IsForResources)
        {
            return ResourceMismatch(rule, request);
        }

        return rule.NonResourceUrls.Items.Length > 0 ? NonResourceMismatch(rule, request) : Mismatch.None;
    }

    /// <summary>ruleMatchesNonResource.</summary>
    private static Mismatch NonResourceMismatch(PolicyRule rule, RequestAttributes request)
    {
        if (request.IsResourceRequest)
        {
            return Mismatch.NotANonResourceRequest;
        }

        foreach (PolicyText url in rule.NonResourceUrls.Items)
        {
            if (PathMatches(request.Path, url.Value))
            {
                return Mismatch.None;
            }
        }

        return Mismatch.NonResourceUrls;
    }

    /// <summary>pathMatches.</summary>
    internal static bool PathMatches(string path, string spec) =>
        spec == "*" || spec == path || spec.EndsWith('*') && path.AsSpan().StartsWith(spec.AsSpan().TrimEnd('*'));

    /// <summary>ruleMatchesResource.</summary>
    private static Mismatch ResourceMismatch(PolicyRule rule, RequestAttributes request)
    {
        if (!request.IsResourceRequest)
        {
            return Mismatch.NotAResourceRequest;
        }

        // Requests without a namespace in the path have the empty one.
        if (rule.Namespaces.Items.Length > 0 && !rule.Namespaces.Contains(request.Namespace))
        {
            return Mismatch.Namespaces;
        }

        if (rule.Resources.Length == 0)
        {
            return Mismatch.None;
        }

        foreach (GroupResources entry in rule.Resources)
        {
            if (EntryMatches(entry, request))
            {
                return Mismatch.None;
            }
        }

        return Mismatch.Resources;
    }

    /// <summary>One entry of resources.</summary>
    internal static bool EntryMatches(GroupResources entry, RequestAttributes request)
    {
        if (entry.Group.Value != request.ApiGroup && entry.Group.Value != "*")
        {
            return false;
        }

        if (entry.Resources.Items.Length == 0)
        {
            return true;
        }

        if (entry.ResourceNames.Items.Length > 0 && !entry.ResourceNames.Contains(request.Name))
        {
            return false;
        }

        foreach (PolicyText resource in entry.Resources.Items)
        {
            if (ResourceMatches(resource.Value, request.Resource, request.Subresource))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>One string of an entry's resources.</summary>
    internal static bool ResourceMatches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> resource, ReadOnlySpan<char> subresource)
    {
        // "*": everything of the group, subresources too.
        if (pattern is "*")
        {
            return true;
        }

        // The resource itself, or resource/subresource.
        if (subresource.IsEmpty
            ? pattern.SequenceEqual(resource)
            : pattern.Length == resource.Length + 1 + subresource.Length && pattern.StartsWith(resource) && pattern[resource.Length] == '/' && pattern.EndsWith(subresource))
        {
            return true;
        }

        // "*/sub": that subresource of anything.
        if (!subresource.IsEmpty && pattern.StartsWith("*/") && pattern[2..].SequenceEqual(subresource))
        {
            return true;
        }

        // "resource/*": any subresource, and the resource itself.
        return pattern.EndsWith("/*") && pattern[..^2].SequenceEqual(resource);
    }

    internal static PolicyAnswer AnswerOf(AuditPolicy policy, PolicyRule rule) => new(
        rule.Level, rule.Index, StagesOf(policy.OmitStages) | StagesOf(rule.OmitStages), rule.OmitManagedFields?.Value ?? policy.OmitManagedFields?.Value ?? false);

    internal static PolicyAnswer Unmatched(AuditPolicy policy) =>
        new(AuditLevel.None, -1, StagesOf(policy.OmitStages), policy.OmitManagedFields?.Value ?? false);

    private static AuditStage StagesOf(PolicyList list) => list.Values.Aggregate(AuditStage.None, (stages, name) => stages | AuditStages.Named(name));

    private static bool HasOneOf(PolicyList wanted, ImmutableArray<string> groups)
    {
        foreach (string group in groups)
        {
            if (wanted.Contains(group))
            {
                return true;
            }
        }

        return false;
    }
}
