using System.Diagnostics.CodeAnalysis;

namespace Vedette.Storage.Threads;

/// <summary>
/// A thread for one loop of asynchronous code: what the loop awaits comes back to it, and never stands in the pool's queue behind the work of those who wait for that loop. For the few loops of a server that all its
/// deliveries wait for.
/// </summary>
public sealed class OwnThread : SynchronizationContext
{
    private readonly Queue<(SendOrPostCallback Callback, object? State)> _next = [];
    private bool _hasEnded;

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
        lock (_next)
        {
            if (!_hasEnded)
            {
                _next.Enqueue((d, state));
                Monitor.Pulse(_next);
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
        while (TryTake(out SendOrPostCallback? callback, out object? state))
        {
            callback(state);
        }

        ended.SetResult(task);
    }

    /// <summary>Waits for what comes next, without spinning: nothing may come for long.</summary>
    private bool TryTake([NotNullWhen(true)] out SendOrPostCallback? callback, out object? state)
    {
        lock (_next)
        {
            while (_next.Count == 0 && !_hasEnded)
            {
                Monitor.Wait(_next);
            }

            bool any = _next.TryDequeue(out (SendOrPostCallback Callback, object? State) next);
            (callback, state) = next;
            return any;
        }
    }

    private async Task FollowAsync(Func<Task> loop)
    {
        try
        {
            await loop();
        }
        finally
        {
            lock (_next)
            {
                _hasEnded = true;
                Monitor.Pulse(_next);
            }
        }
    }
}
