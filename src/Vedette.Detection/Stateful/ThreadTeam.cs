using System.Runtime.ExceptionServices;

namespace Vedette.Detection.Stateful;

/// <summary>Threads that do one thing together.</summary>
public static class ThreadTeam
{
    /// <summary>Does the same on several threads, of which the calling one is one, and waits for all.</summary>
    /// <param name="threads">How many.</param>
    /// <param name="work">What each does; they share it among them. What one throws is thrown here, once all have ended.</param>
    public static void Run(int threads, Action work)
    {
        ExceptionDispatchInfo? failure = null;
        List<Thread> others = [];
        try
        {
            while (others.Count < threads - 1)
            {
                Thread other = new(Do) { IsBackground = true, Name = "scan" };
                other.Start();
                others.Add(other);
            }
        }
        catch (Exception exception) when (exception is OutOfMemoryException or ThreadStartException)
        {
            // As many as there can be.
        }

        Do();
        others.ForEach(thread => thread.Join());
        failure?.Throw();

        void Do()
        {
            try
            {
                work();
            }
            catch (Exception exception)
            {
                Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(exception), null);
            }
        }
    }

    /// <summary>Does something for each number, on several threads.</summary>
    /// <param name="threads">How many.</param>
    /// <param name="count">Numbers from 0 on; the least are begun first.</param>
    /// <param name="work">What is done for one.</param>
    public static void ForEach(int threads, int count, Action<int> work)
    {
        int next = -1;
        Run(Math.Clamp(threads, 1, Math.Max(1, count)), () =>
        {
            while (Interlocked.Increment(ref next) is var number && number < count)
            {
                work(number);
            }
        });
    }
}
