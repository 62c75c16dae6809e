using Vedette.Server.Hosting;
using Xunit;

namespace Vedette.Server.Tests.Hosting;

/// <summary>Deliveries wait for detection, but not for long and not for ever.</summary>
public class DetectionPaceTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    private readonly StandingClock _time = new();
    private TimeSpan? _lag;

    [Theory]
    [InlineData(0)]
    [InlineData(150)]
    [InlineData(30_000)]
    [InlineData(3_600_000)]
    public void Nobody_waits_when_detection_is_near_or_too_far_behind_to_be_waited_for(int milliseconds)
    {
        _lag = TimeSpan.FromMilliseconds(milliseconds);
        Assert.True(Waiting().IsCompletedSuccessfully);
    }

    [Fact]
    public void Nobody_waits_for_detection_that_does_not_go_on()
    {
        _lag = null;
        Assert.True(Waiting().IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_delivery_goes_on_when_detection_is_near()
    {
        _lag = TimeSpan.FromSeconds(1);
        Task waiting = Waiting();
        Assert.False(waiting.IsCompleted);
        _lag = TimeSpan.FromMilliseconds(10);
        await waiting.WaitAsync(s_patience, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_delivery_waits_no_longer_than_its_time()
    {
        _lag = TimeSpan.FromSeconds(2);
        Task waiting = Waiting();
        Assert.False(waiting.IsCompleted);
        _time.Passed = DetectionPace.MaxWait;
        await waiting.WaitAsync(s_patience, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task With_many_deliveries_at_once_detection_is_waited_for_sooner_until_they_are_few_again()
    {
        _lag = TimeSpan.FromMilliseconds(150);
        DetectionPace pace = new(() => _lag, _time);
        Stack<DetectionPace.Presence> present = new(Enumerable.Range(1, DetectionPace.Many - 1).Select(_ => pace.Enter()));
        Assert.True(Waiting(pace).IsCompletedSuccessfully);
        present.Push(pace.Enter());
        Task waiting = Waiting(pace);
        Assert.False(waiting.IsCompleted);
        present.Pop().Dispose();
        await waiting.WaitAsync(s_patience, TestContext.Current.CancellationToken);
        present.Push(pace.Enter());
        _lag = DetectionPace.Close;
        Assert.True(Waiting(pace).IsCompletedSuccessfully);
    }

    private Task Waiting() => Waiting(new DetectionPace(() => _lag, _time));

    private static Task Waiting(DetectionPace pace) => pace.WaitAsync(TestContext.Current.CancellationToken).AsTask();

    /// <summary>Its timers run, its time stands until it is told to go on.</summary>
    private sealed class StandingClock : TimeProvider
    {
        private long _passed;

        public TimeSpan Passed
        {
            set => Interlocked.Exchange(ref _passed, value.Ticks);
        }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Interlocked.Read(ref _passed);
    }
}
