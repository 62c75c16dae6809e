namespace Vedette.Pipeline.Telling;

/// <summary>How long to wait before trying again: 1 s, then twice as long each time up to 60 s, of which up to half is left off at random so that many do not come back at once.</summary>
/// <param name="jitter">Gives numbers from 0 to 1.</param>
internal sealed class Backoff(Func<double> jitter)
{
    /// <summary>The first wait.</summary>
    public static readonly TimeSpan Base = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait.</summary>
    public static readonly TimeSpan Max = TimeSpan.FromSeconds(60);

    private int _failures;

    /// <summary>The wait after one more failure.</summary>
    /// <param name="retryAfter">What the receiver wants; waited in full.</param>
    public TimeSpan Next(TimeSpan? retryAfter)
    {
        double wait = Math.Min(Max.TotalSeconds, Base.TotalSeconds * Math.Pow(2, Math.Min(_failures++, 30)));
        TimeSpan own = TimeSpan.FromSeconds(wait * (1 - jitter() / 2));
        return retryAfter is { } asked && asked > own ? asked : own;
    }

    /// <summary>It worked.</summary>
    public void Reset() => _failures = 0;
}
