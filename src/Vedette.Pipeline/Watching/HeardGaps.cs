namespace Vedette.Pipeline.Watching;

/// <summary>
/// How long a source usually pauses, learned from when it spoke: the second longest pause of the last seven days. So one outage is not taken for usual, and a pause that comes back (nights, week-ends) is.
/// </summary>
internal sealed class HeardGaps
{
    /// <summary>Longest pauses kept.</summary>
    public const int MaxGaps = 8;

    /// <summary>How long they are kept.</summary>
    public static readonly TimeSpan Remembered = TimeSpan.FromDays(7);

    /// <summary>For how long a source must have spoken before its silence says something.</summary>
    public static readonly TimeSpan Learning = TimeSpan.FromHours(1);

    /// <summary>How often it must have spoken.</summary>
    public const int MinHeard = 20;

    private static readonly TimeSpan s_crossing = TimeSpan.FromMinutes(1);

    private readonly List<(DateTimeOffset End, TimeSpan Length)> _gaps = [];

    /// <summary>When it first spoke.</summary>
    public DateTimeOffset First { get; private set; }

    /// <summary>When it last spoke.</summary>
    public DateTimeOffset Last { get; private set; }

    /// <summary>At how many different times it spoke.</summary>
    public long Heard { get; private set; }

    /// <summary>The pauses, for keeping.</summary>
    public IReadOnlyList<(DateTimeOffset End, TimeSpan Length)> Gaps => _gaps;

    /// <summary>It speaks.</summary>
    public void Add(DateTimeOffset at)
    {
        if (Heard == 0)
        {
            First = Last = at;
            Heard = 1;
            return;
        }

        // Times of one delivery are equal, those of several cross, and a clock set back says nothing about a pause.
        if (at <= Last)
        {
            Last = Last - at > s_crossing ? at : Last;
            return;
        }

        Note(at, at - Last);
        Last = at;
        Heard++;
    }

    /// <summary>Counts pauses from here: what was before is none.</summary>
    public void Skip(DateTimeOffset at)
    {
        First = Heard > 0 ? First + (at - Last) : First;
        Last = Heard > 0 ? at : Last;
    }

    /// <summary>The usual longest pause at this time; null when it is not known yet.</summary>
    public TimeSpan? Typical(DateTimeOffset now)
    {
        if (Heard < MinHeard || now - First < Learning)
        {
            return null;
        }

        TimeSpan[] longest = [.. _gaps.Where(gap => now - gap.End <= Remembered).Select(gap => gap.Length).OrderDescending().Take(2)];
        return longest.LastOrDefault();
    }

    /// <summary>The same, as it was kept.</summary>
    public static HeardGaps Restore(DateTimeOffset first, DateTimeOffset last, long heard, IEnumerable<(DateTimeOffset End, TimeSpan Length)> gaps)
    {
        HeardGaps restored = new() { First = first, Last = last, Heard = heard };
        restored._gaps.AddRange(gaps.Take(MaxGaps));
        return restored;
    }

    private void Note(DateTimeOffset at, TimeSpan length)
    {
        if (_gaps.Count == MaxGaps)
        {
            int least = 0;
            for (int i = 0; i < _gaps.Count; i++)
            {
                least = Worth(i) < Worth(least) ? i : least;
            }

            if (Worth(least) >= length)
            {
                return;
            }

            _gaps.RemoveAt(least);
        }

        _gaps.Add((at, length));

        TimeSpan Worth(int place) => at - _gaps[place].End > Remembered ? TimeSpan.Zero : _gaps[place].Length;
    }
}
