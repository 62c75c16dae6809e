using System.Collections.Immutable;
using System.Globalization;
using Vedette.Detection.Stateful;

namespace Vedette.Detection.Correlations;

/// <summary>What one group of a correlation has seen: the matches that are inside the window, oldest first, and the sums over them.</summary>
internal sealed class GroupWindow(string key, ImmutableArray<string> values, int inputs)
{
    /// <summary>Values larger than this count as this, so that sums stay exact.</summary>
    public const decimal MaxMagnitude = 1_000_000_000_000_000_000m;

    /// <summary>Bytes of a group beside its texts and entries: its object and tables, and its places in those of its correlation.</summary>
    private const int Overhead = 700;

    /// <summary>Most entries that are looked through one by one for a request; nearly all groups have fewer, and do without a table.</summary>
    private const int MaxLookedThrough = 8;

    private readonly Queue<WindowEntry> _entries = new();
    private readonly int[] _perInput = new int[inputs];
    private Dictionary<(int Input, UInt128 Request), WindowEntry>? _requests;
    private Dictionary<string, int>? _distinct;

    /// <summary>Names the group among those of its correlation.</summary>
    public string Key => key;

    /// <summary>The values that make the group, in the order of group-by.</summary>
    public ImmutableArray<string> Values => values;

    /// <summary>The matches, oldest first.</summary>
    public Queue<WindowEntry> Entries => _entries;

    /// <summary>Bytes that it takes, entries included.</summary>
    public long Size { get; private set; } = Overhead + (2 * StateMemory.SizeOf(key));

    /// <summary>Number of different values.</summary>
    public int Distinct => _distinct?.Count ?? 0;

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

    /// <summary>Starts of windows that are not decided yet (<see cref="Decision.AtCloseOfEach"/>); null when there never was one.</summary>
    public Queue<long>? Starts { get; private set; }

    /// <summary>The last of the starts there ever was.</summary>
    public long LastStart { get; private set; } = long.MinValue;

    /// <summary>Notes that a window begins.</summary>
    public void Start(long at)
    {
        (Starts ??= new Queue<long>()).Enqueue(at);
        LastStart = at;
    }

    /// <summary>The match of a rule by a request that is in the window already.</summary>
    public WindowEntry? Find(int input, UInt128 request)
    {
        if (_requests is not null)
        {
            return _requests.GetValueOrDefault((input, request));
        }

        WindowEntry? found = null;
        foreach (WindowEntry entry in _entries)
        {
            found = entry.Input == input && entry.Request == request ? entry : found;
        }

        return found;
    }

    /// <summary>Puts a match in.</summary>
    public void Add(WindowEntry entry)
    {
        _entries.Enqueue(entry);
        Size += entry.Size;
        InputsSeen += _perInput[entry.Input]++ == 0 ? 1 : 0;
        if (_requests is null && _entries.Count > MaxLookedThrough)
        {
            _requests = [];
            foreach (WindowEntry known in _entries)
            {
                NoteRequest(known);
            }
        }
        else
        {
            NoteRequest(entry);
        }

        AddValues(entry);
    }

    private void NoteRequest(WindowEntry entry)
    {
        if (_requests is not null && entry.Request is { } request)
        {
            _requests[(entry.Input, request)] = entry;
        }
    }

    /// <summary>Adds a later stage of an entry's request.</summary>
    /// <returns>True when it brought values.</returns>
    public bool Merge(WindowEntry entry, in Occurrence stage, ImmutableArray<string> values)
    {
        Size -= entry.Size;
        bool isNew = entry.Merge(stage, values);
        Size += entry.Size;
        if (isNew)
        {
            AddValues(entry);
        }

        return isNew;
    }

    private void AddValues(WindowEntry entry)
    {
        foreach (string value in entry.Values)
        {
            _distinct ??= new Dictionary<string, int>(StringComparer.Ordinal);
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

    /// <summary>Takes out what happened before a time and before the first match of the first rule; what happened at the time of that one may be behind it in order.</summary>
    /// <returns>How many were taken out.</returns>
    public int BeginWithFirst(long before)
    {
        foreach (WindowEntry entry in _entries)
        {
            if (entry.Input == 0 || entry.At >= before)
            {
                return Expire(Math.Min(entry.At, before));
            }
        }

        return Expire(before);
    }

    /// <summary>Takes out everything: the group is forgotten.</summary>
    public void Clear()
    {
        Due = long.MaxValue;
        Open = null;
        _entries.Clear();
        _requests = null;
        _distinct = null;
        Starts?.Clear();
    }

    /// <summary>Takes out the oldest match.</summary>
    public void RemoveOldest()
    {
        WindowEntry entry = _entries.Dequeue();
        Size -= entry.Size;
        InputsSeen -= --_perInput[entry.Input] == 0 ? 1 : 0;
        if (_requests is not null && entry.Request is { } request && Find(entry.Input, request) == entry)
        {
            _requests.Remove((entry.Input, request));
        }

        foreach (string value in entry.Values)
        {
            if (--_distinct![value] == 0)
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
