using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Vedette.Detection.Stateful;

namespace Vedette.Detection.Engine;

/// <summary>The lists of rules that match together and of the names of their fields: thousands of matches are of the same rules and share them, as long as those keep their place.</summary>
/// <param name="plan">Has those of each rule by itself.</param>
internal sealed class RuleCombinations(StatefulPlan plan)
{
    /// <summary>Places for combinations; a power of two.</summary>
    private const int Places = 256;

    private readonly (ImmutableArray<int> Rules, ImmutableArray<string> Names)[] _kept = new (ImmutableArray<int>, ImmutableArray<string>)[Places];

    /// <summary>The lists of some rules.</summary>
    /// <param name="rules">The rules by their place, in order; at least one.</param>
    /// <param name="fields">Their fields, which are the same for the same rules.</param>
    public (ImmutableArray<int> Rules, ImmutableArray<string> Names) Of(List<int> rules, List<(string Name, int Path)> fields)
    {
        if (rules.Count == 1)
        {
            return (plan.Alone[rules[0]], plan.FieldNames[rules[0]]);
        }

        ReadOnlySpan<int> places = CollectionsMarshal.AsSpan(rules);
        HashCode hash = default;
        hash.AddBytes(MemoryMarshal.AsBytes(places));
        ref (ImmutableArray<int> Rules, ImmutableArray<string> Names) kept = ref _kept[hash.ToHashCode() & (Places - 1)];
        if (kept.Rules.IsDefault || !kept.Rules.AsSpan().SequenceEqual(places))
        {
            kept = ([.. rules], [.. fields.Select(field => field.Name)]);
        }

        return kept;
    }
}
