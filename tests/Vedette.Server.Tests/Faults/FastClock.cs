using System.Diagnostics;

namespace Vedette.Server.Tests.Faults;

/// <summary>
/// A clock on which time passes many times as fast, so that what a server does every minute is seen in a test. The time of day can be set (<see cref="Set"/>), as NTP or a person does; how much time has passed does not
/// change by that. <see cref="Pass"/> is a long while in which nothing happened.
/// </summary>
/// <param name="speed">How many times as fast.</param>
internal sealed class FastClock(int speed) : TimeProvider
{
    private static readonly DateTimeOffset s_begin = new(2026, 11, 25, 8, 0, 0, TimeSpan.Zero);

    private readonly long _started = Stopwatch.GetTimestamp();
    private long _passed;
    private long _set;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => s_begin.AddTicks(GetTimestamp() + Interlocked.Read(ref _set));

    public override long GetTimestamp() => (Stopwatch.GetElapsedTime(_started) * speed).Ticks + Interlocked.Read(ref _passed);

    /// <summary>Sets the time of day forward, or back.</summary>
    public void Set(TimeSpan by) => Interlocked.Add(ref _set, by.Ticks);

    /// <summary>Lets time pass at once.</summary>
    public void Pass(TimeSpan time) => Interlocked.Add(ref _passed, time.Ticks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new FastTimer(System.CreateTimer(callback, state, Short(dueTime), Short(period)), Short);

    // Timers count milliseconds.
    private TimeSpan Short(TimeSpan time) => time <= TimeSpan.Zero ? time : TimeSpan.FromMilliseconds(Math.Ceiling((time / speed).TotalMilliseconds));

    private sealed class FastTimer(ITimer timer, Func<TimeSpan, TimeSpan> shorten) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(shorten(dueTime), shorten(period));

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
