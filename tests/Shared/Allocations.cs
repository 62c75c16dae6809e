namespace Vedette.Tests;

/// <summary>What code allocates on the managed heap.</summary>
public static class Allocations
{
    // The compiler works beside, when others leave it the time.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Bytes that a run allocates on this thread once it has settled: first code is compiled in a hurry and boxes values, buffers grow, values are remembered. What the run itself costs shows in every run,
    /// so it is run again and again until one costs nothing or patience ends.
    /// </summary>
    /// <param name="run">What is to cost nothing.</param>
    public static long OnceSettled(Action run) => OnceSettled(() =>
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        run();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    });

    /// <summary>As <see cref="OnceSettled(Action)"/>, of a run that counts itself what is to count.</summary>
    /// <param name="run">Answers the bytes it allocated.</param>
    public static long OnceSettled(Func<long> run)
    {
        using CancellationTokenSource limit = new(s_patience);
        long allocated = run();
        while (allocated > 0 && !limit.IsCancellationRequested)
        {
            Thread.Sleep(1);
            allocated = run();
        }

        return allocated;
    }
}
