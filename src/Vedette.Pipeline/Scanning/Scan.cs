using System.Collections.Immutable;
using Vedette.Detection.Engine;
using Vedette.Detection.Findings;
using Vedette.Detection.Stateful;
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
        List<InputStatistics> learned = [];
        LogDetector detector = new(rules, options.Cluster);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Threads, ScanOptions.MaxThreads, nameof(options));
        using ParallelInputs? parallel = options.Threads > 1 ? new ParallelInputs(rules, detector, options) : null;
        if (options.Learn.Count > 0)
        {
            foreach (LogInput input in options.Learn)
            {
                learned.Add(Read(input, isLearning: true, null));
            }

            detector.EndLearning();
        }

        List<InputStatistics> read = [];
        long storedBefore = 0;
        long eventsBefore = 0;
        foreach (LogInput input in inputs)
        {
            long stored = 0;
            InputStatistics statistics = Read(
                input, isLearning: false,
                (bytes, events) =>
                {
                    stored = bytes;
                    options.Progress?.Invoke(new ScanProgress(input.Name, storedBefore + bytes, eventsBefore + events, detector.Findings.Count));
                });
            storedBefore += stored;
            eventsBefore += statistics.Events;
            read.Add(statistics);
        }

        if (detector.Statistics.Forced == 0)
        {
            options.Ending?.Invoke(detector.Held + detector.Findings.Count);
        }

        return new ScanResult(detector.Complete(options.Threads), new ScanStatistics
        {
            Inputs = [.. read],
            Learned = [.. learned],
            Rejects = read.SelectMany(input => input.Rejects).GroupBy(pair => pair.Key, StringComparer.Ordinal)
                .ToImmutableSortedDictionary(group => group.Key, group => group.Sum(pair => pair.Value), StringComparer.Ordinal),
            Rules = [.. rules.Rules.Select((rule, index) => new RuleStatistics(rule, detector.Evaluator.Matched[index], detector.Evaluator.Blind[index])
            {
                Suppressed = [.. rule.Filters.Select((filter, place) => new FilterStatistics(filter, detector.Evaluator.Suppressed(index)[place])).Where(filter => filter.Events > 0)],
            })],
            DroppedFindings = detector.Findings.Dropped,
            State = detector.Statistics,
            RegexTimeouts = detector.Evaluator.RegexTimeouts,
            Elapsed = time.GetElapsedTime(started),
        });

        InputStatistics Read(LogInput input, bool isLearning, Action<long, long>? onWindow) =>
            parallel is not null ? parallel.Read(input, isLearning, onWindow, cancellation)
            : EventInputs.Read(input, options, isLearning ? detector.Learn : detector.Add, onWindow, cancellation);
    }
}
