using Vedette.Pipeline.Serving;
using Vedette.Pipeline.Telling;
using Vedette.Pipeline.Watching;
using Vedette.Sources.Tailing;

namespace Vedette.Server.Hosting;

/// <summary>Counts that others keep as totals, carried into the metrics as what they grew by. One thread at a time: the one that writes metrics.</summary>
/// <param name="metrics">The metrics.</param>
internal sealed class CountedFromOutside(ServerMetrics metrics)
{
    private readonly Lock _one = new();
    private readonly Dictionary<(string Of, string What), long> _before = [];

    /// <summary>How telling a receiver goes.</summary>
    public void Add(ReceiverStatus receiver)
    {
        string name = receiver.IsEvents ? EventsOf(receiver.Receiver) : receiver.Receiver;
        metrics.ReceiverLag(name, receiver.Lag);
        if (receiver.LastSuccess is { } success)
        {
            metrics.ReceiverSuccess(name, success);
        }

        foreach ((string outcome, long count) in new[]
            {
                ("sent", receiver.Sent), ("failed", receiver.Failed), ("refused", receiver.Refused), ("silenced", receiver.Silenced), ("rate_limited", receiver.RateLimited), ("lost", receiver.Lost),
            })
        {
            if (Growth(name, outcome, count) is > 0 and var grown)
            {
                metrics.Delivered(name, outcome, grown);
            }
        }
    }

    /// <summary>How following files goes; what is taken in is counted where that is done.</summary>
    public void Add(SourceStatus source)
    {
        metrics.SourceLag(source.Cluster, source.Name, source.LagBytes);
        metrics.SourceProblem(source.Cluster, source.Name, source.Problem is not null);
        if (Growth($"{source.Cluster}/{source.Name}", "gaps", source.Gaps) is > 0 and var grown)
        {
            metrics.SourceGaps(source.Cluster, source.Name, grown);
        }
    }

    /// <summary>A receiver is no longer there.</summary>
    public void Forget(string receiver)
    {
        metrics.ForgetReceiver(receiver);
        metrics.ForgetReceiver(EventsOf(receiver));
    }

    /// <summary>How often a rule was blind.</summary>
    public void AddBlind(string rule, long total)
    {
        if (Growth(rule, "blind", total) is > 0 and var grown)
        {
            metrics.RuleBlind(rule, grown);
        }
    }

    /// <summary>About how many events no rule was asked.</summary>
    public void AddSkipped(long total)
    {
        if (Growth("", "skipped", total) is > 0 and var grown)
        {
            metrics.DetectionSkipped(grown);
        }
    }

    /// <summary>What detection remembers and gave up.</summary>
    public void Add(DetectionUse use)
    {
        metrics.DetectionMemory(use);
        foreach ((string what, long total) in new[]
            {
                ("order", use.Statistics.Forced), ("groups", use.Statistics.EvictedGroups), ("matches", use.Statistics.EvictedMatches), ("terms", use.Statistics.EvictedTerms), ("findings", use.Statistics.EvictedFindings),
            })
        {
            metrics.DetectionGivenUp(what, Growth(what, "given up", total));
        }
    }

    private static string EventsOf(string receiver) => $"{receiver} (events)";

    private long Growth(string of, string what, long total)
    {
        lock (_one)
        {
            long before = _before.GetValueOrDefault((of, what));
            _before[(of, what)] = total;
            return total - before;
        }
    }
}
