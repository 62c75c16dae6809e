namespace Vedette.Pipeline.Serving;

/// <summary>
/// Our clock as it was when this was made, and the time that has passed since: the same as the time of day as long as nobody sets that. For waits and spans, which a clock that is set back by hours must not make hours longer.
/// </summary>
/// <param name="time">The clock.</param>
public sealed class SteadyClock(TimeProvider time)
{
    private readonly DateTimeOffset _begin = time.GetUtcNow();
    private readonly long _timestamp = time.GetTimestamp();

    /// <summary>Now.</summary>
    public DateTimeOffset Now => _begin + time.GetElapsedTime(_timestamp);

    /// <summary>By how much the time of day was set forward since this was made; negative when it was set back.</summary>
    public TimeSpan Set => time.GetUtcNow() - Now;
}
