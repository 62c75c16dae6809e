using System.Globalization;
using Vedette.Detection.Findings;
using Vedette.Detection.Rules;
using Vedette.Detection.Stateful;
using Vedette.Pipeline.Scanning;

namespace Vedette.Cli.Output;

/// <summary>What a scan saw, for people.</summary>
internal static class StatisticsText
{
    /// <summary>One line, and what must not be missed.</summary>
    public static void WriteSummary(ScanResult result, TextWriter into)
    {
        ScanStatistics statistics = result.Statistics;
        string findings = result.Findings.IsEmpty ? "no findings" : $"{Count(result.Findings.Length, "finding")} ({Levels(result)})";
        into.WriteLine($"{findings} in {Count(statistics.Events, "event")} of {Count(statistics.Inputs.Length, "input")}");
        if (statistics.Rejects.Count > 0)
        {
            into.WriteLine($"not audit events: {string.Join(", ", statistics.Rejects.Select(pair => $"{pair.Value} x {pair.Key}"))} (keep them with --rejects FILE)");
        }

        int blind = statistics.Rules.Count(rule => rule.Blind > 0);
        if (blind > 0)
        {
            into.WriteLine($"{Count(blind, "rule")} could not be evaluated on some events, whose audit level hides what they look at (see --stats)");
        }

        if (statistics.DroppedFindings > 0)
        {
            into.WriteLine($"too many findings: {statistics.DroppedFindings} more are not shown");
        }
    }

    /// <summary>Everything.</summary>
    public static void Write(ScanResult result, TextWriter into)
    {
        WriteSummary(result, into);
        ScanStatistics statistics = result.Statistics;
        double seconds = Math.Max(statistics.Elapsed.TotalSeconds, 1e-6);
        into.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{statistics.Bytes:N0} bytes in {seconds:F3} s: {statistics.Bytes / seconds / 1e6:F0} MB/s, {statistics.Events / seconds:N0} events/s"));
        if (statistics.RegexTimeouts > 0)
        {
            into.WriteLine($"{statistics.RegexTimeouts} tests by regular expression ran out of time and count as not passed");
        }

        StateStatistics state = statistics.State;
        if (state.Forced > 0 || state.Late > 0)
        {
            into.WriteLine($"{state.Forced} matches were evaluated before all earlier ones were known, and {state.Late} came after their time");
        }

        if (state.EvictedGroups + state.EvictedMatches + state.EvictedTerms + state.EvictedFindings > 0)
        {
            into.WriteLine(
                $"for lack of room {state.EvictedGroups} groups and {state.EvictedMatches} matches of correlations, {state.EvictedTerms} terms and {state.EvictedFindings} open findings were forgotten");
        }

        Table rules = new("RULE", "LEVEL", "MATCHED", "BLIND");
        foreach (RuleStatistics rule in statistics.Rules.Where(rule => rule.Matched > 0 || rule.Blind > 0).OrderByDescending(rule => rule.Matched))
        {
            rules.Add(
                rule.Rule.Title, FindingJson.Name(rule.Rule.Level) ?? "-", rule.Matched.ToString(CultureInfo.InvariantCulture),
                rule.Blind.ToString(CultureInfo.InvariantCulture));
        }

        rules.Write(into, null);
        WriteFilters(statistics, into);
    }

    private static void WriteFilters(ScanStatistics statistics, TextWriter into)
    {
        Table filters = new("FILTER", "RULE", "SUPPRESSED");
        (RuleStatistics Rule, FilterStatistics Filter)[] used = [.. statistics.Rules.SelectMany(rule => rule.Suppressed.Select(filter => (rule, filter)))];
        foreach ((RuleStatistics rule, FilterStatistics filter) in used.OrderByDescending(pair => pair.Filter.Events).ThenBy(pair => pair.Filter.Filter.Name, StringComparer.Ordinal))
        {
            filters.Add(filter.Filter.Name, rule.Rule.Title, filter.Events.ToString(CultureInfo.InvariantCulture));
        }

        if (used.Length > 0)
        {
            filters.Write(into, null);
        }
    }

    private static string Levels(ScanResult result) => string.Join(", ", result.Findings.GroupBy(finding => finding.Rule.Level)
        .OrderByDescending((IGrouping<RuleLevel, Finding> group) => group.Key).Select(group => $"{group.Count()} {FindingJson.Name(group.Key) ?? "without level"}"));

    private static string Count(long number, string thing) => string.Create(CultureInfo.InvariantCulture, $"{number:N0} {thing}{(number == 1 ? "" : "s")}");
}
