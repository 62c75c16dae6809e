namespace Vedette.Storage.Journals;

/// <summary>Batches that wait to be stored, all in one commit, and who waits for them.</summary>
internal sealed class PendingBatches(params RecordBatch[] batches)
{
    /// <summary>The batches, in order.</summary>
    public ReadOnlySpan<RecordBatch> Batches => batches;

    /// <summary>Bytes of their records.</summary>
    public int Length { get; } = TotalLength(batches);

    /// <summary>Are they there only to find out whether something could be stored?</summary>
    public bool IsProbe { get; init; }

    /// <summary>Set by the commit; told to who waits after it.</summary>
    public AppendResult Result { get; set; }

    /// <summary>Where who appended waits.</summary>
    public TaskCompletionSource<AppendResult> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Bytes of the records of some batches.</summary>
    public static int TotalLength(ReadOnlySpan<RecordBatch> batches)
    {
        int length = 0;
        foreach (RecordBatch batch in batches)
        {
            length = checked(length + batch.Length);
        }

        return length;
    }
}
