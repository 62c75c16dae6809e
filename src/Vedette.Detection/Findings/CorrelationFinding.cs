using System.Collections.Immutable;
using System.Globalization;
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
        ImmutableArray<Finding> evidence = [.. entries.Select(entry => entry.Evidence.Unpack())];
        Finding first = evidence[0];
        Finding actor = evidence.FirstOrDefault(item => item.Actor.User.Length > 0) ?? first;
        Finding target = evidence.FirstOrDefault(item => item.Target is not null) ?? first;
        Finding finding = new()
        {
            Id = EventContent.IdOf(rule.Id, [.. closed.Window.Values, Convert.ToHexStringLower(entries[0].Evidence.Content)]),
            Time = first.Time,
            Rule = rule,
            Cluster = first.Cluster,
            Origin = first.Origin,
            Actor = actor.Actor,
            SourceIp = evidence.FirstOrDefault(item => item.SourceIp is not null)?.SourceIp,
            UserAgent = evidence.FirstOrDefault(item => item.UserAgent is not null)?.UserAgent,
            Target = target.Target,
            Verb = Same(evidence.Select(item => item.Verb)),
            RequestUri = Same(evidence.Select(item => item.RequestUri)),
            Decision = Same(evidence.Select(item => item.Decision)),
            Code = Same(evidence.Select(item => item.Code)),
            Events = [.. evidence.SelectMany(item => item.Events).Distinct().Take(FindingCollector.MaxEvents)],
            Count = Requests(entries),
            Group = [.. closed.Correlation.Rule.GroupBy.Zip(closed.Window.Values, (field, value) => new GroupValue(field, value))],
            Window = new FindingWindow(Time(entries[0].At), Time(entries[^1].At)),
            Contributing = [.. entries.Select(entry => rules[entry.Place]).Distinct()],
            Spread = new FindingSpread(
                Math.Max(evidence.Max(item => item.Spread?.Users ?? 0), Different(evidence.Select(item => item.Actor.User.Length > 0 ? item.Actor.User : null))),
                Math.Max(evidence.Max(item => item.Spread?.Targets ?? 0), Different(evidence.Select(item => item.Target))),
                Math.Max(evidence.Max(item => item.Spread?.Sources ?? 0), Different(evidence.Select(item => item.SourceIp)))),
            IsLate = entries.Any(entry => entry.IsLate),
            Message = "",
        };
        return finding with { Message = Message(closed, finding) };
    }

    /// <summary>Number of requests. Two rules that matched the same event count it once; so does a request of which two rules matched different stages.</summary>
    public static int Requests(IEnumerable<WindowEntry> entries)
    {
        HashSet<UInt128> requests = [];
        HashSet<Evidence> others = [];
        return entries.Sum(entry => (entry.Request is { } request ? requests.Add(request) : others.Add(entry.Evidence)) ? entry.Evidence.Count : 0);
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

    private static int Different<T>(IEnumerable<T?> items) => items.Where(item => item is not null).Distinct().Count();

    /// <summary>What all that have it agree on; nothing when they differ.</summary>
    private static T? Same<T>(IEnumerable<T?> items)
    {
        T?[] different = [.. items.Where(item => item is not null).Distinct().Take(2)];
        return different.Length == 1 ? different[0] : default;
    }

    private static DateTimeOffset Time(long ticks) => new(ticks, TimeSpan.Zero);
}
