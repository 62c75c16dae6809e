namespace Vedette.Pipeline.Serving;

/// <summary>How fast events were evaluated lately. One thread notes it, all may ask.</summary>
internal sealed class EvaluationSpeed
{
    /// <summary>Events after which what was before counts little.</summary>
    private const double Memory = 10_000;

    // Until something was evaluated: what an event takes with the whole pack, roughly.
    private double _ticksPerEvent = TimeSpan.FromMicroseconds(20).Ticks;

    /// <summary>Notes how long some events took.</summary>
    public void Note(int events, TimeSpan took)
    {
        double share = Math.Min(1, events / Memory);
        Volatile.Write(ref _ticksPerEvent, (_ticksPerEvent * (1 - share)) + (took.Ticks / (double)events * share));
    }

    /// <summary>How long so many will take.</summary>
    public TimeSpan TimeOf(long events) => TimeSpan.FromTicks((long)(Volatile.Read(ref _ticksPerEvent) * events));
}
