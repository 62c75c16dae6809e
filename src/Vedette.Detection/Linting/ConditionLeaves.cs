using Vedette.Detection.Rules;

namespace Vedette.Detection.Linting;

/// <summary>The tests at the ends of a condition.</summary>
internal static class ConditionLeaves
{
    /// <summary>Every test, and whether it stands under an even number of negations.</summary>
    public static IEnumerable<(Condition Test, bool IsWanted)> Of(Condition condition, bool isWanted = true) => condition switch
    {
        Condition.All all => all.Of.SelectMany(part => Of(part, isWanted)),
        Condition.Any any => any.Of.SelectMany(part => Of(part, isWanted)),
        Condition.Not not => Of(not.Of, !isWanted),
        Condition.Constant => [],
        _ => [(condition, isWanted)],
    };

    /// <summary>The fields that a condition looks at.</summary>
    public static IEnumerable<string> Fields(Condition condition) => Of(condition).Select(leaf => leaf.Test.TestedField).OfType<string>().Distinct(StringComparer.Ordinal);
}
