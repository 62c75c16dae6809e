using Vedette.Storage.Threads;
using Xunit;

namespace Vedette.Storage.Tests.Threads;

public class SpareThreadsTests
{
    [Fact]
    public async Task What_is_begun_is_done_on_another_thread_while_who_began_it_goes_on()
    {
        using SpareThreads spare = new(1, "test");
        TaskCompletionSource<int> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using ManualResetEventSlim mayEnd = new();
        spare.Begin(() =>
        {
            mayEnd.Wait(TestContext.Current.CancellationToken);
            done.SetResult(Environment.CurrentManagedThreadId);
        });
        mayEnd.Set();
        Assert.NotEqual(Environment.CurrentManagedThreadId, await done.Task);
    }

    [Fact]
    public async Task Threads_do_as_much_at_once_as_there_are_of_them()
    {
        using SpareThreads spare = new(2, "test");
        using Barrier both = new(2);
        TaskCompletionSource[] done = [new(), new()];
        foreach (TaskCompletionSource one in done)
        {
            spare.Begin(() =>
            {
                both.SignalAndWait(TestContext.Current.CancellationToken);
                one.SetResult();
            });
        }

        await Task.WhenAll(done.Select(one => one.Task));
    }

    [Fact]
    public async Task What_waits_when_they_are_to_end_is_done()
    {
        SpareThreads spare = new(1, "test");
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int before = 0;
        spare.Begin(() => before++);
        spare.Begin(() => before++);
        spare.Begin(done.SetResult);
        spare.Dispose();
        await done.Task;
        Assert.Equal(2, before);
    }
}
