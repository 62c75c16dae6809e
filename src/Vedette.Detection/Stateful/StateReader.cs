using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Vedette.Audit.Batches;
using Vedette.Detection.Correlations;
using Vedette.Detection.Findings;
using Vedette.Detection.FirstSeen;
using Vedette.Detection.Rules;

namespace Vedette.Detection.Stateful;

/// <summary>Reads what <see cref="StateWriter"/> wrote. What belongs to a rule that is no longer there is left out.</summary>
internal sealed class StateReader(StatefulPlan plan)
{
    private readonly Dictionary<string, int> _places = plan.Planned.Select((planned, place) => (planned.Rule.Id, place))
        .DistinctBy(pair => pair.Id, StringComparer.Ordinal).ToDictionary(pair => pair.Id, pair => pair.place, StringComparer.Ordinal);

    private readonly List<Finding> _evidence = [];

    /// <summary>The place of a rule; null when it is gone.</summary>
    public int? PlaceOf(JsonElement rule) => _places.TryGetValue(rule.GetString() ?? "", out int place) ? place : null;

    /// <summary>The open findings, null for those whose rule is gone.</summary>
    public List<OpenFinding?> ReadOpen(JsonElement list)
    {
        List<OpenFinding?> open = [];
        foreach (JsonElement item in list.EnumerateArray())
        {
            (int, string)? suppresses = item.TryGetProperty("rule", out JsonElement rule) && PlaceOf(rule) is { } place ? (place, Text(item.GetProperty("key"))) : null;
            open.Add(PlaceOf(item.GetProperty("finding").GetProperty("rule")) is null ? null : OpenFinding.Restore(
                ReadFinding(item.GetProperty("finding")), item.GetProperty("until").GetInt64(), item.GetProperty("changed").GetBoolean(), suppresses,
                item.GetProperty("requests").EnumerateArray().Select(request => Request(request)!.Value)));
        }

        return open;
    }

    /// <summary>Fills the windows of a correlation.</summary>
    public void Read(JsonElement saved, CorrelationState state, List<OpenFinding?> open)
    {
        bool isSame = saved.GetProperty("shape").GetString() == state.Correlation.Shape;
        if (isSame)
        {
            Read(saved.GetProperty("unfinished"), state.Unfinished);
        }

        foreach (JsonElement group in saved.GetProperty("groups").EnumerateArray())
        {
            ImmutableArray<string> values = Texts(group.GetProperty("values"));
            GroupWindow window = new(Occurrence.Key(values), values, state.Correlation.InputCount)
            {
                LastUsed = Ticks(group.GetProperty("used")),
                QuietUntil = group.GetProperty("quiet").GetInt64(),
                Open = group.TryGetProperty("open", out JsonElement place) ? open[place.GetInt32()] : null,
            };
            foreach (JsonElement start in group.GetProperty("starts").EnumerateArray())
            {
                window.Starts.Enqueue(Ticks(start));
                window.LastStart = window.Starts.Last();
            }

            foreach (JsonElement entry in group.GetProperty("entries").EnumerateArray())
            {
                // Evidence is read even where the rule is gone: later entries may refer to it.
                Finding evidence = ReadEvidence(entry.GetProperty("evidence"));
                int input = entry.GetProperty("input").GetInt32();
                if (isSame && PlaceOf(entry.GetProperty("rule")) is { } rule)
                {
                    Occurrence first = new(
                        rule, Ticks(entry.GetProperty("at")), Request(entry.GetProperty("request")), entry.GetProperty("continues").GetBoolean(),
                        Text(entry.GetProperty("content")), [], evidence, entry.GetProperty("late").GetBoolean());
                    window.Add(new WindowEntry(input, first, Texts(entry.GetProperty("values"))));
                }
            }

            if (isSame)
            {
                long due = group.GetProperty("due").GetInt64();
                window.Due = state.Correlation.Decision switch
                {
                    Decision.AtClose when window.Entries.Count > 0 && due != long.MaxValue => Math.Clamp(due, 0, DateTime.MaxValue.Ticks + state.Correlation.Span),
                    Decision.AtCloseOfEach when window.Starts.TryPeek(out long first) => first + state.Correlation.Span,
                    _ => long.MaxValue,
                };
                state.Restore(window);
            }
        }
    }

    /// <summary>Fills a set.</summary>
    public static void Read(JsonElement saved, RecentSet set)
    {
        foreach (JsonElement member in saved.EnumerateArray())
        {
            set.Add(Text(member[0]), Text(member[1]), Ticks(member[2]));
        }
    }

    private Finding ReadEvidence(JsonElement saved)
    {
        if (saved.ValueKind == JsonValueKind.Number)
        {
            return _evidence[saved.GetInt32()];
        }

        _evidence.Add(ReadFinding(saved));
        return _evidence[^1];
    }

    private Finding ReadFinding(JsonElement saved)
    {
        ImmutableArray<string> events = Texts(saved.GetProperty("events"));
        ImmutableArray<string> group = Texts(saved.GetProperty("group"));
        return new Finding
        {
            Id = Text(saved.GetProperty("id")),
            Time = saved.TryGetProperty("time", out JsonElement time) ? time.GetDateTimeOffset() : null,
            Origin = saved.TryGetProperty("origin", out JsonElement origin) ? new EventOrigin(Text(origin[0]), origin[1].GetInt64(), origin[2].GetInt32()) : null,
            Rule = RuleOf(saved.GetProperty("rule")),
            Cluster = saved.GetProperty("cluster").GetString(),
            Actor = new FindingActor(Text(saved.GetProperty("user")), Texts(saved.GetProperty("groups")), saved.GetProperty("impersonator").GetString()),
            SourceIp = saved.GetProperty("ip").GetString(),
            UserAgent = saved.GetProperty("agent").GetString(),
            Target = saved.TryGetProperty("target", out JsonElement target)
                ? new FindingTarget(Text(target[0]), target[1].GetString(), target[2].GetString(), target[3].GetString(), target[4].GetString())
                : null,
            Verb = saved.GetProperty("verb").GetString(),
            RequestUri = saved.GetProperty("uri").GetString(),
            Decision = saved.GetProperty("decision").GetString(),
            Code = saved.TryGetProperty("code", out JsonElement code) ? code.GetInt32() : null,
            Events = [.. events.Chunk(2).Select(pair => new FindingEvent(pair[0], pair[1]))],
            Count = saved.GetProperty("count").GetInt32(),
            Group = [.. group.Chunk(2).Select(pair => new GroupValue(pair[0], pair[1]))],
            Window = saved.TryGetProperty("from", out JsonElement from) ? new FindingWindow(from.GetDateTimeOffset(), saved.GetProperty("to").GetDateTimeOffset()) : null,
            Contributing = [.. saved.GetProperty("contributing").EnumerateArray().Select(RuleOf)],
            Spread = saved.TryGetProperty("spread", out JsonElement spread) ? new FindingSpread(spread[0].GetInt32(), spread[1].GetInt32(), spread[2].GetInt32()) : null,
            IsLate = saved.GetProperty("late").GetBoolean(),
            Message = Text(saved.GetProperty("message")),
        };
    }

    /// <summary>A rule; where it is gone, one that has only its id, for evidence that other rules still need.</summary>
    private DetectionRule RuleOf(JsonElement id) => PlaceOf(id) is { } place ? plan.Planned[place].Rule
        : new DetectionRule { Id = Text(id), Title = Text(id), Condition = new Condition.Constant(false) };

    private static UInt128? Request(JsonElement saved) =>
        saved.GetString() is { } text ? UInt128.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) : null;

    private static ImmutableArray<string> Texts(JsonElement list) => [.. list.EnumerateArray().Select(Text)];

    private static string Text(JsonElement saved) => saved.GetString() ?? throw new FormatException("null where a text must be");

    /// <summary>A time that can be told.</summary>
    private static long Ticks(JsonElement saved) =>
        saved.GetInt64() is var ticks && ticks >= 0 && ticks <= DateTime.MaxValue.Ticks ? ticks : throw new FormatException("a time out of range");
}
