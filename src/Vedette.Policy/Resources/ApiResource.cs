using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Vedette.Policy.Resources;

/// <summary>A resource of the Kubernetes API.</summary>
/// <param name="Group">API group; the empty text is the core group.</param>
/// <param name="Name">Plural name as in paths: <c>pods</c>.</param>
/// <param name="Kind">Kind of its objects.</param>
/// <param name="IsNamespaced">Does it live in namespaces?</param>
/// <param name="Verbs">Verbs it answers to.</param>
/// <param name="ShortNames">Names that kubectl takes; the server does not.</param>
/// <param name="Subresources">Subresource to its verbs.</param>
public sealed record ApiResource(
    string Group,
    string Name,
    string Kind,
    bool IsNamespaced,
    ImmutableArray<string> Verbs,
    ImmutableArray<string> ShortNames,
    FrozenDictionary<string, ImmutableArray<string>> Subresources);
