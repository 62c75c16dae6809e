namespace Vedette.Storage.Journals;

/// <summary>A batch that waits to be stored, and who waits for it.</summary>
internal sealed class PendingBatch(RecordBatch batch, PackedRecords? packed = null)
{
    /// <summary>The batch.</summary>
    public RecordBatch Batch { get; } = batch;

    /// <summary>The same, compressed; null where it is not yet.</summary>
    public PackedRecords? Packed { get; } = packed;

    /// <summary>Is it there only to find out whether something could be stored?</summary>
    public bool IsProbe { get; init; }

    /// <summary>Set by the commit; told to who waits after it.</summary>
    public AppendResult Result { get; set; }

    /// <summary>Where who appended waits.</summary>
    public TaskCompletionSource<AppendResult> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
