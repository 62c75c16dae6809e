using System.Collections.Immutable;
using Vedette.Audit.Json;
using Vedette.Detection.Engine;

namespace Vedette.Detection.Logic;

/// <summary>
/// What binds the fields of an event together: bodies to levels and stages, objects to verbs, derived fields to those they come from (staging/src/k8s.io/apiserver/pkg/audit/request.go,
/// pkg/endpoints/filters/audit.go, pkg/endpoints/request/requestinfo.go). A field that is missing breaks no law: providers leave some out.
/// </summary>
internal static class EventLaws
{
    /// <summary>Most resources tried one by one; where a condition names more, laws about resources are not looked at.</summary>
    private const int MaxResources = 64;

    private static readonly ImmutableArray<string> s_workloadSubresources = ["", "ephemeralcontainers"];

    /// <summary>The law that these facts break; null when none.</summary>
    public static string? Broken(Facts facts)
    {
        BodyNeeds bodies = BodyNeeds.None;
        foreach (string path in facts.Needed)
        {
            bodies |= BodyNeedsOf.Path(path);
        }

        return BodiesAndLevels(facts, bodies) ?? StatusAndStages(facts) ?? Outcomes(facts) ?? ObjectsAndPaths(facts) ?? Requests(facts, bodies);
    }

    private static string? BodiesAndLevels(Facts facts, BodyNeeds bodies)
    {
        if (bodies.HasFlag(BodyNeeds.Response) && !CanBe(facts, "level", "RequestResponse"))
        {
            return "a response body is there at level RequestResponse only";
        }

        if (bodies.HasFlag(BodyNeeds.Request) && !CanBe(facts, "level", "Request", "RequestResponse"))
        {
            return "a request body is there from level Request on";
        }

        return bodies != BodyNeeds.None && !CanBe(facts, "stage", "ResponseComplete", "Panic", "ResponseStarted")
            ? "an event of stage RequestReceived has no body"
            : null;
    }

    private static string? StatusAndStages(Facts facts) =>
        (facts.IsNeeded("responseStatus") || facts.IsNeeded("vedette.success") || facts.IsNeeded("annotations")) && !CanBe(facts, "stage", "ResponseStarted", "ResponseComplete", "Panic")
            ? "an event of stage RequestReceived has neither status nor annotations"
            : null;

    private static string? Outcomes(Facts facts)
    {
        bool known = !facts.CanBeAbsent("responseStatus.code");
        bool canSucceed = facts.ValuesOf("responseStatus.code") is not { } codes || codes.Any(code => Succeeded(code.Text));
        bool canFail = facts.ValuesOf("responseStatus.code") is not { } others || others.Any(code => !Succeeded(code.Text));
        bool isForbidden = !facts.CanBeAbsent("annotations.authorization.k8s.io/decision") && !facts.Allows("annotations.authorization.k8s.io/decision", new PossibleValue("allow", JsonKind.String));
        bool mustSucceed = !facts.CanBeAbsent("vedette.success") && !facts.Allows("vedette.success", new PossibleValue("false", JsonKind.False));
        bool mustFail = !facts.CanBeAbsent("vedette.success") && !facts.Allows("vedette.success", new PossibleValue("true", JsonKind.True));
        return mustSucceed && known && !canSucceed ? "a request with this code did not succeed"
            : mustFail && known && !canFail ? "a request with this code succeeded"
            : mustSucceed && isForbidden ? "a request that was forbidden does not succeed"
            : null;
    }

    private static string? ObjectsAndPaths(Facts facts)
    {
        if (!NamesObject(facts))
        {
            return null;
        }

        foreach (string path in (ReadOnlySpan<string>)["requestURI", "vedette.path"])
        {
            foreach (ImmutableArray<(string Text, bool IsWhole)> group in facts.BeginningsOf(path))
            {
                if (!group.Any(beginning => LeadsToObject(beginning.Text, beginning.IsWhole)))
                {
                    return $"a request whose path begins with '{group[0].Text}' names no object";
                }
            }
        }

        return null;
    }

    /// <summary>Tries every verb, resource and subresource that the facts leave.</summary>
    private static string? Requests(Facts facts, BodyNeeds bodies)
    {
        bool namesObject = NamesObject(facts);
        ImmutableArray<string> verbs = [.. (facts.ValuesOf("verb") ?? []).Select(value => value.Text)];
        if (!namesObject && verbs.Any(verb => EventSchema.NonResourceVerbs.Contains(verb, StringComparer.OrdinalIgnoreCase) && facts.Allows("vedette.operation", Text(verb))
            && (!bodies.HasFlag(BodyNeeds.Request) || verb is "post" or "put" or "patch" or "delete")))
        {
            return null;
        }

        ImmutableArray<string> resources = Resources(facts);
        if (resources.Length > MaxResources)
        {
            return null;
        }

        string[] roots = [.. facts.Needed.Where(path => path.StartsWith("requestObject.", StringComparison.Ordinal)).Select(path => path.Split('.')[1])];
        bool hasPodSpec = facts.IsNeeded("vedette.podSpec");
        bool isBinding = facts.IsNeeded("vedette.rbac.role") || facts.IsNeeded("vedette.rbac.subjects");
        bool isRole = facts.IsNeeded("vedette.rbac.grants");
        string law = "no request has such a verb on such an object";
        foreach (string resource in resources)
        {
            foreach (string subresource in Subresources(facts, resource))
            {
                if (!facts.Allows("vedette.resource", Text(subresource.Length == 0 ? resource : resource == PossibleValue.Other.Text ? resource : $"{resource}/{subresource}")))
                {
                    continue;
                }

                if ((hasPodSpec && !(KubernetesResources.Workloads.Contains(resource, StringComparer.Ordinal) || resource == PossibleValue.Other.Text))
                    || (hasPodSpec && !s_workloadSubresources.Contains(subresource, StringComparer.Ordinal))
                    || (isBinding && resource is not ("rolebindings" or "clusterrolebindings"))
                    || (isRole && resource is not ("roles" or "clusterroles"))
                    || ((subresource.Length == 0 || !KubernetesResources.SubresourcesOf(resource).Any()) && roots.Any(root => !KubernetesResources.CanHaveRoot(resource, root))))
                {
                    law = $"the body of a request for {(resource == PossibleValue.Other.Text ? "it" : resource)} has no such field";
                    continue;
                }

                foreach (string verb in verbs)
                {
                    if (IsRequest(facts, bodies, verb, subresource))
                    {
                        return null;
                    }

                    law = bodies == BodyNeeds.None ? "no request has such a verb on such an object" : "a request with this verb on this object has no such body";
                }
            }
        }

        return law;
    }

    private static bool IsRequest(Facts facts, BodyNeeds bodies, string verb, string subresource)
    {
        if (!EventSchema.ResourceVerbs.Contains(verb, StringComparer.Ordinal) || (verb == "deletecollection" && facts.IsNeeded("objectRef.name")))
        {
            return false;
        }

        bool connects = EventSchema.ConnectSubresources.Contains(subresource, StringComparer.Ordinal);
        bool writes = verb is "create" or "update" or "patch" or "delete" or "deletecollection";
        if ((bodies.HasFlag(BodyNeeds.Request) && (!writes || connects || subresource == "log")) || (bodies.HasFlag(BodyNeeds.Response) && (verb == "watch" || connects || subresource == "log")))
        {
            return false;
        }

        return facts.Allows("vedette.operation", Text(connects ? subresource : verb)) || (verb == "patch" && !connects && facts.Allows("vedette.operation", Text("create")));
    }

    private static ImmutableArray<string> Resources(Facts facts)
    {
        if (facts.ValuesOf("objectRef.resource") is { } named)
        {
            return [.. named.Select(value => value.Text.ToLowerInvariant()).Distinct(StringComparer.Ordinal)];
        }

        if (facts.ValuesOf("vedette.resource") is { } both)
        {
            return [.. both.Select(value => value.Text.Split('/')[0].ToLowerInvariant()).Distinct(StringComparer.Ordinal)];
        }

        return [.. KubernetesResources.Names.Append(PossibleValue.Other.Text).Where(name => facts.Allows("objectRef.resource", Text(name)))];
    }

    private static IEnumerable<string> Subresources(Facts facts, string resource)
    {
        IEnumerable<string> named = facts.ValuesOf("objectRef.subresource") is { } values
            ? values.Select(value => value.Text.ToLowerInvariant())
            : KubernetesResources.SubresourcesOf(resource).Concat(EventSchema.ConnectSubresources).Concat(
                (facts.ValuesOf("vedette.resource") ?? []).Where(value => value.Text.Contains('/', StringComparison.Ordinal)).Select(value => value.Text.Split('/')[1].ToLowerInvariant()))
                .Append(PossibleValue.Other.Text).Where(name => facts.Allows("objectRef.subresource", Text(name)));
        return facts.CanBeAbsent("objectRef.subresource") ? named.Prepend("").Distinct(StringComparer.Ordinal) : named.Distinct(StringComparer.Ordinal);
    }

    private static bool NamesObject(Facts facts) => facts.IsNeeded("objectRef") || facts.IsNeeded("vedette.resource") || facts.IsNeeded("vedette.podSpec") || facts.IsNeeded("vedette.rbac")
        || facts.IsNeeded("vedette.csr");

    private static bool CanBe(Facts facts, string path, params ReadOnlySpan<string> values)
    {
        if (facts.CanBeAbsent(path))
        {
            return true;
        }

        foreach (string value in values)
        {
            if (facts.Allows(path, Text(value)))
            {
                return true;
            }
        }

        return false;
    }

    private static bool LeadsToObject(string text, bool isWhole)
    {
        foreach (string root in (ReadOnlySpan<string>)["/api/", "/apis/"])
        {
            if (text.StartsWith(root, StringComparison.OrdinalIgnoreCase) || (!isWhole && root.StartsWith(text, StringComparison.OrdinalIgnoreCase)))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Succeeded(string code) => code == "101" || (code.Length == 3 && code[0] == '2');

    private static PossibleValue Text(string text) => text == PossibleValue.Other.Text ? PossibleValue.Other : new PossibleValue(text, JsonKind.String);
}
