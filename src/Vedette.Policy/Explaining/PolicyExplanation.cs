using System.Collections.Immutable;
using Vedette.Documents.Manifests;
using Vedette.Policy.Evaluation;
using Vedette.Policy.Model;
using Vedette.Policy.Requests;

namespace Vedette.Policy.Explaining;

/// <summary>Why a policy says what it says about a request.</summary>
/// <param name="Answer">What it says.</param>
/// <param name="Rule">The rule that decides; null when none matches.</param>
/// <param name="Earlier">The rules before it, all of them when none matches, and what keeps each from matching.</param>
public sealed record PolicyExplanation(PolicyAnswer Answer, PolicyRule? Rule, ImmutableArray<RuleMiss> Earlier)
{
    /// <summary>Explains a request.</summary>
    public static PolicyExplanation Of(AuditPolicy policy, RequestAttributes request)
    {
        PolicyAnswer answer = PolicyChecker.Evaluate(policy, request);
        IEnumerable<PolicyRule> earlier = answer.Rule < 0 ? policy.Rules : policy.Rules.Take(answer.Rule);
        return new PolicyExplanation(
            answer, answer.Rule < 0 ? null : policy.Rules[answer.Rule],
            [.. earlier.Select(rule => (rule, mismatch: PolicyChecker.MismatchOf(rule, request))).Select(pair => new RuleMiss(pair.rule, pair.mismatch, Reason(pair.rule, pair.mismatch, request)))]);
    }

    /// <summary>What events of a level hold.</summary>
    public static string ContentOf(AuditLevel level, bool omitManagedFields)
    {
        string body = omitManagedFields ? "without metadata.managedFields" : "with metadata.managedFields";
        return level switch
        {
            AuditLevel.None => "nothing",
            AuditLevel.Metadata => "who, what, when, from where, with which result; no bodies",
            AuditLevel.Request => $"metadata, and requestObject ({body}) once the body is read",
            _ => $"metadata, requestObject and responseObject ({body}) once they are known",
        };
    }

    private static string Reason(PolicyRule rule, Mismatch mismatch, RequestAttributes request) => mismatch switch
    {
        Mismatch.Users when request.User is null => "users: the request has no authenticated user",
        Mismatch.Users => $"users: {GoText.Quote(request.User!.Name)} is not one of {List(rule.Users)}",
        Mismatch.UserGroups when request.User is null => "userGroups: the request has no authenticated user",
        Mismatch.UserGroups => $"userGroups: none of {GoText.Json(request.User!.Groups)} is one of {List(rule.UserGroups)}",
        Mismatch.Verbs => $"verbs: {GoText.Quote(request.Verb)} is not one of {List(rule.Verbs)}",
        Mismatch.NotAResourceRequest => $"{(rule.Resources.Length > 0 ? "resources" : "namespaces")}: the rule is for resource requests; {request.Path} is none",
        Mismatch.Namespaces => $"namespaces: {GoText.Quote(request.Namespace)} is not one of {List(rule.Namespaces)}",
        Mismatch.Resources => $"resources: no entry matches {Target(request)}{NameMiss(rule, request)}",
        Mismatch.NotANonResourceRequest => "nonResourceURLs: the rule is for non-resource requests; this is one for a resource",
        Mismatch.NonResourceUrls => $"nonResourceURLs: {GoText.Quote(request.Path)} matches none of {List(rule.NonResourceUrls)}",
        _ => "",
    };

    /// <summary>Says so when only the name is missing.</summary>
    private static string NameMiss(PolicyRule rule, RequestAttributes request)
    {
        bool isNamed = rule.Resources.Any(entry => entry.ResourceNames.Items.Length > 0 && PolicyChecker.EntryMatches(entry with { ResourceNames = PolicyList.Absent }, request));
        return !isNamed ? "" : request.Name.Length == 0 ? "; it would, but for resourceNames: the request's URI has no name" : $"; it would, but for resourceNames: the name is {GoText.Quote(request.Name)}";
    }

    private static string Target(RequestAttributes request)
    {
        string resource = request.Subresource.Length == 0 ? request.Resource : $"{request.Resource}/{request.Subresource}";
        return $"{resource} of group {GoText.Quote(request.ApiGroup)}";
    }

    private static string List(PolicyList list) => GoText.Json(list.Values.Take(8)) + (list.Items.Length > 8 ? $" and {list.Items.Length - 8} more" : "");
}

/// <summary>A rule that does not match, and the first thing that keeps it from it.</summary>
public sealed record RuleMiss(PolicyRule Rule, Mismatch Mismatch, string Reason);
