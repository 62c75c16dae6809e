using System.Collections.Immutable;
using Vedette.Detection.Rules;

namespace Vedette.Detection.Sigma;

/// <summary>A search identifier of a rule.</summary>
/// <param name="condition">What it stands for.</param>
internal sealed class SearchIdentifier(Condition condition)
{
    /// <summary>What it stands for.</summary>
    public Condition Condition => condition;

    /// <summary>How many tests it has.</summary>
    public int Tests { get; } = TestsOf(condition);

    /// <summary>True when the condition names it.</summary>
    public bool IsNamed { get; set; }

    private static int TestsOf(Condition condition) => condition switch
    {
        Condition.All all => TestsOf(all.Of),
        Condition.Any any => TestsOf(any.Of),
        Condition.Not not => TestsOf(not.Of),
        _ => 1,
    };

    private static int TestsOf(ImmutableArray<Condition> parts)
    {
        int tests = 0;
        foreach (Condition part in parts)
        {
            tests += TestsOf(part);
        }

        return tests;
    }
}
