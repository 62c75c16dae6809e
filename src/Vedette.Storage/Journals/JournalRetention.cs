namespace Vedette.Storage.Journals;

/// <summary>What a journal keeps. Whole segments are removed, oldest first, never the newest.</summary>
public sealed record JournalRetention
{
    /// <summary>
    /// Segments whose last record was stored longer ago are removed. Age is by our clock, which within one run of the program is not believed to move faster than time passes.
    /// </summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Bytes on disk above which segments are removed.</summary>
    public long MaxBytes { get; init; } = 50L * 1024 * 1024 * 1024;
}

/// <summary>What retention removed.</summary>
/// <param name="Records">Records.</param>
/// <param name="Bytes">Bytes on disk.</param>
/// <param name="Unread">Records among them that a consumer still needed: lack of room was stronger.</param>
public readonly record struct PruneResult(long Records, long Bytes, long Unread);
