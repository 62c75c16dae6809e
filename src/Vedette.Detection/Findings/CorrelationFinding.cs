using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using Vedette.Detection.Correlations;
using Vedette.Detection.Rules;
using Vedette.Detection.Sigma;

namespace Vedette.Detection.Findings;

/// <summary>Tells one finding from a window and the matches in it.</summary>
internal static class CorrelationFinding
{
    /// <summary>Builds it.</summary>
    /// <param name="closed">The window.</param>
    /// <param name="rules">Rules by their place in the plan.</param>
    public static Finding Build(ClosedWindow closed, ImmutableArray<DetectionRule> rules)
    {
        DetectionRule rule = closed.Correlation.Rule.Attributes;
        ImmutableArray<WindowEntry> entries = closed.Entries;
        Finding[] evidence = new Finding[entries.Length];
        bool isLate = false;
        for (int i = 0; i < evidence.Length; i++)
        {
            evidence[i] = entries[i].Evidence.Unpack();
            isLate |= entries[i].IsLate;
        }

        Finding first = evidence[0];
        Finding finding = new()
        {
            Id = EventContent.IdOf(rule.Id, [.. closed.Window.Values, Convert.ToHexStringLower(entries[0].Evidence.Content)]),
            Time = first.Time,
            Rule = rule,
            Cluster = first.Cluster,
            Origin = first.Origin,
            Actor = (Array.Find(evidence, item => item.Actor.User.Length > 0) ?? first).Actor,
            SourceIp = Array.Find(evidence, item => item.SourceIp is not null)?.SourceIp,
            UserAgent = Array.Find(evidence, item => item.UserAgent is not null)?.UserAgent,
            Target = Array.Find(evidence, item => item.Target is not null)?.Target,
            Verb = Same(evidence, item => item.Verb),
            RequestUri = Same(evidence, item => item.RequestUri),
            Decision = Same(evidence, item => item.Decision),
            Code = Same(evidence, item => item.Code),
            Events = Events(evidence),
            Count = Requests(entries),
            Group = Group(closed),
            Window = new FindingWindow(Time(entries[0].At), Time(entries[^1].At)),
            Contributing = Contributing(entries, rules),
            Spread = new FindingSpread(
                Different(evidence, item => item.Actor.User.Length > 0 ? item.Actor.User : null, spread => spread.Users),
                Different(evidence, item => item.Target, spread => spread.Targets),
                Different(evidence, item => item.SourceIp, spread => spread.Sources)),
            IsLate = isLate,
            Message = "",
        };
        return finding with { Message = Message(closed, finding) };
    }

    /// <summary>Number of requests. Two rules that matched the same event count it once; so does a request of which two rules matched different stages.</summary>
    /// <param name="entries">The matches.</param>
    /// <param name="after">Those up to this time are left out, in ticks.</param>
    public static int Requests(ImmutableArray<WindowEntry> entries, long after = long.MinValue)
    {
        if (entries.Length == 1)
        {
            return entries[0].At > after ? entries[0].Evidence.Count : 0;
        }

        HashSet<UInt128> requests = [];
        HashSet<Evidence>? others = null;
        int count = 0;
        foreach (WindowEntry entry in entries)
        {
            if (entry.At > after && (entry.Request is { } request ? requests.Add(request) : (others ??= []).Add(entry.Evidence)))
            {
                count = checked(count + entry.Evidence.Count);
            }
        }

        return count;
    }

    private static ImmutableArray<FindingEvent> Events(Finding[] evidence)
    {
        if (evidence.Length == 1 && evidence[0].Events.Length == 1)
        {
            return evidence[0].Events;
        }

        HashSet<FindingEvent> known = [];
        ImmutableArray<FindingEvent>.Builder events = ImmutableArray.CreateBuilder<FindingEvent>(Math.Min(evidence.Length, FindingCollector.MaxEvents));
        foreach (Finding item in evidence)
        {
            foreach (FindingEvent one in item.Events)
            {
                if (events.Count < FindingCollector.MaxEvents && known.Add(one))
                {
                    events.Add(one);
                }
            }
        }

        return events.DrainToImmutable();
    }

    private static ImmutableArray<GroupValue> Group(ClosedWindow closed)
    {
        ImmutableArray<string> fields = closed.Correlation.Rule.GroupBy;
        GroupValue[] group = new GroupValue[Math.Min(fields.Length, closed.Window.Values.Length)];
        for (int i = 0; i < group.Length; i++)
        {
            group[i] = new GroupValue(fields[i], closed.Window.Values[i]);
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(group);
    }

    /// <summary>The rules that matched, in the order in which they first did.</summary>
    private static ImmutableArray<DetectionRule> Contributing(ImmutableArray<WindowEntry> entries, ImmutableArray<DetectionRule> rules)
    {
        List<int> places = [];
        foreach (WindowEntry entry in entries)
        {
            if (!places.Contains(entry.Place))
            {
                places.Add(entry.Place);
            }
        }

        return [.. places.Select(place => rules[place]).Distinct()];
    }

    /// <summary>Such as <c>alice: 12 requests refused in 4 min 10 s</c>.</summary>
    private static string Message(ClosedWindow closed, Finding finding)
    {
        CorrelationRule rule = closed.Correlation.Rule;
        FindingSpread spread = finding.Spread!;
        string who = spread.Users switch
        {
            0 => "somebody who failed to authenticate",
            1 when finding.Actor.Impersonator is { } real => $"{real} as {finding.Actor.User}",
            1 => finding.Actor.User,
            _ => string.Create(CultureInfo.InvariantCulture, $"{spread.Users} users ({finding.Actor.User} first)"),
        };
        string requests = $"{Count(finding.Count, "request")}{Outcome(finding)}";
        string what = rule switch
        {
            { Type: CorrelationType.EventCount } => requests,
            { Type: CorrelationType.ValueCount } => $"{Count(closed.Entries.SelectMany(entry => entry.Values).Distinct(StringComparer.Ordinal).Count(), "different value")} of {Fields(rule)} in {requests}",
            { Type: CorrelationType.ValueSum or CorrelationType.ValueAverage or CorrelationType.ValueMedian or CorrelationType.ValuePercentile } =>
                string.Create(CultureInfo.InvariantCulture, $"{Figure(rule)} of {Fields(rule)} is {WindowCondition.Figure(closed.Correlation, closed.Window):0.##} over {requests}"),
            { Type: CorrelationType.TemporalOrdered } => $"{string.Join(", then ", Titles(finding))} ({requests})",
            _ => $"{string.Join(" and ", Titles(finding))} ({requests})",
        };
        string where = spread.Targets switch
        {
            0 => "",
            1 => $", on {FindingMessage.Describe(finding.Target!)}",
            _ => string.Create(CultureInfo.InvariantCulture, $", on {spread.Targets} targets"),
        };
        string from = spread.Sources > 1 ? string.Create(CultureInfo.InvariantCulture, $", from {spread.Sources} addresses") : "";
        TimeSpan length = finding.Window!.To - finding.Window.From;
        string time = length == TimeSpan.Zero && finding.Count == 1 ? "" : $" in {Duration.Of(length)}";
        return $"{who}: {what}{time}{where}{from}";
    }

    private static IEnumerable<string> Titles(Finding finding) => finding.Contributing.Select(rule => rule.Title).Distinct(StringComparer.Ordinal);

    private static string Fields(CorrelationRule rule) => string.Join(" with ", rule.Threshold!.Fields);

    private static string Figure(CorrelationRule rule) => rule.Type switch
    {
        CorrelationType.ValueSum => "sum",
        CorrelationType.ValueAverage => "average",
        CorrelationType.ValueMedian => "median",
        _ => string.Create(CultureInfo.InvariantCulture, $"percentile {rule.Threshold!.Percentile}"),
    };

    private static string Outcome(Finding finding) => finding switch
    {
        { Code: 401 } => " not authenticated",
        { Code: 403 } or { Decision: "forbid" } => " refused",
        { Code: 101 or (>= 200 and <= 299) } => " allowed",
        { Code: >= 400 } => " failed",
        _ => "",
    };

    private static string Count(int number, string thing) => string.Create(CultureInfo.InvariantCulture, $"{number} {thing}{(number == 1 ? "" : "s")}");

    /// <summary>How many different ones there are; where the events are those of a correlation, at least as many as that told.</summary>
    private static int Different<T>(Finding[] evidence, Func<Finding, T?> part, Func<FindingSpread, int> told)
        where T : class
    {
        int least = 0;
        T? first = null;
        HashSet<T>? several = null;
        foreach (Finding item in evidence)
        {
            least = Math.Max(least, item.Spread is { } spread ? told(spread) : 0);
            if (part(item) is not { } one)
            {
                continue;
            }

            first ??= one;
            if (several is not null || !one.Equals(first))
            {
                (several ??= [first]).Add(one);
            }
        }

        return Math.Max(least, several?.Count ?? (first is null ? 0 : 1));
    }

    /// <summary>What all that have it agree on; nothing when they differ.</summary>
    private static T? Same<T>(Finding[] evidence, Func<Finding, T?> part)
    {
        T? same = default;
        foreach (Finding item in evidence)
        {
            if (part(item) is not { } one)
            {
                continue;
            }

            if (same is not null && !EqualityComparer<T>.Default.Equals(same, one))
            {
                return default;
            }

            same = one;
        }

        return same;
    }

    private static DateTimeOffset Time(long ticks) => new(ticks, TimeSpan.Zero);
}
