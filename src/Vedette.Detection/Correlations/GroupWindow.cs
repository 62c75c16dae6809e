using System.Collections.Immutable;
using System.Globalization;
using Vedette.Detection.Stateful;

namespace Vedette.Detection.Correlations;

/// <summary>What one group of a correlation has seen: the matches that are inside the window, oldest first, and the sums over them.</summary>
internal sealed class GroupWindow(string key, ImmutableArray<string> values, int inputs)
{
    /// <summary>Values larger than this count as this, so that sums stay exact.</summary>
    public const decimal MaxMagnitude = 1_000_000_000_000_000_000m;

    private readonly Queue<WindowEntry> _entries = new();
    private readonly Dictionary<(int Input, UInt128 Request), WindowEntry> _requests = [];
    private readonly Dictionary<string, int> _distinct = new(StringComparer.Ordinal);
    private readonly int[] _perInput = new int[inputs];

    /// <summary>Names the group among those of its correlation.</summary>
    public string Key => key;

    /// <summary>The values that make the group, in the order of group-by.</summary>
    public ImmutableArray<string> Values => values;

    /// <summary>The matches, oldest first.</summary>
    public IReadOnlyCollection<WindowEntry> Entries => _entries;

    /// <summary>Number of different values.</summary>
    public int Distinct => _distinct.Count;

    /// <summary>Number of the correlation's rules that matched.</summary>
    public int InputsSeen { get; private set; }

    /// <summary>Sum of the values that are numbers.</summary>
    public decimal Sum { get; private set; }

    /// <summary>How many values are numbers.</summary>
    public int Numbers { get; private set; }

    /// <summary>When it last took a match, in ticks.</summary>
    public long LastUsed { get; set; }

    /// <summary>When a window closes and is decided, in ticks; <see cref="long.MaxValue"/> when none is open.</summary>
    public long Due { get; set; } = long.MaxValue;

    /// <summary>No further finding up to and including this time, in ticks.</summary>
    public long QuietUntil { get; set; } = long.MinValue;

    /// <summary>The finding that more of the same goes into.</summary>
    public OpenFinding? Open { get; set; }

    /// <summary>Starts of windows that are not decided yet (<see cref="Decision.AtCloseOfEach"/>).</summary>
    public Queue<long> Starts { get; } = new();

    /// <summary>The last of the starts there ever was.</summary>
    public long LastStart { get; set; } = long.MinValue;

    /// <summary>The match of a rule by a request that is in the window already.</summary>
    public WindowEntry? Find(int input, UInt128 request) => _requests.GetValueOrDefault((input, request));

    /// <summary>Puts a match in.</summary>
    public void Add(WindowEntry entry)
    {
        _entries.Enqueue(entry);
        InputsSeen += _perInput[entry.Input]++ == 0 ? 1 : 0;
        if (entry.Request is { } request)
        {
            _requests[(entry.Input, request)] = entry;
        }

        AddValues(entry);
    }

    /// <summary>Counts the values of an entry, which had none before.</summary>
    public void AddValues(WindowEntry entry)
    {
        foreach (string value in entry.Values)
        {
            _distinct[value] = _distinct.GetValueOrDefault(value) + 1;
            if (Number(value) is { } number)
            {
                Sum += number;
                Numbers++;
            }
        }
    }

    /// <summary>Takes out what happened before a time.</summary>
    /// <returns>How many were taken out.</returns>
    public int Expire(long before)
    {
        int expired = 0;
        while (_entries.TryPeek(out WindowEntry? entry) && entry.At < before)
        {
            RemoveOldest();
            expired++;
        }

        return expired;
    }

    /// <summary>Takes out, from the oldest on, what happened before a time and before a match of the first rule.</summary>
    /// <returns>How many were taken out.</returns>
    public int BeginWithFirst(long before)
    {
        int removed = 0;
        while (_entries.TryPeek(out WindowEntry? entry) && entry.Input != 0 && entry.At < before)
        {
            RemoveOldest();
            removed++;
        }

        return removed;
    }

    /// <summary>Takes out the oldest match.</summary>
    public void RemoveOldest()
    {
        WindowEntry entry = _entries.Dequeue();
        InputsSeen -= --_perInput[entry.Input] == 0 ? 1 : 0;
        if (entry.Request is { } request && Find(entry.Input, request) == entry)
        {
            _requests.Remove((entry.Input, request));
        }

        foreach (string value in entry.Values)
        {
            if (--_distinct[value] == 0)
            {
                _distinct.Remove(value);
            }

            if (Number(value) is { } number)
            {
                Sum -= number;
                Numbers--;
            }
        }
    }

    /// <summary>A value as a number; null when it does not read as one.</summary>
    public static decimal? Number(string value) =>
        decimal.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number) ? Math.Clamp(number, -MaxMagnitude, MaxMagnitude)
        : double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double large) && double.IsFinite(large)
            ? large > 0 ? MaxMagnitude : -MaxMagnitude
        : null;
}
