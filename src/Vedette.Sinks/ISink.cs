namespace Vedette.Sinks;

/// <summary>Somebody who is told findings. One caller at a time.</summary>
public interface ISink : IDisposable
{
    /// <summary>Most findings of one call of <see cref="SendAsync"/>, from 1.</summary>
    int MaxBatch { get; }

    /// <summary>Tells findings, in order.</summary>
    /// <param name="findings">From 1 to <see cref="MaxBatch"/> of them.</param>
    /// <param name="cancellation">Ends the attempt; whether the receiver took it is unknown then.</param>
    /// <returns>What the receiver answered. Trouble with the receiver is an answer, not an exception.</returns>
    Task<SinkAnswer> SendAsync(IReadOnlyList<StoredFinding> findings, CancellationToken cancellation);
}

/// <summary>A sink whose receiver forgets what it is not told again.</summary>
public interface IRefreshingSink : ISink
{
    /// <summary>In how long <see cref="RefreshAsync"/> should be called next, from now on; null when nothing is to be told again.</summary>
    TimeSpan? RefreshIn { get; }

    /// <summary>Tells again what is still active. It was delivered once, so a failure is reported and no more.</summary>
    Task<SinkAnswer> RefreshAsync(CancellationToken cancellation);
}

/// <summary>A sink that has several instances of a receiver.</summary>
public interface IManyInstances
{
    /// <summary>Deliveries that failed, by instance. An instance is named without credentials.</summary>
    IReadOnlyDictionary<string, long> InstanceFailures { get; }
}
