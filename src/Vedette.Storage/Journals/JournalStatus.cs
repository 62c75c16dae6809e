using System.Collections.Immutable;
using Vedette.Storage.Files;

namespace Vedette.Storage.Journals;

/// <summary>What the files of a journal hold. Another process may be writing it.</summary>
/// <param name="Segments">Number of files.</param>
/// <param name="Bytes">Their length, what is reserved at the end of the newest included.</param>
/// <param name="Records">Records that can be read.</param>
/// <param name="First">Sequence of the oldest record.</param>
/// <param name="End">Sequence after the newest.</param>
/// <param name="Oldest">When the oldest block was stored, by our clock; null when there is none.</param>
/// <param name="Newest">When the newest was.</param>
/// <param name="TornBytes">Length of what an unfinished write left at the end; nothing of it was acknowledged, and the next append cuts it off.</param>
/// <param name="Damage">What cannot be read.</param>
public sealed record JournalStatus(
    int Segments, long Bytes, long Records, long First, long End, DateTimeOffset? Oldest, DateTimeOffset? Newest, long TornBytes, ImmutableArray<JournalDamage> Damage)
{
    private const int ReadLength = 256 * 1024;

    /// <summary>Looks at a journal.</summary>
    /// <param name="files">The disk.</param>
    /// <param name="directory">The journal's directory.</param>
    /// <param name="verify">True to read all records and check them; false to look only at what stands before them.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="IOException">The disk cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    /// <exception cref="InvalidDataException">It is of a format that this program does not know.</exception>
    public static JournalStatus Of(IFileSystem files, string directory, bool verify, CancellationToken cancellation)
    {
        JournalExtent extent = JournalExtent.Of(files, directory);
        ImmutableArray<JournalDamage>.Builder damage = ImmutableArray.CreateBuilder<JournalDamage>();
        long bytes = 0;
        long records = 0;
        long end = extent.Segments is [var first, ..] ? first.First : 0;
        long torn = 0;
        DateTimeOffset? oldest = null;
        DateTimeOffset? newest = null;
        foreach (Segment segment in extent.Segments)
        {
            using SegmentReader reader = new(files, segment, damage.Add);
            Segment? next = extent.After(segment);
            if (!reader.HasHeader() && next is not null)
            {
                damage.Add(new JournalDamage(segment.Path, 0, Segment.PageLength, 0));
            }

            while (reader.TryNext(extent.LimitOf(segment), recordsFrom: verify ? 0 : long.MaxValue))
            {
                cancellation.ThrowIfCancellationRequested();
                records += reader.Block.Records;
                newest = DateTimeOffset.FromUnixTimeMilliseconds(reader.Block.Written);
                oldest ??= newest;
            }

            if (next is not null && next.First > reader.Expected)
            {
                reader.GiveUp(next.First);
            }

            bytes += reader.FileLength;
            end = reader.Expected;
            torn = next is null ? TornLength(files, segment, reader.End) : 0;
        }

        return new JournalStatus(
            extent.Segments.Length, bytes, records, extent.Segments is [var start, ..] ? start.First : 0, end, oldest, newest, torn, damage.ToImmutable());
    }

    /// <summary>Bytes from the end of the last block to the last that is not zero.</summary>
    private static long TornLength(IFileSystem files, Segment segment, long end)
    {
        using IFile file = files.Open(segment.Path, forWriting: false);
        byte[] buffer = new byte[ReadLength];
        long torn = 0;
        for (long at = end; file.Read(buffer, at) is > 0 and int read; at += read)
        {
            int last = buffer.AsSpan(0, read).LastIndexOfAnyExcept((byte)0);
            torn = last >= 0 ? at + last + 1 - end : torn;
        }

        return torn;
    }
}
