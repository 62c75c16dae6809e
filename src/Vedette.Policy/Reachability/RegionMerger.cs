using System.Collections.Immutable;

namespace Vedette.Policy.Reachability;

/// <summary>
/// Puts products together that differ in one part alone, until none do. Exact: what comes out has the same requests of the space as what went in. Verbs are kept apart until the other parts are
/// done, since which resources there are depends on the verb.
/// </summary>
internal sealed class RegionMerger
{
    private const string NotResource = "all resources but";

    private readonly Dictionary<string, HashSet<string>> _all = [];
    private readonly Dictionary<string, HashSet<string>> _targetsOf = [];

    /// <summary>Learns what values there are.</summary>
    public RegionMerger(ImmutableArray<RequestBox> boxes)
    {
        foreach (RequestBox box in boxes)
        {
            foreach (Dimension dimension in box.Dimensions)
            {
                Values(_all, dimension.Part).UnionWith(dimension.Atoms.Select(atom => atom.Text));
            }

            foreach (string verb in box.Dimensions.Where(dimension => dimension.Part == RequestSpace.Verb).SelectMany(dimension => dimension.Atoms).Select(atom => atom.Text))
            {
                Values(_targetsOf, verb).UnionWith(box.Dimensions[0].Atoms.Select(atom => atom.Text));
            }
        }
    }

    /// <summary>Merges.</summary>
    /// <param name="pieces">Boxes, each with the atoms taken of its dimensions; all atoms of those that are not there.</param>
    public ImmutableArray<RequestRegion> Merge(IEnumerable<(RequestBox Box, ImmutableDictionary<int, ImmutableArray<Atom>> Atoms)> pieces)
    {
        List<Piece> merged = [.. pieces.SelectMany(piece => Split(piece.Box, piece.Atoms))];
        merged = Join(merged, part => part != RequestSpace.Verb);
        merged = Join([.. merged.Select(Complement)], part => part != NotResource);
        return [.. merged.Select(Region)];
    }

    /// <summary>Says which resources are missing where that is shorter, so that verbs that other resources do not have can be put together.</summary>
    private Piece Complement(Piece piece)
    {
        if (!piece.IsForResources)
        {
            return piece;
        }

        ImmutableSortedSet<string> targets = piece.Values[RequestSpace.Resource];
        ImmutableSortedSet<string> missing = [.. _targetsOf[piece.Values[RequestSpace.Verb][0]].Except(targets, StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        return missing.Count >= targets.Count ? piece
            : piece with { Values = missing.IsEmpty ? piece.Values.Remove(RequestSpace.Resource) : piece.Values.Remove(RequestSpace.Resource).Add(NotResource, missing) };
    }

    private static HashSet<string> Values(Dictionary<string, HashSet<string>> of, string key) => of.TryGetValue(key, out HashSet<string>? values) ? values : of[key] = new(StringComparer.Ordinal);

    /// <summary>One for each verb. Namespaces, names and groups are left out where all that there can be are in: verb and resource say which those are.</summary>
    private static IEnumerable<Piece> Split(RequestBox box, ImmutableDictionary<int, ImmutableArray<Atom>> atoms)
    {
        ImmutableSortedDictionary<string, ImmutableSortedSet<string>> values = ImmutableSortedDictionary.Create<string, ImmutableSortedSet<string>>(StringComparer.Ordinal);
        for (int i = 0; i < box.Dimensions.Length; i++)
        {
            Dimension dimension = box.Dimensions[i];
            if (atoms.TryGetValue(i, out ImmutableArray<Atom> taken) || dimension.Part is RequestSpace.User or RequestSpace.Verb or RequestSpace.Resource or RequestSpace.Method or RequestSpace.Path)
            {
                values = values.Add(dimension.Part, (taken.IsDefault ? dimension.Atoms : taken).Select(atom => atom.Text).ToImmutableSortedSet(StringComparer.Ordinal));
            }
        }

        return values.TryGetValue(RequestSpace.Verb, out ImmutableSortedSet<string>? verbs)
            ? verbs.Select(verb => new Piece(true, values.SetItem(RequestSpace.Verb, [verb])))
            : [new Piece(false, values)];
    }

    private static List<Piece> Join(List<Piece> pieces, Func<string, bool> mayJoin)
    {
        for (int before = -1; before != pieces.Count;)
        {
            before = pieces.Count;
            foreach (string part in pieces.SelectMany(piece => piece.Values.Keys).Distinct(StringComparer.Ordinal).Where(mayJoin).ToArray())
            {
                pieces =
                [
                    .. pieces.GroupBy(piece => piece.KeyWithout(part), StringComparer.Ordinal).Select(same => same.All(piece => piece.Values.ContainsKey(part))
                        ? same.First() with { Values = same.First().Values.SetItem(part, [.. same.SelectMany(piece => piece.Values[part]).Order(StringComparer.Ordinal)]) }
                        : same.First(piece => !piece.Values.ContainsKey(part))),
                ];
            }
        }

        return pieces;
    }

    private RequestRegion Region(Piece piece) => new(
        piece.IsForResources,
        piece.Values.Where(part => part.Key == NotResource || part.Value.Count < _all[part.Key].Count).Select(part => Described(part.Key, part.Value)).ToImmutableSortedDictionary(StringComparer.Ordinal));

    private KeyValuePair<string, PartValues> Described(string part, ImmutableSortedSet<string> values)
    {
        if (part is NotResource or RequestSpace.Resource)
        {
            return new(RequestSpace.Resource, new PartValues(part == NotResource, [.. values]));
        }

        ImmutableArray<string> rest = [.. _all[part].Except(values, StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        return new(part, rest.Length < values.Count && !rest.Any(text => text.StartsWith("any other", StringComparison.Ordinal)) ? new PartValues(true, rest) : new PartValues(false, [.. values]));
    }

    private sealed record Piece(bool IsForResources, ImmutableSortedDictionary<string, ImmutableSortedSet<string>> Values)
    {
        public string KeyWithout(string part) => $"{IsForResources}\n" + string.Join('\n', Values.Where(value => value.Key != part).Select(value => $"{value.Key}\t{string.Join('\t', value.Value)}"));
    }
}
