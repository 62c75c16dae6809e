namespace Vedette.Pipeline.Scanning;

/// <summary>
/// What a worker remembers from one window to the next: which terms it has met, so that of a match which only repeats one nothing else need be kept. When the answer to one of the windows is dropped, its events may not be
/// there at all, and nothing that came after them may be taken for a repeat of one.
/// </summary>
internal sealed class WorkerMemory
{
    private bool _isVoid;

    /// <summary>True when the answer to a window was dropped. Set by who reads the input, looked at by the worker before each window.</summary>
    public bool IsVoid
    {
        get => Volatile.Read(ref _isVoid);
        set => Volatile.Write(ref _isVoid, value);
    }
}
