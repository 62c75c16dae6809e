using Vedette.Storage.Journals;

namespace Vedette.Pipeline.Telling;

/// <summary>Waits until there is something to do.</summary>
internal static class JournalWait
{
    /// <summary>Waits for a record, or a time, whichever comes first.</summary>
    /// <param name="journal">The journal.</param>
    /// <param name="sequence">The record waited for; null: none.</param>
    /// <param name="wait">How long at most; null: for ever.</param>
    /// <param name="time">Clock.</param>
    /// <param name="stop">Ends the waiting, without an exception.</param>
    public static async Task ForAsync(Journal journal, long? sequence, TimeSpan? wait, TimeProvider time, CancellationToken stop)
    {
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(stop);
        if (wait <= TimeSpan.Zero)
        {
            return;
        }

        Task record = sequence is { } next ? journal.WaitAsync(next, either.Token).AsTask() : Task.Delay(Timeout.InfiniteTimeSpan, time, either.Token);
        Task timer = Task.Delay(wait is { } most && most < s_longest ? most : s_longest, time, either.Token);
        await Task.WhenAny(record, timer);
        await either.CancelAsync();
    }

    // Timers take no longer waits than some weeks; who waits looks again anyway.
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(1);
}
