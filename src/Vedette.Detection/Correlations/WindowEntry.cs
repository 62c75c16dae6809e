using System.Collections.Immutable;
using Vedette.Detection.Findings;
using Vedette.Detection.Stateful;

namespace Vedette.Detection.Correlations;

/// <summary>A request in a window: all its stages that one rule matched, or an event whose request is not known.</summary>
internal sealed class WindowEntry(int input, Occurrence first, ImmutableArray<string> values)
{
    /// <summary>Which of the correlation's rules matched.</summary>
    public int Input => input;

    /// <summary>The first stage.</summary>
    public Occurrence First { get; private set; } = first;

    /// <summary>The values counted or computed with; for several fields, one text for each combination.</summary>
    public ImmutableArray<string> Values { get; private set; } = values;

    /// <summary>Time of the first stage, in ticks.</summary>
    public long At => First.At;

    /// <summary>Adds a later stage: it may know the outcome, and values that the first one did not have.</summary>
    /// <returns>True when it brought values.</returns>
    public bool Merge(Occurrence stage, ImmutableArray<string> values)
    {
        Finding known = First.Evidence;
        Finding later = stage.Evidence;
        if (!known.Events.Contains(later.Events[0]))
        {
            First = First with
            {
                IsLate = First.IsLate || stage.IsLate,
                Evidence = known with
                {
                    Code = later.Code ?? known.Code,
                    Decision = later.Decision ?? known.Decision,
                    Target = later.Target ?? known.Target,
                    Events = known.Events.Length < FindingCollector.MaxEvents ? known.Events.Add(later.Events[0]) : known.Events,
                },
            };
        }

        if (Values.IsEmpty && !values.IsEmpty)
        {
            Values = values;
            return true;
        }

        return false;
    }
}
