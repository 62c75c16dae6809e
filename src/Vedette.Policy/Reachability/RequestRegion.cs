using System.Collections.Immutable;

namespace Vedette.Policy.Reachability;

/// <summary>A part of the space of requests: those that have one of the values named in every part named. A part that is not named may have any value that such requests can have.</summary>
/// <param name="IsForResources">Requests for resources of the API, or for other paths?</param>
/// <param name="Parts">user, group NAME (yes or no), verb, resource, namespace, name; method and path. The values are in <see cref="PartValues"/>' words.</param>
public sealed record RequestRegion(bool IsForResources, ImmutableSortedDictionary<string, PartValues> Parts)
{
    private static readonly string[] s_first = [RequestSpace.Verb, RequestSpace.Method, RequestSpace.Resource, RequestSpace.Path, RequestSpace.Namespace, RequestSpace.Name, RequestSpace.User];

    /// <inheritdoc />
    public override string ToString() =>
        Parts.IsEmpty ? IsForResources ? "all requests for resources" : "all requests for other paths"
        : string.Join("; ", Parts.OrderBy(part => Array.IndexOf(s_first, part.Key) is >= 0 and int rank ? rank : s_first.Length).Select(part => $"{part.Key} {part.Value}")) + (IsForResources || Parts.ContainsKey(RequestSpace.Method) || Parts.ContainsKey(RequestSpace.Path) ? "" : "; other paths");
}

/// <summary>Values of one part of a request, or all but some. Texts such as "any other" stand for what no policy names.</summary>
/// <param name="IsComplement">All but these?</param>
/// <param name="Texts">The values, in order.</param>
public sealed record PartValues(bool IsComplement, ImmutableArray<string> Texts)
{
    /// <summary>Most values that <see cref="ToString"/> names.</summary>
    private const int MaxShown = 8;

    /// <inheritdoc />
    public override string ToString() =>
        (IsComplement ? "any but " : "") + string.Join(", ", Texts.Take(MaxShown)) + (Texts.Length > MaxShown ? $" and {Texts.Length - MaxShown} more" : "");
}
