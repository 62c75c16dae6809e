using System.Collections.Immutable;
using Vedette.Storage.Files;

namespace Vedette.Storage.Journals;

/// <summary>What a journal consists of at a moment.</summary>
/// <param name="Segments">Its segments, in order.</param>
/// <param name="End">Sequence after the last durable record; <see cref="long.MaxValue"/> where that is not known, as for who only looks at the files.</param>
internal sealed record JournalExtent(ImmutableArray<Segment> Segments, long End)
{
    /// <summary>What the files of a directory say.</summary>
    public static JournalExtent Of(IFileSystem files, string directory) => new(
        [.. files.List(directory).Select(name => Segment.Parse(directory, name)).OfType<Segment>().OrderBy(segment => segment.Number)], long.MaxValue);

    /// <summary>Where the part of the journal in a segment ends: where the next one begins.</summary>
    public long LimitOf(Segment segment) => Math.Min(End, After(segment)?.First ?? long.MaxValue);

    /// <summary>The segment after one; null when it is the last.</summary>
    public Segment? After(Segment segment)
    {
        int low = 0;
        int high = Segments.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = Segments[middle].Number > segment.Number ? (low, middle) : (middle + 1, high);
        }

        return low < Segments.Length ? Segments[low] : null;
    }
}
