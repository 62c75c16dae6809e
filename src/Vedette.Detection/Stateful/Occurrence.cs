using System.Collections.Immutable;
using Vedette.Detection.Correlations;
using Vedette.Detection.Findings;
using Vedette.Detection.FirstSeen;

namespace Vedette.Detection.Stateful;

/// <summary>A rule that held once: on an event, or, for a correlation, on a window. Lives only while it is dealt with.</summary>
/// <param name="place">The rule, by its place in the plan.</param>
/// <param name="at">Time for windows, in ticks of 100 ns since the year 1.</param>
/// <param name="values">Values of fields; for a correlation those of its group.</param>
/// <param name="isLate">True when an event came late.</param>
internal sealed class Occurrence(int place, long at, ImmutableArray<FieldTexts> values, bool isLate)
{
    /// <summary>Most combinations of values taken of one occurrence.</summary>
    public const int MaxCombinations = 64;

    private Evidence? _evidence;

    /// <summary>The rule, by its place in the plan.</summary>
    public int Place => place;

    /// <summary>Time for windows, in ticks.</summary>
    public long At => at;

    /// <summary>True when an event came late.</summary>
    public bool IsLate => isLate;

    /// <summary>The request it belongs to, where known.</summary>
    public UInt128? Request { get; init; }

    /// <summary>True when another stage of the request may follow.</summary>
    public bool MayContinue { get; init; }

    /// <summary>For a correlation what it tells; null for an event.</summary>
    public Finding? Finding { get; init; }

    /// <summary>Who did what to what.</summary>
    public Evidence Evidence
    {
        // Few correlations go on into another.
        get => _evidence ??= Evidence.Of(Finding!, Convert.FromHexString(Finding!.Id));
        init => _evidence = value;
    }

    /// <summary>The group whose further matches go into the finding, for a correlation that is decided at once.</summary>
    public GroupWindow? Window { get; init; }

    /// <summary>The term that this is a repeat of, where further ones wait for it.</summary>
    public RepeatedTerm? Repeated { get; init; }

    /// <summary>For a correlation: the requests in its window that came after the group's last quiet time, so that no finding of the group counts them yet.</summary>
    public int Fresh { get; init; }

    /// <summary>Number of requests.</summary>
    public int Count => Finding?.Count ?? Evidence.Count;

    /// <summary>The events that it is of, in order.</summary>
    public ImmutableArray<FindingEvent> Events => Finding?.Events ?? Evidence.Events;

    /// <summary>The values of a field; none when it is missing.</summary>
    public ImmutableArray<string> ValuesOf(string? field)
    {
        foreach (FieldTexts texts in values)
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
        string[] single = new string[fields.Length];
        for (int i = 0; i < single.Length; i++)
        {
            ImmutableArray<string> of = ValuesOf(fields[i]);
            if (of.Length != 1)
            {
                return of.IsEmpty ? [] : AllCombinations(fields);
            }

            single[i] = of[0];
        }

        return [System.Runtime.InteropServices.ImmutableCollectionsMarshal.AsImmutableArray(single)];
    }

    private ImmutableArray<ImmutableArray<string>> AllCombinations(ImmutableArray<string?> fields)
    {
        ImmutableArray<ImmutableArray<string>> combinations = [[]];
        foreach (string? field in fields)
        {
            ImmutableArray<string> of = ValuesOf(field);
            combinations = [.. combinations.SelectMany(combination => of.Select(combination.Add)).Take(MaxCombinations)];
        }

        return combinations;
    }

    /// <summary>One text for several, different for different ones.</summary>
    public static string Key(ImmutableArray<string> values) => values.Length == 1 ? values[0] : string.Concat(values.Select(value => $"{value.Length}:{value}"));
}
