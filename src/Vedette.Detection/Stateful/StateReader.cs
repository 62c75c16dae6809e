using System.Collections.Immutable;
using Vedette.Detection.Correlations;
using Vedette.Detection.Findings;
using Vedette.Detection.FirstSeen;
using Vedette.Detection.Packing;
using Vedette.Detection.Rules;

namespace Vedette.Detection.Stateful;

/// <summary>Reads what <see cref="StateWriter"/> wrote. What belongs to a rule that is no longer there is left out.</summary>
/// <param name="plan">The rules, which may be others than those of the writer.</param>
/// <param name="findings">Counts the bytes of open findings.</param>
internal sealed class StateReader(StatefulPlan plan, MemoryAccount findings)
{
    private readonly Dictionary<string, int> _places = plan.Planned.Select((planned, place) => (planned.Rule.Id, place))
        .DistinctBy(pair => pair.Id, StringComparer.Ordinal).ToDictionary(pair => pair.Id, pair => pair.place, StringComparer.Ordinal);

    private readonly List<string> _rules = [];
    private readonly List<Evidence> _evidence = [];

    /// <summary>The open findings, null for those whose rule is gone.</summary>
    public List<OpenFinding?> ReadOpen(ref PackedReader reader)
    {
        List<OpenFinding?> open = [];
        for (int left = reader.Count(); left > 0; left--)
        {
            long until = reader.Number();
            bool hasChanged = reader.Flag();
            (int, string)? suppresses = null;
            if (reader.Flag())
            {
                int? place = ReadRule(ref reader, out _);
                string key = reader.Text();
                suppresses = place is { } known ? (known, key) : null;
            }

            List<UInt128> requests = [];
            for (int more = reader.Count(); more > 0; more--)
            {
                requests.Add(reader.Identity());
            }

            Finding? finding = ReadFinding(ref reader);
            open.Add(finding is null ? null : OpenFinding.Restore(finding, until, hasChanged, suppresses, requests, findings));
        }

        return open;
    }

    /// <summary>Fills the memory of a rule's terms.</summary>
    public void ReadTerms(ref PackedReader reader, TermMemory?[] memories)
    {
        TermMemory? terms = ReadRule(ref reader, out _) is { } place ? memories[place] : null;
        Read(ref reader, terms?.Terms);
        Read(ref reader, terms?.Peers);
    }

    /// <summary>Fills the windows of a correlation.</summary>
    public void ReadWindows(ref PackedReader reader, CorrelationState[] correlations, List<OpenFinding?> open)
    {
        int? place = ReadRule(ref reader, out _);
        CorrelationState? state = Array.Find(correlations, item => item.Correlation.Place == place);
        if (reader.Text() != state?.Correlation.Shape)
        {
            state = null;
        }

        Read(ref reader, state?.Unfinished);
        for (int left = reader.Count(); left > 0; left--)
        {
            GroupWindow window = ReadWindow(ref reader, state?.Correlation, open);
            if (state is not null)
            {
                window.Due = state.Correlation.Decision switch
                {
                    Decision.AtClose when window.Entries.Count > 0 && window.Due != long.MaxValue => Math.Clamp(window.Due, 0, DateTime.MaxValue.Ticks + state.Correlation.Span),
                    Decision.AtCloseOfEach when window.Starts is { Count: > 0 } starts => starts.Peek() + state.Correlation.Span,
                    _ => long.MaxValue,
                };
                state.Restore(window);
                state.MakeRoom();
            }
        }
    }

    /// <summary>Reads a window; for a correlation that is gone only so that what stands behind it is found.</summary>
    private GroupWindow ReadWindow(ref PackedReader reader, CompiledCorrelation? correlation, List<OpenFinding?> open)
    {
        ImmutableArray<string> values = reader.Texts();
        GroupWindow window = new(CompositeKey.Of(values.AsSpan()), values, correlation?.InputCount ?? 0) { LastUsed = reader.Ticks(), Due = reader.Number(), QuietUntil = reader.Number() };
        int place = reader.Small();
        window.Open = place switch
        {
            -1 => null,
            >= 0 when place < open.Count => open[place],
            _ => throw new InvalidDataException("no such finding"),
        };
        for (int left = reader.Count(); left > 0; left--)
        {
            window.Start(reader.Ticks());
        }

        for (int left = reader.Count(); left > 0; left--)
        {
            int input = reader.Small();
            ImmutableArray<string> counted = reader.Texts();
            int? rule = ReadRule(ref reader, out _);
            long at = reader.Ticks();
            UInt128? request = reader.IdentityOrNull();
            bool isLate = reader.Flag();
            // Evidence is read even where the rule is gone: later entries may refer to it.
            Evidence evidence = ReadEvidence(ref reader);
            if (correlation is not null && (input < 0 || input >= correlation.InputCount))
            {
                throw new InvalidDataException("no such rule of a correlation");
            }

            if (correlation is not null && rule is { } known)
            {
                window.Add(new WindowEntry(input, known, at, request, evidence, isLate, counted));
            }
        }

        return window;
    }

    private static void Read(ref PackedReader reader, RecentSet? set)
    {
        for (int left = reader.Count(); left > 0; left--)
        {
            (string name, string member, long at) = (reader.Text(), reader.Text(), reader.Ticks());
            set?.Add(name, member, at);
        }
    }

    private Evidence ReadEvidence(ref PackedReader reader)
    {
        int place = reader.Small();
        if (place == _evidence.Count)
        {
            _evidence.Add(Evidence.Read(reader.Bytes()));
        }

        return place >= 0 && place < _evidence.Count ? _evidence[place] : throw new InvalidDataException("no such evidence");
    }

    /// <summary>Reads a finding; null when its rule is gone.</summary>
    private Finding? ReadFinding(ref PackedReader reader)
    {
        Evidence evidence = Evidence.Read(reader.Bytes());
        string id = reader.Text();
        int? rule = ReadRule(ref reader, out _);
        Finding finding = evidence.Unpack() with
        {
            Id = id,
            IsLate = reader.Flag(),
            Message = reader.Text(),
            Window = reader.Flag() ? new FindingWindow(Time(reader.Ticks()), Time(reader.Ticks())) : null,
        };
        ImmutableArray<GroupValue>.Builder group = ImmutableArray.CreateBuilder<GroupValue>();
        for (int left = reader.Count(); left > 0; left--)
        {
            group.Add(new GroupValue(reader.Text(), reader.Text()));
        }

        ImmutableArray<DetectionRule>.Builder contributing = ImmutableArray.CreateBuilder<DetectionRule>();
        for (int left = reader.Count(); left > 0; left--)
        {
            // One that is gone still has its id in what it contributed to.
            int? place = ReadRule(ref reader, out string gone);
            contributing.Add(place is { } one ? plan.Planned[one].Rule : new DetectionRule { Id = gone, Title = gone, Condition = new Condition.Constant(false) });
        }

        return rule is { } known ? finding with { Rule = plan.Planned[known].Rule, Group = group.ToImmutable(), Contributing = contributing.ToImmutable() } : null;
    }

    /// <summary>Reads which rule it is.</summary>
    /// <returns>Its place; null when it is gone.</returns>
    private int? ReadRule(ref PackedReader reader, out string id)
    {
        int index = reader.Small();
        if (index == _rules.Count)
        {
            _rules.Add(reader.Text());
        }

        id = index >= 0 && index < _rules.Count ? _rules[index] : throw new InvalidDataException("no such rule");
        return _places.TryGetValue(id, out int place) ? place : null;
    }

    private static DateTimeOffset Time(long ticks) => new(ticks, TimeSpan.Zero);
}
