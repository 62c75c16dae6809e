using System.Collections.Immutable;
using Vedette.Policy.Model;
using Vedette.Policy.Requests;
using Vedette.Policy.Resources;

namespace Vedette.Policy.Reachability;

/// <summary>What can be asked for: verbs, resources, namespaces and names that go together, and paths.</summary>
internal static class OperationAtoms
{
    private const string Probe = "vedette-probe";

    /// <summary>Verbs whose requests have a name alike, and a namespace alike.</summary>
    private static readonly string[][] s_verbs = [["get", "update", "patch", "delete"], ["list", "watch"], ["create"], ["deletecollection"]];

    /// <summary>Requests for resources: products of resource, verb, namespace and name.</summary>
    public static IEnumerable<ImmutableArray<Dimension>> ForResources(ImmutableArray<PolicyTerm> terms, PolicyRule[] rules, ApiCatalogue catalogue)
    {
        string[] names = [.. rules.SelectMany(rule => rule.Resources).SelectMany(entry => entry.ResourceNames.Values).Where(IsName).Distinct(StringComparer.Ordinal)];

        // Names too, since a namespace is in the namespace of its name.
        string[] spaces = [.. rules.SelectMany(rule => rule.Namespaces.Values).Concat(names).Where(IsNamespace).Distinct(StringComparer.Ordinal)];
        Target[] targets = [.. RequestTarget.Of(catalogue).Select(target => new Target(target, target.Resource)), .. Unknown(rules, catalogue)];
        foreach (string[] verbs in s_verbs)
        {
            foreach (IGrouping<(ResourceScope Scope, bool HasName, string Verbs), Target> alike in targets
                .GroupBy(target => (target.Of.Scope, target.Of.Subresource.Length > 0, string.Join(' ', verbs.Where(target.Of.Verbs.Contains)))).Where(alike => alike.Key.Item3.Length > 0))
            {
                RequestKind kind = RequestKind.Of(alike.First().Of).First(kind => verbs.Contains(kind.Verb, StringComparer.Ordinal));
                Dimension resource = new(RequestSpace.Resource, alike.Select(target => target.Atom), terms, (term, request) => term.TakesTarget(request));
                Dimension verb = new(
                    RequestSpace.Verb, alike.Key.Verbs.Split(' ').Select(text => new Atom(text, request => request with { Verb = text })), terms, (term, request) => term.TakesVerb(request.Verb));
                if (kind.IsInItself)
                {
                    yield return
                    [
                        resource, verb,
                        new Dimension(
                            RequestSpace.Namespace, Texts(spaces, false, true, (request, text) => request with { Namespace = text, Name = text }),
                            terms, (term, request) => term.TakesNamespace(request.Namespace) && term.TakesName(request.Name)),
                    ];
                    continue;
                }

                yield return
                [
                    resource, verb,
                    new Dimension(
                        RequestSpace.Namespace, Texts(spaces, kind.MayBeOutside, kind.MayBeInside, (request, text) => request with { Namespace = text }),
                        terms, (term, request) => term.TakesNamespace(request.Namespace)),
                    new Dimension(RequestSpace.Name, Texts(names, !kind.HasName, kind.MayHaveName, (request, text) => request with { Name = text }), terms, (term, request) => term.TakesName(request.Name)),
                ];
            }
        }
    }

    /// <summary>Requests for anything else: the product of method and path.</summary>
    public static ImmutableArray<Dimension> ForPaths(ImmutableArray<PolicyTerm> terms, PolicyRule[] rules) =>
    [
        new Dimension(RequestSpace.Method, RequestTarget.Methods.Select(text => new Atom(text, request => request with { Verb = text })), terms, (term, request) => term.TakesVerb(request.Verb)),
        new Dimension(RequestSpace.Path, Paths([.. rules.SelectMany(rule => rule.NonResourceUrls.Values).Distinct(StringComparer.Ordinal)]), terms, (term, request) => term.TakesPath(request.Path)),
    ];

    /// <summary>Can a namespace be called so? (RFC 1123 label.)</summary>
    public static bool IsNamespace(string text) => text.Length is > 0 and <= 63 && text.All(character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character == '-');

    /// <summary>Can an object be called so? (apimachinery, IsValidPathSegmentName.)</summary>
    private static bool IsName(string text) => text is not ("" or "." or "..") && !text.AsSpan().ContainsAny('/', '%');

    private static bool IsResource(string text) => text.Length > 0 && text.All(character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character is '-' or '.');

    /// <summary>Texts that are named, one that is not, and none.</summary>
    private static IEnumerable<Atom> Texts(string[] named, bool canBeEmpty, bool canBeAny, Func<RequestAttributes, string, RequestAttributes> set)
    {
        string other = SubjectAtoms.Fresh(Probe, named.Contains);
        IEnumerable<(string Value, string Text)> any = canBeAny ? named.Select(text => (text, text)).Prepend((other, "any other")) : [];
        return any.Concat(canBeEmpty ? [("", "none")] : []).Select(pair => new Atom(pair.Text, request => set(request, pair.Value)));
    }

    /// <summary>Resources of groups that the catalogue does not know: those that rules tell apart, and one of each kind that they do not.</summary>
    private static IEnumerable<Target> Unknown(PolicyRule[] rules, ApiCatalogue catalogue)
    {
        GroupResources[] entries = [.. rules.SelectMany(rule => rule.Resources)];
        HashSet<string> groups = [.. entries.Select(entry => entry.Group.Value).Where(text => IsResource(text) && !catalogue.Groups.Contains(text))];
        string otherGroup = SubjectAtoms.Fresh(RequestKind.CustomGroup, groups.Contains);
        foreach (string group in groups.Prepend(otherGroup))
        {
            string[][] patterns = [.. entries.Where(entry => entry.Group.Value == group || entry.Group.Value == "*").SelectMany(entry => entry.Resources.Values).Distinct(StringComparer.Ordinal).Select(text => text.Split('/'))];
            HashSet<string> names = [.. patterns.Select(parts => parts[0]).Where(IsResource)];
            string otherName = SubjectAtoms.Fresh("probes", names.Contains);
            foreach (string name in names.Prepend(otherName))
            {
                HashSet<string> subresources = [.. patterns.Where(parts => parts.Length == 2 && (parts[0] == "*" || parts[0] == name)).Select(parts => parts[1]).Where(IsResource)];
                string otherSubresource = SubjectAtoms.Fresh("probe", subresources.Contains);
                string label = $"{(name == otherName ? "any other" : name)} of {(group == otherGroup ? "any other group" : group)}";
                yield return new Target(RequestTarget.Unknown(group, name, ""), label);
                foreach (string subresource in subresources.Prepend(otherSubresource))
                {
                    yield return new Target(RequestTarget.Unknown(group, name, subresource), label, subresource == otherSubresource);
                }
            }
        }
    }

    /// <summary>
    /// Paths of each set of patterns that matches one: those that are named, for each prefix one that no longer pattern matches, and one that none matches. Paths of resources are no such paths.
    /// </summary>
    private static IEnumerable<Atom> Paths(string[] patterns)
    {
        string[] prefixes = [.. patterns.Where(text => text.EndsWith('*')).Select(text => text.TrimEnd('*')).Distinct(StringComparer.Ordinal)];
        HashSet<string> exact = [.. patterns.Where(text => text.StartsWith('/') && !text.EndsWith('*'))];
        HashSet<string> seen = [];
        foreach (string path in exact.Where(IsPath))
        {
            yield return Path(path, path);
        }

        foreach (string prefix in prefixes.Append("/").Distinct(StringComparer.Ordinal).OrderByDescending(text => text.Length))
        {
            string start = prefix.Length == 0 ? "/" : prefix;
            string[] longer = [.. prefixes.Where(text => text.Length > start.Length && text.StartsWith(start, StringComparison.Ordinal))];
            IEnumerable<string> candidates = RequestTarget.Paths.Where(path => path.StartsWith(start, StringComparison.Ordinal))
                .Append(start + SubjectAtoms.Fresh(Probe, text => exact.Contains(start + text) || longer.Any(other => (start + text).StartsWith(other, StringComparison.Ordinal))))
                .Concat(Enumerable.Range(0, patterns.Length + 1).Select(slashes => start + new string('/', slashes)));
            string? found = candidates.FirstOrDefault(path => IsPath(path) && !exact.Contains(path) && !longer.Any(other => path.StartsWith(other, StringComparison.Ordinal)));
            if (found is not null && seen.Add(string.Join('\n', prefixes.Where(text => found.StartsWith(text, StringComparison.Ordinal)))))
            {
                yield return Path(found, start == "/" ? "any other" : $"any other {start}*");
            }
        }
    }

    private static bool IsPath(string path) => path.StartsWith('/') && !path.Contains('?', StringComparison.Ordinal) && !RequestInfo.Parse("GET", Uri.EscapeDataString(path).Replace("%2F", "/", StringComparison.Ordinal), out _).IsResourceRequest;

    private static Atom Path(string path, string text) => new(text, request => request with { Path = path });

    /// <summary>A resource or a subresource, in words.</summary>
    private sealed record Target(RequestTarget Of, string Label, bool IsOther = false)
    {
        public Atom Atom => new(
            (Of.Scope == ResourceScope.Unknown || Of.ApiGroup.Length == 0 ? Label : $"{Of.Resource}.{Of.ApiGroup}") + (Of.Subresource.Length == 0 ? "" : IsOther ? ", any other subresource" : $"/{Of.Subresource}"),
            request => request with { IsResourceRequest = true, ApiGroup = Of.ApiGroup, Resource = Of.Resource, Subresource = Of.Subresource });
    }
}
