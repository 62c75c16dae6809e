using Vedette.Pipeline.Serving;
using Xunit;

namespace Vedette.Pipeline.Tests.Serving;

public class EvaluationSpeedTests
{
    [Fact]
    public void What_is_left_takes_as_long_as_events_took_lately()
    {
        EvaluationSpeed speed = new();
        Assert.Equal(TimeSpan.Zero, speed.TimeOf(0));
        Assert.InRange(speed.TimeOf(1_000).TotalMilliseconds, 1, 1_000);
        for (int i = 0; i < 100; i++)
        {
            speed.Note(2_000, TimeSpan.FromMilliseconds(100));
        }

        Assert.Equal(500, speed.TimeOf(10_000).TotalMilliseconds, 0.1);
        speed.Note(1_000_000, TimeSpan.FromSeconds(1));
        Assert.Equal(10, speed.TimeOf(10_000).TotalMilliseconds, 0.1);
    }

    [Fact]
    public void A_single_event_that_took_long_says_little()
    {
        EvaluationSpeed speed = new();
        speed.Note(100_000, TimeSpan.FromSeconds(1));
        speed.Note(1, TimeSpan.FromMilliseconds(10));
        Assert.InRange(speed.TimeOf(100_000).TotalSeconds, 1, 1.2);
    }
}
