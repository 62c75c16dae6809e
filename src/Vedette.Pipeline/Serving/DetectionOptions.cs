using Vedette.Detection.Stateful;

namespace Vedette.Pipeline.Serving;

/// <summary>How detection follows the journal.</summary>
public sealed record DetectionOptions
{
    /// <summary>How long after its event time an event may arrive and still take its place in order.</summary>
    public TimeSpan Lateness { get; init; } = StreamDetector.DefaultLateness;

    /// <summary>
    /// State is saved this often while events come, so that after a crash at most this much is evaluated again. A state so large that saving it takes long is saved less often: a fiftieth of the time goes into
    /// saving at most.
    /// </summary>
    public TimeSpan SaveEvery { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>State is saved after so many events, if that comes first.</summary>
    public int SaveAfter { get; init; } = 200_000;

    /// <summary>Most bytes of what is remembered of all clusters, as <see cref="StateMemory"/> counts them.</summary>
    public long Memory { get; init; } = 256L * 1024 * 1024;

    /// <summary>Most clusters that have state of their own; the events of further ones are not evaluated, and counted.</summary>
    public int MaxClusters { get; init; } = 1_000;

    /// <summary>While nothing comes, windows close this long after our clock says so: deliveries that were stamped before may still be on their way to the disk.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(5);
}
