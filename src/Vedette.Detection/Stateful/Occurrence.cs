using System.Collections.Immutable;
using Vedette.Detection.Findings;

namespace Vedette.Detection.Stateful;

/// <summary>A rule that held once: on an event, or, for a correlation, on a window.</summary>
/// <param name="Place">The rule, by its place in the plan.</param>
/// <param name="At">Time for windows, in ticks of 100 ns since the year 1.</param>
/// <param name="Request">The request it belongs to, where known.</param>
/// <param name="MayContinue">True when another stage of the request may follow.</param>
/// <param name="Content">Digest of the event's content; for a correlation its finding's id.</param>
/// <param name="Values">Values of fields; for a correlation those of its group.</param>
/// <param name="Evidence">Who did what to what.</param>
/// <param name="IsLate">True when an event came late.</param>
internal sealed record Occurrence(
    int Place, long At, UInt128? Request, bool MayContinue, string Content, ImmutableArray<FieldTexts> Values, Finding Evidence, bool IsLate)
{
    /// <summary>Most combinations of values taken of one occurrence.</summary>
    public const int MaxCombinations = 64;

    /// <summary>The group whose further matches go into the finding, for a correlation that is decided at once.</summary>
    public Correlations.GroupWindow? Window { get; init; }

    /// <summary>The term that this is a repeat of, where further ones wait for it.</summary>
    public FirstSeen.RepeatedTerm? Repeated { get; init; }

    /// <summary>For a correlation: the requests in its window that came after the group's last quiet time, so that no finding of the group counts them yet.</summary>
    public int Fresh { get; init; }

    /// <summary>The values of a field; none when it is missing.</summary>
    public ImmutableArray<string> ValuesOf(string? field)
    {
        foreach (FieldTexts texts in Values)
        {
            if (texts.Field == field)
            {
                return texts.Values;
            }
        }

        return [];
    }

    /// <summary>
    /// The combinations of the values of some fields, one value of each: one for no fields, none when a field is missing. At most <see cref="MaxCombinations"/>.
    /// </summary>
    public ImmutableArray<ImmutableArray<string>> Combinations(ImmutableArray<string?> fields)
    {
        ImmutableArray<ImmutableArray<string>> combinations = [[]];
        foreach (string? field in fields)
        {
            ImmutableArray<string> values = ValuesOf(field);
            combinations = [.. combinations.SelectMany(combination => values.Select(combination.Add)).Take(MaxCombinations)];
        }

        return combinations;
    }

    /// <summary>One text for several, different for different ones.</summary>
    public static string Key(ImmutableArray<string> values) => values.Length == 1 ? values[0] : string.Concat(values.Select(value => $"{value.Length}:{value}"));
}
