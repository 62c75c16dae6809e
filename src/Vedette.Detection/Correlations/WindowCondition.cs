using Vedette.Detection.Sigma;

namespace Vedette.Detection.Correlations;

/// <summary>Decides a correlation's condition on the matches of a window. docs/sigma.md says what each type means.</summary>
internal static class WindowCondition
{
    /// <summary>A time after every event.</summary>
    private const long Never = long.MaxValue;

    /// <summary>Does the condition hold for everything the group holds? For conditions without <c>not</c>.</summary>
    public static bool Holds(CompiledCorrelation correlation, GroupWindow window)
    {
        if (correlation.Rule.Extended is { } expression)
        {
            return End(correlation, window, expression, new Frame(long.MinValue, long.MaxValue, long.MinValue, long.MaxValue), long.MinValue) != Never;
        }

        if (Figure(correlation, window) is not { } figure)
        {
            return false;
        }

        foreach (ThresholdComparison comparison in correlation.Rule.Threshold!.Comparisons)
        {
            if (!comparison.Holds(figure))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// Does an expression with <c>not</c> hold for the window that begins at a time? What it asks for must lie in that window; what it rules out must lie in no window with the same matches.
    /// </summary>
    public static bool Holds(CompiledCorrelation correlation, GroupWindow window, long start)
    {
        long end = start + correlation.Span;
        long last = start;
        foreach (WindowEntry entry in window.Entries)
        {
            if (entry.At >= start && entry.At <= end && correlation.Wants(entry.Input))
            {
                last = entry.At;
            }
        }

        return End(correlation, window, correlation.Rule.Extended!, new Frame(start, end, last - correlation.Span, end), start) != Never;
    }

    /// <summary>The figure that the threshold is about; null when there is none, such as the average of nothing.</summary>
    public static decimal? Figure(CompiledCorrelation correlation, GroupWindow window) => correlation.Rule.Type switch
    {
        CorrelationType.EventCount => window.Entries.Count,
        CorrelationType.ValueCount => window.Distinct,
        CorrelationType.Temporal => window.InputsSeen,
        CorrelationType.TemporalOrdered => LongestChain(correlation, window),
        CorrelationType.ValueSum => window.Numbers == 0 ? null : window.Sum,
        CorrelationType.ValueAverage => window.Numbers == 0 ? null : window.Sum / window.Numbers,
        CorrelationType.ValuePercentile => Percentile(window, correlation.Rule.Threshold!.Percentile!.Value),
        CorrelationType.ValueMedian => Percentile(window, 50),
        _ => throw new ArgumentOutOfRangeException(nameof(correlation)),
    };

    /// <summary>The longest selection of the rules, in their order, of which each matched not before the one ahead of it.</summary>
    private static int LongestChain(CompiledCorrelation correlation, GroupWindow window)
    {
        if (window.InputsSeen < 2)
        {
            return window.InputsSeen;
        }

        // Earliest time at which a chain of this length can end.
        long[] ends = new long[correlation.InputCount + 1];
        Array.Fill(ends, Never);
        ends[0] = long.MinValue;
        for (int input = 0; input < correlation.InputCount; input++)
        {
            for (int length = input + 1; length > 0; length--)
            {
                if (ends[length - 1] != Never)
                {
                    ends[length] = Math.Min(ends[length], First(window, input, ends[length - 1], Never));
                }
            }
        }

        return Array.FindLastIndex(ends, end => end != Never);
    }

    private static long First(GroupWindow window, int input, long from, long to)
    {
        foreach (WindowEntry entry in window.Entries)
        {
            if (entry.Input == input && entry.At >= from)
            {
                return entry.At <= to ? entry.At : Never;
            }
        }

        return Never;
    }

    /// <summary>When the expression first holds at or after a time; <see cref="Never"/> when it does not. In ordered correlations the parts of <c>and</c> follow one another.</summary>
    private static long End(CompiledCorrelation correlation, GroupWindow window, ConditionExpression expression, Frame frame, long from)
    {
        switch (expression)
        {
            case ConditionExpression.Name name:
                return First(window, correlation.InputOf(name.Identifier), Math.Max(from, frame.From), frame.To);
            case ConditionExpression.Not not:
                // Under 'not' the wider frame counts, and the order does not.
                return End(correlation, window, not.Of, frame.Turned, frame.Turned.From) == Never ? from : Never;
            case ConditionExpression.Any any:
                return any.Of.Min(part => End(correlation, window, part, frame, from));
            case ConditionExpression.All all:
                long end = from;
                foreach (ConditionExpression part in all.Of)
                {
                    long partEnd = End(correlation, window, part, frame, correlation.IsOrdered ? end : from);
                    if (partEnd == Never)
                    {
                        return Never;
                    }

                    end = Math.Max(end, partEnd);
                }

                return end;
            default:
                throw new ArgumentOutOfRangeException(nameof(expression));
        }
    }

    /// <summary>By linear interpolation between the two nearest ranks, so that the median of an even number of values is the mean of the middle two.</summary>
    private static decimal? Percentile(GroupWindow window, decimal percentile)
    {
        decimal[] numbers = [.. window.Entries.SelectMany(entry => entry.Values).Select(GroupWindow.Number).OfType<decimal>().Order()];
        if (numbers.Length == 0)
        {
            return null;
        }

        decimal rank = percentile / 100 * (numbers.Length - 1);
        int below = (int)decimal.Floor(rank);
        int above = Math.Min(below + 1, numbers.Length - 1);
        return numbers[below] + ((rank - below) * (numbers[above] - numbers[below]));
    }

    /// <summary>Where matches must lie that are asked for, and where those that are ruled out must not.</summary>
    private readonly record struct Frame(long From, long To, long OutsideFrom, long OutsideTo)
    {
        public Frame Turned => new(OutsideFrom, OutsideTo, From, To);
    }
}
