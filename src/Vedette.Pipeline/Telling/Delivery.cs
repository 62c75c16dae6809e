using Vedette.Sinks;

namespace Vedette.Pipeline.Telling;

/// <summary>
/// Brings things to a receiver: again and again until it takes them. What it refuses is divided until what it will not have is alone; that is set aside and told in the log, the rest goes through.
/// </summary>
/// <param name="receiver">Name of the receiver, for the log.</param>
/// <param name="status">Counts.</param>
/// <param name="options">Log and jitter.</param>
/// <param name="time">Clock.</param>
internal sealed class Delivery(string receiver, ReceiverStatus status, TellingOptions options, TimeProvider time)
{
    private readonly Backoff _backoff = new(options.Jitter);
    private bool _isFailing;

    /// <summary>Delivers things in order.</summary>
    /// <param name="things">The things, one at least.</param>
    /// <param name="send">Makes one attempt with some of them.</param>
    /// <param name="describe">Says for the log which thing this is.</param>
    /// <param name="stop">Asks to give up: heeded while waiting.</param>
    /// <returns>False when it gave up; some of them may have been delivered.</returns>
    public async Task<bool> DeliverAsync<T>(ReadOnlyMemory<T> things, Func<ReadOnlyMemory<T>, Task<SinkAnswer>> send, Func<T, string> describe, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            SinkAnswer answer = await AttemptAsync(things, send);
            DateTimeOffset now = time.GetUtcNow();
            if (answer.Verdict == SinkVerdict.Delivered)
            {
                status.CountSent(things.Length, now);
                Recover();
                return true;
            }

            string problem = answer.Problem ?? "no reason given";
            if (answer.Verdict == SinkVerdict.Refused && things.Length > 1)
            {
                int half = things.Length / 2;
                return await DeliverAsync(things[..half], send, describe, stop) && await DeliverAsync(things[half..], send, describe, stop);
            }

            if (answer.Verdict == SinkVerdict.Refused)
            {
                status.CountRefused(problem, now);
                options.Log($"{receiver} will not have {describe(things.Span[0])}, which stays in the store and is not told it again: {problem}");
                Recover();
                return true;
            }

            status.CountFailure(problem, now);
            if (!_isFailing)
            {
                _isFailing = true;
                options.Log($"{receiver} cannot be told; it is tried again until it can: {problem}");
            }

            try
            {
                await Task.Delay(_backoff.Next(answer.RetryAfter), time, stop);
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }

        return false;
    }

    private static async Task<SinkAnswer> AttemptAsync<T>(ReadOnlyMemory<T> things, Func<ReadOnlyMemory<T>, Task<SinkAnswer>> send)
    {
        try
        {
            return await send(things);
        }
        catch (OperationCanceledException)
        {
            return new SinkAnswer(SinkVerdict.TryLater, "stopped while under way");
        }
        catch (Exception exception)
        {
            // A defect that one thing brings to light must not keep all others waiting for ever.
            return new SinkAnswer(SinkVerdict.Refused, $"a defect of vedette: {exception.GetType().Name}: {exception.Message}");
        }
    }

    private void Recover()
    {
        _backoff.Reset();
        if (_isFailing)
        {
            _isFailing = false;
            options.Log($"{receiver} is told again");
        }
    }
}
