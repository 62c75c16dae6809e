using System.Buffers;
using System.Collections.Immutable;
using Vedette.Audit.Events;
using Vedette.Audit.Json;
using Vedette.Detection.Fields;
using Vedette.Detection.Findings;
using Vedette.Detection.Packing;
using Vedette.Detection.Stateful;

namespace Vedette.Detection.Engine;

/// <summary>Takes what stateful rules need of an event out of its batch. One per thread.</summary>
/// <param name="rules">The rules.</param>
/// <param name="fields">Reads the event.</param>
internal sealed class MatchTaker(CompiledRules rules, FieldResolver fields)
{
    private readonly List<int> _taken = [];
    private readonly List<(string Name, int Path)> _takenFields = [];
    private readonly RuleCombinations _combinations = new(rules.Stateful);
    private readonly ArrayBufferWriter<byte> _packed = new();

    /// <summary>What the stateful ones among rules that matched need; null when none is.</summary>
    /// <param name="matches">The rules that matched.</param>
    /// <param name="without">Rules to leave out.</param>
    /// <param name="view">The event.</param>
    /// <param name="cluster">Name of the cluster, for the findings.</param>
    /// <param name="room">Where what is kept of the event goes; null for memory of its own.</param>
    public EventMatch? Take(List<int> matches, List<int> without, in EventView view, string? cluster, MatchRoom? room)
    {
        StatefulPlan plan = rules.Stateful;
        _taken.Clear();
        _takenFields.Clear();
        foreach (int rule in matches)
        {
            if (!plan.IsStateful(rule) || without.Contains(rule))
            {
                continue;
            }

            _taken.Add(rule);
            foreach ((string Name, int) field in plan.Fields[rule])
            {
                if (!HasTaken(field.Name))
                {
                    _takenFields.Add(field);
                }
            }
        }

        if (_taken.Count == 0)
        {
            return null;
        }

        // One block for both: so many matches are held that each object less counts.
        _packed.ResetWrittenCount();
        Evidence.Pack(view, cluster, new PackedWriter(_packed));
        int length = _packed.WrittenCount;
        WriteValues(view);
        int start = 0;
        byte[] block = room is null ? _packed.WrittenSpan.ToArray() : room.Place(_packed.WrittenSpan, out start);
        (ImmutableArray<int> combination, ImmutableArray<string> names) = _combinations.Of(_taken, _takenFields);
        FieldValues values = new(names, block, start + length, _packed.WrittenCount - length);
        Evidence evidence = new(block, start, length, _packed.WrittenCount);
        if (room is null)
        {
            return new EventMatch
            {
                Rules = combination,
                Time = EventTime.Of(view),
                Request = EventMatch.RequestOf(view),
                MayContinue = EventMatch.MayContinueAfter(view),
                Values = values,
                Evidence = evidence,
            };
        }

        EventMatch match = room.Match();
        match.Become(combination, EventTime.Of(view), EventMatch.RequestOf(view), EventMatch.MayContinueAfter(view), values, evidence);
        return match;
    }

    private bool HasTaken(string name)
    {
        foreach ((string taken, _) in _takenFields)
        {
            if (taken == name)
            {
                return true;
            }
        }

        return false;
    }

    private void WriteValues(in EventView view)
    {
        PackedWriter writer = new(_packed);
        foreach ((_, int path) in _takenFields)
        {
            Range range = fields.Resolve(path, view, out _);
            if (range.End.Value - range.Start.Value == 1 && fields.KindOf(range.Start.Value) != JsonKind.Null && fields.TextOf(range.Start.Value, view) is { Length: <= EventMatch.MaxValueLength } text)
            {
                writer.Number(1);
                writer.Text(text);
            }
            else
            {
                writer.Texts(TextsOf(range, view));
            }
        }
    }

    private ImmutableArray<string> TextsOf(Range range, in EventView view)
    {
        ImmutableArray<string>.Builder texts = ImmutableArray.CreateBuilder<string>(Math.Min(range.End.Value - range.Start.Value, EventMatch.MaxValues));
        for (int value = range.Start.Value; value < range.End.Value && texts.Count < EventMatch.MaxValues; value++)
        {
            if (fields.KindOf(value) != JsonKind.Null && EventMatch.Bound(fields.TextOf(value, view)) is var text && !texts.Contains(text))
            {
                texts.Add(text);
            }
        }

        return texts.DrainToImmutable();
    }
}
