using System.Collections.Immutable;
using Vedette.Policy.Requests;

namespace Vedette.Policy.Reachability;

/// <summary>Requests that no term tells apart in one part: one text, or all that nobody names.</summary>
/// <param name="Text">What a person reads.</param>
/// <param name="Set">Makes a request one of them.</param>
internal sealed record Atom(string Text, Func<RequestAttributes, RequestAttributes> Set);

/// <summary>Atoms that the same terms take.</summary>
/// <param name="Terms">The terms.</param>
/// <param name="Atoms">The atoms, the plainest first.</param>
internal sealed record AtomClass(TermSet Terms, ImmutableArray<Atom> Atoms);

/// <summary>One part of a request, its values divided by the terms that take them.</summary>
internal sealed class Dimension
{
    /// <summary>Divides the atoms.</summary>
    /// <param name="part">The part's name.</param>
    /// <param name="atoms">Its values, the plainest first.</param>
    /// <param name="terms">The terms.</param>
    /// <param name="takes">Does a term take a request in this part?</param>
    public Dimension(string part, IEnumerable<Atom> atoms, ImmutableArray<PolicyTerm> terms, Func<PolicyTerm, RequestAttributes, bool> takes)
    {
        Part = part;
        Classes =
        [
            .. atoms.GroupBy(atom =>
            {
                RequestAttributes sample = atom.Set(new RequestAttributes());
                return TermSet.Where(terms.Length, term => takes(terms[term], sample));
            }).Select(same => new AtomClass(same.Key, [.. same])),
        ];
    }

    /// <summary>The part's name: user, group NAME, verb, resource, namespace, name, method, path.</summary>
    public string Part { get; }

    /// <summary>The classes.</summary>
    public ImmutableArray<AtomClass> Classes { get; }

    /// <summary>All atoms.</summary>
    public IEnumerable<Atom> Atoms => Classes.SelectMany(same => same.Atoms);
}
