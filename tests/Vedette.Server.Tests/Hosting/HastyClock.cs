namespace Vedette.Server.Tests.Hosting;

/// <summary>The real time, and timers that go off fifty times too early: what is done every few seconds is done all the time.</summary>
internal sealed class HastyClock : TimeProvider
{
    private const int Haste = 50;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => System.CreateTimer(callback, state, Sooner(dueTime), Sooner(period));

    private static TimeSpan Sooner(TimeSpan span) => span > TimeSpan.Zero ? TimeSpan.FromTicks(Math.Max(TimeSpan.TicksPerMillisecond, span.Ticks / Haste)) : span;
}
