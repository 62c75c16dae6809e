using Vedette.Detection.Stateful;
using Xunit;

namespace Vedette.Detection.Tests.Stateful;

/// <summary>By itself: what others allocate meanwhile would count.</summary>
[CollectionDefinition(nameof(StateMemorySizeTests), DisableParallelization = true)]
[Collection(nameof(StateMemorySizeTests))]
public class StateMemorySizeTests
{
    [Fact]
    public void What_is_counted_is_about_what_it_takes()
    {
        StateMemory memory = new(1024L * 1024 * 1024);
        StreamDetector detector = new(ManyEvents.Rules, "c", ManyEvents.Unbounded, memory);
        ManyEvents.Add(detector, 0, 0);
        detector.Take();
        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (int i = 1; i < 20_000; i++)
        {
            ManyEvents.Add(detector, i * 0.02, group: i / 4);
            detector.Take();
        }

        long taken = GC.GetTotalMemory(forceFullCollection: true) - before;
        GC.KeepAlive(detector);
        Assert.InRange(memory.Used, taken * 9 / 10, taken * 2);
    }
}
