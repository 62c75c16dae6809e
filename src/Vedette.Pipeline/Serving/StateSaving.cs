using Vedette.Storage.Files;

namespace Vedette.Pipeline.Serving;

/// <summary>
/// When the state of detection is saved: as often as the options say, but a large one only after fifty times the time that writing it took, since nothing is evaluated meanwhile. The disk is waited for beside detection.
/// One thread.
/// </summary>
/// <param name="state">The state.</param>
/// <param name="options">Options.</param>
/// <param name="time">Clock.</param>
/// <param name="position">Place of the next event to evaluate, as it was saved.</param>
internal sealed class StateSaving(DetectorState state, DetectionOptions options, TimeProvider time, long position) : IAsyncDisposable
{
    private const int Share = 50;

    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(1);

    private Task? _saving;
    private long? _savedAt = position;
    private long _began = time.GetTimestamp();
    private TimeSpan _took;

    /// <summary>Why it could not be saved; null when it was.</summary>
    public string? Problem { get; private set; }

    /// <summary>Saves if it is time; at the end in any case, and then waits until it is done.</summary>
    /// <param name="position">Place of the next event to evaluate.</param>
    /// <param name="isEnd">Is it the last time?</param>
    public async ValueTask GoOnAsync(long position, bool isEnd)
    {
        if (_saving is { IsCompleted: true } || isEnd)
        {
            await FinishAsync();
        }

        if (_saving is null && position != _savedAt && (isEnd || IsDue(position)))
        {
            _savedAt = position;
            _began = time.GetTimestamp();
            _saving = state.SaveAsync(position);
            _took = time.GetElapsedTime(_began);
        }

        if (isEnd)
        {
            await FinishAsync();
        }
    }

    /// <summary>Waits for what is being saved.</summary>
    public ValueTask DisposeAsync() => FinishAsync();

    private bool IsDue(long position)
    {
        TimeSpan age = time.GetElapsedTime(_began);
        return Problem is not null ? age >= s_retry : age >= Share * _took && (position - _savedAt >= options.SaveAfter || age >= options.SaveEvery);
    }

    private async ValueTask FinishAsync()
    {
        if (_saving is not { } saving)
        {
            return;
        }

        _saving = null;
        try
        {
            await saving;
            Problem = null;
        }
        catch (Exception exception) when (StoreProblem.IsOfDisk(exception))
        {
            Problem = $"the state of detection cannot be saved: {exception.Message}";
            _savedAt = null;
            _began = time.GetTimestamp();
        }
    }
}
