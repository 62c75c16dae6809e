using System.Collections.Immutable;
using Vedette.Detection.Findings;
using Vedette.Detection.Stateful;

namespace Vedette.Detection.Correlations;

/// <summary>A request in a window: all its stages that one rule matched, or an event whose request is not known.</summary>
/// <param name="input">Which of the correlation's rules matched.</param>
/// <param name="place">The rule, by its place in the plan.</param>
/// <param name="at">Time of the first stage, in ticks.</param>
/// <param name="request">The request, where known.</param>
/// <param name="evidence">Who did what to what.</param>
/// <param name="isLate">True when it came late.</param>
/// <param name="values">The values counted or computed with; for several fields, one text for each combination.</param>
internal sealed class WindowEntry(int input, int place, long at, UInt128? request, Evidence evidence, bool isLate, ImmutableArray<string> values)
{
    /// <summary>Bytes of an entry beside its evidence and its values: its object, its place in the queue and in the table of requests.</summary>
    private const int Overhead = 180;

    // A nullable one would take twice the room.
    private readonly UInt128 _request = request ?? default;
    private readonly bool _hasRequest = request is not null;

    /// <summary>The entry of a match.</summary>
    public WindowEntry(int input, in Occurrence first, ImmutableArray<string> values)
        : this(input, first.Place, first.At, first.Request, first.Evidence, first.IsLate, values)
    {
    }

    /// <summary>Which of the correlation's rules matched.</summary>
    public int Input => input;

    /// <summary>The rule, by its place in the plan.</summary>
    public int Place => place;

    /// <summary>Time of the first stage, in ticks.</summary>
    public long At => at;

    /// <summary>The request, where known.</summary>
    public UInt128? Request => _hasRequest ? _request : null;

    /// <summary>Who did what to what, as far as the stages tell.</summary>
    public Evidence Evidence { get; private set; } = evidence;

    /// <summary>True when a stage came late.</summary>
    public bool IsLate { get; private set; } = isLate;

    /// <summary>The values counted or computed with; for several fields, one text for each combination.</summary>
    public ImmutableArray<string> Values { get; private set; } = values;

    /// <summary>Bytes that it takes, with the places of its values in the table of those that are different.</summary>
    public int Size { get; private set; } = SizeOf(evidence, values);

    /// <summary>Adds a later stage: it may know the outcome, and values that the first one did not have.</summary>
    /// <returns>True when it brought values.</returns>
    public bool Merge(in Occurrence stage, ImmutableArray<string> values)
    {
        Evidence merged = Evidence.With(stage.Evidence);
        IsLate |= merged != Evidence && stage.IsLate;
        Evidence = merged;
        bool isNew = Values.IsEmpty && !values.IsEmpty;
        Values = isNew ? values : Values;
        Size = SizeOf(Evidence, Values);
        return isNew;
    }

    private static int SizeOf(Evidence evidence, ImmutableArray<string> values)
    {
        int size = Overhead + evidence.Size;
        foreach (string value in values)
        {
            size += 64 + StateMemory.SizeOf(value);
        }

        return size;
    }
}
