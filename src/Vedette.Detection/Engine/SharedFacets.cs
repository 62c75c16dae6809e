namespace Vedette.Detection.Engine;

/// <summary>What threads that evaluate the same rules tell each other of what they remember of events' facets. Safe for threads.</summary>
/// <param name="rules">The rules.</param>
public sealed class SharedFacets(CompiledRules rules)
{
    private readonly SharedRows[] _rows = [.. rules.Index.Facets.Select(facet => new SharedRows(rules.Index.RowWords(facet)))];

    /// <summary>The rules.</summary>
    public CompiledRules Rules => rules;

    /// <summary>A memory of nothing for each facet, for one more thread.</summary>
    internal FacetMemory[] NewMemories() => Candidates.NewMemories(rules.Index, _rows);
}
