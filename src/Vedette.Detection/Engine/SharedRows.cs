using System.Numerics;
using System.Runtime.Intrinsics;

namespace Vedette.Detection.Engine;

/// <summary>
/// Rows that one thread worked out for values of a facet (<see cref="FacetMemory"/>), for the others to copy: at the start of a log each thread meets each value, and working out a row costs far more than copying one.
/// Bounded: what came first stays, since what is common comes early. Safe for threads, without locks: where two add at once one may be lost, and is worked out again.
/// </summary>
/// <param name="words">Words of a row.</param>
internal sealed class SharedRows(int words)
{
    /// <summary>Most values; a power of two.</summary>
    private const int MaxValues = FacetMemory.MaxValues;

    /// <summary>Most different rows, of which values have few, as long as they take no more bytes than those of one thread may (<see cref="FacetMemory.MaxRowBytes"/>); a power of two. Where two threads add at once there may be some more.</summary>
    public const int MaxRows = 1024;

    /// <summary>Places in which a value, or a row, may lie.</summary>
    private const int Ways = 4;

    private readonly Entry?[] _values = new Entry?[MaxValues];
    private readonly ulong[]?[] _rows = new ulong[]?[Math.Clamp((int)BitOperations.RoundUpToPowerOf2((uint)(FacetMemory.MaxRowBytes / sizeof(ulong) / words / 2) + 1), Ways, MaxRows)];

    /// <summary>The words of a value's row; none when nobody has added it.</summary>
    /// <param name="value">The value, as <see cref="KeyedHash"/> tells it.</param>
    public ReadOnlySpan<ulong> Find(Vector256<ulong> value)
    {
        int first = FirstOf(value[0], MaxValues);
        for (int way = 0; way < Ways; way++)
        {
            if (Volatile.Read(ref _values[first + way]) is { } entry && entry.Value == value)
            {
                return entry.Row;
            }
        }

        return default;
    }

    /// <summary>Adds a row, if there is room for it.</summary>
    /// <param name="value">The value.</param>
    /// <param name="row">The words of its row.</param>
    public void Add(Vector256<ulong> value, ReadOnlySpan<ulong> row)
    {
        int first = FirstOf(value[0], MaxValues);
        for (int way = 0; way < Ways; way++)
        {
            if (Volatile.Read(ref _values[first + way]) is null)
            {
                if (Same(row) is { } same)
                {
                    Volatile.Write(ref _values[first + way], new Entry(value, same));
                }

                return;
            }
        }
    }

    /// <summary>The row as it is kept, once for all values that have it; null when there is no room.</summary>
    private ulong[]? Same(ReadOnlySpan<ulong> row)
    {
        ulong hash = 0;
        foreach (ulong word in row)
        {
            hash = (ulong.RotateLeft(hash, 29) ^ word) * 0x9e3779b97f4a7c15;
        }

        int first = FirstOf(hash, _rows.Length);
        for (int way = 0; way < Ways; way++)
        {
            ulong[]? kept = Volatile.Read(ref _rows[first + way]);
            if (kept is null)
            {
                kept = row.ToArray();
                Volatile.Write(ref _rows[first + way], kept);
                return kept;
            }

            if (row.SequenceEqual(kept))
            {
                return kept;
            }
        }

        return null;
    }

    private static int FirstOf(ulong hash, int places) => (int)(hash * 0x9e3779b97f4a7c15 >> 32) & (places - Ways);

    private sealed record Entry(Vector256<ulong> Value, ulong[] Row);
}
