using Vedette.Audit.Shapes;
using Vedette.Sources.Files;

namespace Vedette.Pipeline.Scanning;

/// <summary>How a scan is done.</summary>
public sealed record ScanOptions
{
    /// <summary>Most threads that evaluate.</summary>
    public const int MaxThreads = 16;

    /// <summary>Threads that evaluate, beside the calling one, which reads; 1: the calling one does everything. At most <see cref="MaxThreads"/>. The result does not depend on it, unless a log has more matches of stateful rules than are held until its end.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Bytes read before events are looked for. Large enough to make calls rare, small enough for what is read to stay in a core's cache until it is looked at.</summary>
    internal int WindowLength { get; init; } = 1 << 19;

    /// <summary>Name of the cluster, for findings.</summary>
    public string? Cluster { get; init; }

    /// <summary>Logs read first, that only teach rules with new terms what is not new.</summary>
    public IReadOnlyList<LogInput> Learn { get; init; } = [];

    /// <summary>Told of everything that gave no event.</summary>
    public RejectHandler? Rejects { get; init; }

    /// <summary>Told now and then how far the scan is.</summary>
    public Action<ScanProgress>? Progress { get; init; }

    /// <summary>
    /// Told when all has been read, before findings are made of what waited until then, how much that is: matches of stateful rules, and findings of single events. Not where more matches came than are held: of a log
    /// so large the end is a small part.
    /// </summary>
    public Action<int>? Ending { get; init; }

    /// <summary>Gives standard input for the input named <c>-</c>.</summary>
    public Func<Stream> StandardInput { get; init; } = () => Stream.Null;
}

/// <summary>How far a scan is.</summary>
/// <param name="Input">Name of the input being read.</param>
/// <param name="StoredBytes">Bytes read of all inputs, as stored.</param>
/// <param name="Events">Events so far.</param>
/// <param name="Findings">Findings so far.</param>
public readonly record struct ScanProgress(string Input, long StoredBytes, long Events, int Findings);
