using Vedette.Audit.Shapes;

namespace Vedette.Pipeline.Scanning;

/// <summary>How a scan is done.</summary>
public sealed record ScanOptions
{
    /// <summary>Name of the cluster, for findings.</summary>
    public string? Cluster { get; init; }

    /// <summary>Told of everything that gave no event.</summary>
    public RejectHandler? Rejects { get; init; }

    /// <summary>Told now and then how far the scan is.</summary>
    public Action<ScanProgress>? Progress { get; init; }

    /// <summary>Gives standard input for the input named <c>-</c>.</summary>
    public Func<Stream> StandardInput { get; init; } = () => Stream.Null;
}

/// <summary>How far a scan is.</summary>
/// <param name="Input">Name of the input being read.</param>
/// <param name="StoredBytes">Bytes read of all inputs, as stored.</param>
/// <param name="Events">Events so far.</param>
/// <param name="Findings">Findings so far.</param>
public readonly record struct ScanProgress(string Input, long StoredBytes, long Events, int Findings);
