namespace Vedette.Storage.Threads;

/// <summary>
/// Threads that wait for a part of somebody's work, who does the rest of it meanwhile. They begin as soon as a processor is free: in the pool's queue such a part would stand behind whole pieces of work of others. Safe for
/// threads.
/// </summary>
public sealed class SpareThreads : IDisposable
{
    private readonly Queue<Action> _work = [];
    private bool _isEnding;

    /// <summary>Starts them.</summary>
    /// <param name="count">How many.</param>
    /// <param name="name">Name of each.</param>
    public SpareThreads(int count, string name)
    {
        for (int i = 0; i < count; i++)
        {
            new Thread(Follow) { IsBackground = true, Name = name }.Start();
        }
    }

    /// <summary>Has something done when a thread is free. How much waits is for who asks to bound.</summary>
    /// <param name="work">What to do; lets no exception out.</param>
    public void Begin(Action work)
    {
        lock (_work)
        {
            _work.Enqueue(work);
            Monitor.Pulse(_work);
        }
    }

    /// <summary>Lets the threads end when nothing waits any more.</summary>
    public void Dispose()
    {
        lock (_work)
        {
            _isEnding = true;
            Monitor.PulseAll(_work);
        }
    }

    private void Follow()
    {
        while (Next() is { } work)
        {
            work();
        }
    }

    private Action? Next()
    {
        lock (_work)
        {
            while (_work.Count == 0 && !_isEnding)
            {
                Monitor.Wait(_work);
            }

            return _work.TryDequeue(out Action? work) ? work : null;
        }
    }
}
