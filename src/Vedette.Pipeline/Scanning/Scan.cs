using System.Collections.Immutable;
using Vedette.Audit.Events;
using Vedette.Detection.Engine;
using Vedette.Detection.Findings;
using Vedette.Sources.Files;

namespace Vedette.Pipeline.Scanning;

/// <summary>What a scan found and saw.</summary>
public sealed record ScanResult(ImmutableArray<Finding> Findings, ScanStatistics Statistics);

/// <summary>Reads inputs, evaluates rules on every event, gathers findings.</summary>
public static class Scan
{
    /// <summary>Runs a scan.</summary>
    /// <param name="inputs">Inputs, read in this order.</param>
    /// <param name="rules">Rules.</param>
    /// <param name="options">Options.</param>
    /// <param name="time">Clock for the statistics.</param>
    /// <param name="cancellation">Ends the scan.</param>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    public static ScanResult Run(IEnumerable<LogInput> inputs, CompiledRules rules, ScanOptions options, TimeProvider time, CancellationToken cancellation)
    {
        long started = time.GetTimestamp();
        RuleEvaluator evaluator = new(rules);
        FindingCollector findings = new(options.Cluster);
        List<InputStatistics> read = [];
        long storedBefore = 0;
        long eventsBefore = 0;
        foreach (LogInput input in inputs)
        {
            long stored = 0;
            InputStatistics statistics = EventInputs.Read(
                input, options, OnEvent,
                (bytes, events) =>
                {
                    stored = bytes;
                    options.Progress?.Invoke(new ScanProgress(input.Name, storedBefore + bytes, eventsBefore + events, findings.Count));
                },
                cancellation);
            storedBefore += stored;
            eventsBefore += statistics.Events;
            read.Add(statistics);
        }

        return new ScanResult(findings.ToFindings(), new ScanStatistics
        {
            Inputs = [.. read],
            Rejects = read.SelectMany(input => input.Rejects).GroupBy(pair => pair.Key, StringComparer.Ordinal)
                .ToImmutableSortedDictionary(group => group.Key, group => group.Sum(pair => pair.Value), StringComparer.Ordinal),
            Rules = [.. rules.Rules.Select((rule, index) => new RuleStatistics(rule, evaluator.Matched[index], evaluator.Blind[index]))],
            DroppedFindings = findings.Dropped,
            RegexTimeouts = evaluator.RegexTimeouts,
            Elapsed = time.GetElapsedTime(started),
        });

        void OnEvent(in EventView view)
        {
            foreach (int rule in evaluator.Evaluate(view))
            {
                findings.Add(rules.Rules[rule], view);
            }
        }
    }
}
