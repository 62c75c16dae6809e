namespace Vedette.Storage.Journals;

/// <summary>How a journal stores.</summary>
public sealed record JournalOptions
{
    /// <summary>Bytes of a segment; one is larger only when a single block is.</summary>
    public long SegmentLength { get; init; } = 64 * 1024 * 1024;

    /// <summary>
    /// Commits begin at most this often; a record that comes when none was begun for so long is written at once. What comes between is made durable together, so an acknowledgement takes at most
    /// this long, or the commit under way if that takes longer, and one commit more. What is large enough to be worth a commit of its own does not wait when nothing else is coming (<see cref="Journal.Announce"/>).
    /// </summary>
    public TimeSpan CommitWindow { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>Bytes of records after which a group is committed without waiting. A single batch may be larger.</summary>
    public int MaxGroupBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>Most bytes that wait to be stored; more is refused as <see cref="Files.StoreProblemKind.Overloaded"/>. A single batch may be larger when nothing else waits.</summary>
    public long MaxPendingBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>How many of the newest records are remembered by identity, so that the same one is not stored again. 24 bytes of memory each.</summary>
    public int IdentityWindow { get; init; } = 1_000_000;

    /// <summary>
    /// Most memory that keeps what was stored last until it was dealt with (<see cref="Journal.Forget"/>), so that who reads close behind need not read it back from the disk and decompress it. 0 keeps nothing.
    /// </summary>
    public long RecentBytes { get; init; }

    /// <summary>Level of zstd; null stores records as they are.</summary>
    public int? Compression { get; init; } = 1;

    /// <summary>Told of every commit, on the thread that commits.</summary>
    public Action<JournalCommit>? OnCommit { get; init; }
}

/// <summary>What a commit did.</summary>
/// <param name="Records">Records stored.</param>
/// <param name="Duplicates">Records that were there already.</param>
/// <param name="PlainBytes">Bytes of the records stored.</param>
/// <param name="StoredBytes">Bytes written.</param>
/// <param name="Elapsed">How long writing and fdatasync took.</param>
/// <param name="Problem">Why nothing was stored; null when it was.</param>
public readonly record struct JournalCommit(int Records, int Duplicates, long PlainBytes, long StoredBytes, TimeSpan Elapsed, Files.StoreProblem? Problem);
