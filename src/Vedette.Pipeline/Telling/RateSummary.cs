using System.Globalization;
using Vedette.Sinks;
using Vedette.Sinks.Routing;

namespace Vedette.Pipeline.Telling;

/// <summary>Findings of one cluster that were over a route's limit, to be told as one.</summary>
/// <param name="route">The route.</param>
/// <param name="limit">Its limit.</param>
/// <param name="receiver">Name of the receiver.</param>
/// <param name="first">The first of them.</param>
internal sealed class RateSummary(Route route, RateLimit limit, string receiver, StoredFinding first)
{
    /// <summary>Id of the rule that summaries say to be of.</summary>
    public const string RuleId = "vedette:rate-limit";

    /// <summary>Most rules that are named.</summary>
    public const int MaxRules = 10;

    /// <summary>Most rules that are counted each for itself.</summary>
    private const int MaxCounted = 1000;

    private readonly Dictionary<string, int> _byTitle = new(StringComparer.Ordinal);
    private readonly string _firstId = first.Id;
    private readonly string _cluster = first.Cluster;
    private DateTimeOffset? _latest;
    private string _level = "informational";
    private int _count;

    /// <summary>Sequence of the first of them.</summary>
    public long First { get; } = first.Sequence;

    /// <summary>Adds one.</summary>
    public void Add(StoredFinding finding)
    {
        _count++;
        string level = FindingLevel.Of(finding);
        _level = FindingLevel.Rank(level) > FindingLevel.Rank(_level) ? level : _level;
        _latest = _latest is { } latest && latest > finding.Time ? latest : finding.Time ?? _latest;
        string title = _byTitle.Count < MaxCounted || _byTitle.ContainsKey(finding.Title) ? finding.Title : "others";
        _byTitle[title] = _byTitle.GetValueOrDefault(title) + 1;
    }

    /// <summary>The finding that tells of them.</summary>
    public StoredFinding ToFinding()
    {
        KeyValuePair<string, int>[] most = [.. _byTitle.OrderByDescending(one => one.Value).ThenBy(one => one.Key, StringComparer.Ordinal)];
        string rules = string.Join(", ", most.Take(MaxRules).Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.Value} × {one.Key}")));
        string further = most.Length > MaxRules ? string.Create(CultureInfo.InvariantCulture, $" and {most.Skip(MaxRules).Sum(one => (long)one.Value)} of other rules") : "";
        return new MadeFinding
        {
            RuleId = RuleId,
            Title = "More findings than are told one by one",
            Level = _level,
            Cluster = _cluster,
            Time = _latest,
            Count = _count,
            Message = string.Create(
                CultureInfo.InvariantCulture,
                $"{_count} more findings were over the limit of {limit.Count} within {limit.Per} of route {route.Name} and were not told one by one: {rules}{further}. All are in the store."),
            Cause = $"{receiver}\n{route.Name}\n{_firstId}",
        }.Create(First);
    }
}
