using System.Globalization;

namespace Vedette.Detection.Findings;

/// <summary>One sentence for people: who did what to what, and how it ended.</summary>
internal static class FindingMessage
{
    /// <summary>Such as <c>alice opened a shell or ran a command in pods prod/web-0 (allowed, 101)</c>.</summary>
    public static string Of(Finding finding)
    {
        string actor = finding.Actor.User.Length > 0 ? finding.Actor.User : "somebody who failed to authenticate";
        string acting = finding.Actor.Impersonator is { } real ? $"{real} as {actor}" : actor;
        return finding.Target is { } target
            ? $"{acting} {Action(finding.Verb, target.Subresource)} {Describe(target)} ({Outcome(finding)})"
            : $"{acting} called {finding.Verb} {finding.RequestUri ?? "an unknown path"} ({Outcome(finding)})";
    }

    private static string Action(string? verb, string? subresource) => (subresource, verb) switch
    {
        ("exec", _) => "ran a command in",
        ("attach", _) => "attached to",
        ("portforward", _) => "forwarded ports to",
        ("proxy", _) => "went through the proxy of",
        (_, "get") => "read",
        (_, "list") => "listed",
        (_, "watch") => "watched",
        (_, "create") => "created",
        (_, "update") => "updated",
        (_, "patch") => "patched",
        (_, "delete") => "deleted",
        (_, "deletecollection") => "deleted all",
        _ => verb is { Length: > 0 } ? $"used {verb} on" : "used",
    };

    internal static string Describe(FindingTarget target)
    {
        bool connects = target.Subresource is "exec" or "attach" or "portforward" or "proxy";
        string resource = target.Subresource is { Length: > 0 } subresource && !connects ? $"{target.Resource}/{subresource}" : target.Resource;
        string scope = target switch
        {
            { Namespace: { Length: > 0 } space, Name: { Length: > 0 } name } => target.Resource == "namespaces" ? name : $"{space}/{name}",
            { Namespace: { Length: > 0 } space } => $"in {space}",
            { Name: { Length: > 0 } name } => name,
            _ => "",
        };
        return scope.Length > 0 ? $"{resource} {scope}" : resource;
    }

    private static string Outcome(Finding finding)
    {
        string? code = finding.Code?.ToString(CultureInfo.InvariantCulture);
        string word = finding switch
        {
            { Code: 401 } => "not authenticated",
            { Code: 403 } or { Decision: "forbid" } => "refused",
            { Code: 101 or (>= 200 and <= 299) } => "allowed",
            { Code: not null } => "failed",
            _ => "outcome not logged",
        };
        return code is null ? word : $"{word}, {code}";
    }
}
