using System.Buffers;
using System.Collections.Immutable;
using Vedette.Audit.Decoding;
using Vedette.Audit.Events;
using Vedette.Detection.Engine;
using Vedette.Detection.Findings;
using Vedette.Detection.Rules;
using Vedette.Detection.Stateful;
using Vedette.Pipeline.Scanning;
using Vedette.Policy.Evaluation;
using Vedette.Policy.Model;
using Vedette.Policy.Simulation;
using Vedette.Sources.Files;

namespace Vedette.Pipeline.Simulation;

/// <summary>Replays logs through policies and, beside it, rules over what the policies leave of them.</summary>
public static class PolicyReplay
{
    /// <summary>Replays logs.</summary>
    /// <param name="inputs">Logs, read in this order.</param>
    /// <param name="policies">Policies, each over all events.</param>
    /// <param name="rules">Detection rules to run on the log and on what each policy leaves of it; null for none.</param>
    /// <param name="emit">The events of the first policy go here as JSON lines; null for nowhere.</param>
    /// <param name="options">Rejects, progress, standard input.</param>
    /// <param name="cancellation">Ends the replay.</param>
    public static PolicyReplayResult Run(
        IEnumerable<LogInput> inputs, IReadOnlyList<AuditPolicy> policies, CompiledRules? rules, Stream? emit, ScanOptions options, CancellationToken cancellation)
    {
        EventAttributes attributes = new();
        PolicySimulator[] simulators = [.. policies.Select(policy => new PolicySimulator(CompiledPolicy.Compile(policy), attributes))];
        LogDetector? before = rules is null ? null : new LogDetector(rules, options.Cluster);
        LogDetector[] after = rules is null ? [] : [.. policies.Select(_ => new LogDetector(rules, options.Cluster))];
        EventDecoder decoder = new();
        ArrayBufferWriter<byte> written = new();
        ImmutableArray<InputStatistics>.Builder read = ImmutableArray.CreateBuilder<InputStatistics>();
        foreach (LogInput input in inputs)
        {
            read.Add(EventInputs.Read(input, options, OnEvent, null, cancellation));
        }

        return new PolicyReplayResult(read.ToImmutable(), [.. simulators], before is null ? [] : Compare(rules!, before, after));

        void OnEvent(in EventView view)
        {
            before?.Add(view);
            for (int i = 0; i < simulators.Length; i++)
            {
                bool emits = emit is not null && i == 0;
                written.ResetWrittenCount();
                if (!simulators[i].Add(view, emits || rules is not null ? written : null))
                {
                    continue;
                }

                if (rules is not null && decoder.Decode(written.WrittenSpan, out EventView left) == DecodeStatus.Ok)
                {
                    after[i].Add(left);
                }

                if (emits)
                {
                    emit!.Write(written.WrittenSpan);
                    emit.Write("\n"u8);
                }
            }
        }
    }

    /// <summary>Reads logs for what each kind of request in them comes to in bytes.</summary>
    /// <param name="inputs">Logs, read in this order.</param>
    /// <param name="options">Rejects, progress.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public static (RequestVolumes Volumes, ImmutableArray<InputStatistics> Inputs) Measure(IEnumerable<LogInput> inputs, ScanOptions options, CancellationToken cancellation)
    {
        RequestVolumes volumes = new();
        return (volumes, [.. inputs.Select(input => EventInputs.Read(input, options, volumes.Add, null, cancellation))]);
    }

    private static ImmutableArray<RuleReplay> Compare(CompiledRules rules, LogDetector before, LogDetector[] after)
    {
        ImmutableArray<Finding> inLog = before.Complete();
        ImmutableArray<ImmutableArray<Finding>> left = [.. after.Select(detector => detector.Complete())];
        HashSet<string> idsBefore = Ids(inLog);
        ImmutableArray<HashSet<string>> idsAfter = [.. left.Select(Ids)];
        ImmutableArray<RuleReplay>.Builder replays = ImmutableArray.CreateBuilder<RuleReplay>();
        for (int index = 0; index < rules.Rules.Length; index++)
        {
            int rule = index;
            Add(rules.Rules[rule], before.Evaluator.Blind[rule], [.. after.Select(detector => detector.Evaluator.Blind[rule])]);
        }

        // Correlations have findings, and no place among the rules on single events.
        HashSet<string> onEvents = rules.Rules.Select(rule => rule.Id).ToHashSet(StringComparer.Ordinal);
        foreach (DetectionRule correlation in left.Append(inLog).SelectMany(findings => findings).Select(finding => finding.Rule)
            .Where(rule => !onEvents.Contains(rule.Id)).DistinctBy(rule => rule.Id, StringComparer.Ordinal))
        {
            Add(correlation, 0, [.. after.Select(_ => 0L)]);
        }

        return replays.ToImmutable();

        void Add(DetectionRule rule, long blindBefore, ImmutableArray<long> blindAfter) =>
            replays.Add(new RuleReplay(rule.Id, rule.Title, Count(inLog, rule), [.. left.Select(findings => Count(findings, rule))], blindBefore, blindAfter)
            {
                Lost = [.. idsAfter.Select(ids => inLog.Count(finding => finding.Rule.Id == rule.Id && !ids.Contains(finding.Id)))],
                Gained = [.. left.Select(findings => findings.Count(finding => finding.Rule.Id == rule.Id && !idsBefore.Contains(finding.Id)))],
            });
    }

    private static HashSet<string> Ids(ImmutableArray<Finding> findings) => findings.Select(finding => finding.Id).ToHashSet(StringComparer.Ordinal);

    private static long Count(ImmutableArray<Finding> findings, DetectionRule rule) => findings.Count(finding => finding.Rule.Id == rule.Id);
}

/// <summary>What a replay has shown.</summary>
/// <param name="Inputs">What was read.</param>
/// <param name="Simulators">Figures, one for each policy.</param>
/// <param name="Rules">Rules on the log and under each policy; empty when none were given.</param>
public sealed record PolicyReplayResult(ImmutableArray<InputStatistics> Inputs, ImmutableArray<PolicySimulator> Simulators, ImmutableArray<RuleReplay> Rules)
{
    /// <summary>Earliest event.</summary>
    public DateTimeOffset? First => Inputs.Min(input => input.FirstEvent);

    /// <summary>Latest event.</summary>
    public DateTimeOffset? Last => Inputs.Max(input => input.LastEvent);
}

/// <summary>Findings of a rule, and events on which it was blind, in the log and under each policy. Events on which a correlation's rules are blind are theirs.</summary>
public sealed record RuleReplay(string Id, string Title, long FindingsBefore, ImmutableArray<long> FindingsAfter, long BlindBefore, ImmutableArray<long> BlindAfter)
{
    /// <summary>Findings in the log whose ids are not among those under each policy.</summary>
    public ImmutableArray<int> Lost { get; init; } = [];

    /// <summary>Findings under each policy whose ids are not among those in the log.</summary>
    public ImmutableArray<int> Gained { get; init; } = [];
}
