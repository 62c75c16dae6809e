using System.Runtime;

namespace Vedette.Cli.Commands;

/// <summary>When garbage is collected.</summary>
internal static class GarbageCollections
{
    /// <summary>More than a scan of a log of 120 MB allocates in all, beside buffers. What is not allocated takes no memory.</summary>
    private const long StartBytes = 64L * 1024 * 1024;

    /// <summary>Where that is too much, a little more than a scan allocates before it has read its first events, with the rules that come with the program.</summary>
    private const long MinStartBytes = 18L * 1024 * 1024;

    /// <summary>With fewer matches a scan's end takes no time.</summary>
    private const int MinWaiting = 4_096;

    /// <summary>What a match takes at a scan's end, with the findings made of it, or a finding alone: about a fifth more than it did in logs of 120 MB and of 1 GB.</summary>
    private const long BytesPerMatch = 1_440;

    /// <summary>Most bytes that are not collected: beyond, collections go on.</summary>
    private const long MaxBytes = 128L * 1024 * 1024;

    /// <summary>Part of the memory that these bytes may be; where there is less, collections go on.</summary>
    private const int Share = 8;

    /// <summary>
    /// Puts off collections while a scan begins, until it has allocated what a scan takes that is not large: the rules that are made first stay, with what threads remember of the first events, and collections that move
    /// them about took a tenth of a scan of 50 MB, and a quarter of a small one.
    /// </summary>
    public static void PutOffAtStart()
    {
        long bytes = Math.Min(StartBytes, Affordable);
        if (bytes >= MinStartBytes)
        {
            // Of objects that are not large hardly more is allocated than of those that are.
            GC.TryStartNoGCRegion(bytes, bytes / 2, disallowFullBlockingGC: true);
        }
    }

    /// <summary>
    /// Puts off collections while a scan makes findings of the matches that it held, until the program ends or has made what was to be expected: nearly all that is made stays until it is printed, and collections,
    /// in which everything waits, would only move it about.
    /// </summary>
    /// <param name="waiting">How many matches and findings waited for the scan's end.</param>
    public static void PutOff(int waiting)
    {
        long bytes = Math.Min(waiting * BytesPerMatch, MaxBytes);
        // Where those of the start are still put off they cannot be put off once more, and the scan was not a large one.
        if (waiting >= MinWaiting && bytes <= Affordable && GCSettings.LatencyMode != GCLatencyMode.NoGCRegion)
        {
            // Where there is no room for so much they go on as ever.
            GC.TryStartNoGCRegion(bytes, disallowFullBlockingGC: true);
        }
    }

    private static long Affordable => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / Share;
}
