namespace Vedette.Sinks;

/// <summary>What became of an attempt to deliver.</summary>
public enum SinkVerdict
{
    /// <summary>The receiver has it.</summary>
    Delivered,

    /// <summary>The receiver cannot take anything now: try again later.</summary>
    TryLater,

    /// <summary>The receiver will never take this: the same again would be refused again, others may go through.</summary>
    Refused,
}

/// <summary>What a receiver answered.</summary>
/// <param name="Verdict">What became of it.</param>
/// <param name="Problem">What was wrong, for people: visible, bounded, without secrets. Null when nothing was.</param>
/// <param name="RetryAfter">How long the receiver wants to be left alone.</param>
public sealed record SinkAnswer(SinkVerdict Verdict, string? Problem = null, TimeSpan? RetryAfter = null)
{
    /// <summary>It was taken.</summary>
    public static SinkAnswer Delivered { get; } = new(SinkVerdict.Delivered);
}
