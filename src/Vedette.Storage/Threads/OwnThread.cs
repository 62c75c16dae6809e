using System.Collections.Concurrent;

namespace Vedette.Storage.Threads;

/// <summary>
/// A thread for one loop of asynchronous code: what the loop awaits comes back to it, and never stands in the pool's queue behind the work of those who wait for that loop. For the few loops of a server that all its
/// deliveries wait for.
/// </summary>
public sealed class OwnThread : SynchronizationContext
{
    private readonly BlockingCollection<(SendOrPostCallback Callback, object? State)> _next = [];
    private readonly Lock _adding = new();

    private OwnThread()
    {
    }

    /// <summary>Starts a loop.</summary>
    /// <param name="name">Name of the thread.</param>
    /// <param name="loop">The loop.</param>
    /// <returns>Ends as the loop does; who awaits it goes on elsewhere.</returns>
    public static Task Run(string name, Func<Task> loop)
    {
        TaskCompletionSource<Task> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() => new OwnThread().Follow(loop, ended)) { IsBackground = true, Name = name }.Start();
        return ended.Task.Unwrap();
    }

    /// <inheritdoc />
    public override void Post(SendOrPostCallback d, object? state)
    {
        lock (_adding)
        {
            if (!_next.IsAddingCompleted)
            {
                _next.Add((d, state));
                return;
            }
        }

        // The loop has ended; what it did not await goes on elsewhere.
        base.Post(d, state);
    }

    private void Follow(Func<Task> loop, TaskCompletionSource<Task> ended)
    {
        SetSynchronizationContext(this);
        Task task = FollowAsync(loop);
        foreach ((SendOrPostCallback callback, object? state) in _next.GetConsumingEnumerable())
        {
            callback(state);
        }

        ended.SetResult(task);
    }

    private async Task FollowAsync(Func<Task> loop)
    {
        try
        {
            await loop();
        }
        finally
        {
            lock (_adding)
            {
                _next.CompleteAdding();
            }
        }
    }
}
