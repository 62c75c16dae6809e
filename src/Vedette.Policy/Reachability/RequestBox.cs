using System.Collections.Immutable;
using Vedette.Policy.Requests;

namespace Vedette.Policy.Reachability;

/// <summary>A product of dimensions: every choice of one atom in each is a realisable request.</summary>
internal sealed class RequestBox
{
    /// <summary>Makes a product.</summary>
    /// <param name="dimensions">None of them empty.</param>
    public RequestBox(params ImmutableArray<Dimension> dimensions)
    {
        Dimensions = dimensions;
        Possible = dimensions.Select(dimension => dimension.Classes.Select(same => same.Terms).Aggregate((a, b) => a | b)).Aggregate((a, b) => a & b);
    }

    /// <summary>The parts, in the order in which they are decided.</summary>
    public ImmutableArray<Dimension> Dimensions { get; }

    /// <summary>Is it of requests for resources of the API?</summary>
    public bool IsForResources => Dimensions[0].Part == RequestSpace.Resource;

    /// <summary>Terms that take a request of it.</summary>
    public TermSet Possible { get; }

    /// <summary>The request of an atom of every part.</summary>
    public RequestAttributes Witness(IReadOnlyDictionary<int, Atom> chosen)
    {
        RequestAttributes request = new() { IsResourceRequest = IsForResources };
        for (int i = 0; i < Dimensions.Length; i++)
        {
            request = chosen[i].Set(request);
        }

        return request;
    }
}
