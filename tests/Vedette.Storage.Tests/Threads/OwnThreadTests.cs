using Vedette.Storage.Threads;
using Xunit;

namespace Vedette.Storage.Tests.Threads;

public class OwnThreadTests
{
    [Fact]
    public async Task What_a_loop_awaits_comes_back_to_its_thread_and_who_awaits_the_loop_does_not()
    {
        List<int> threads = [];
        int last = 0;
        await OwnThread.Run("test", async () =>
        {
            threads.Add(Environment.CurrentManagedThreadId);
            await Task.Yield();
            threads.Add(Environment.CurrentManagedThreadId);
            await Task.Run(() => last = Environment.CurrentManagedThreadId);
            threads.Add(Environment.CurrentManagedThreadId);
        });
        Assert.Equal(3, threads.Count);
        Assert.Single(threads.Distinct());
        Assert.NotEqual(threads[0], last);
        Assert.NotEqual(threads[0], Environment.CurrentManagedThreadId);
    }

    [Fact]
    public async Task A_loop_that_fails_fails_for_who_awaits_it()
    {
        await Assert.ThrowsAsync<IOException>(() => OwnThread.Run("test", () => throw new IOException("at once")).WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<IOException>(() => OwnThread.Run("test", async () =>
        {
            await Task.Yield();
            throw new IOException("later");
        }));
    }

    [Fact]
    public async Task What_a_loop_did_not_await_goes_on_after_its_end()
    {
        TaskCompletionSource left = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task? leftOver = null;
        await OwnThread.Run("test", () =>
        {
            leftOver = left.Task.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.FromCurrentSynchronizationContext());
            return Task.CompletedTask;
        });
        left.SetResult();
        await leftOver!.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
    }
}
