using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text;

namespace Vedette.Pipeline.Watching;

/// <summary>One metric by name, with a series for each combination of label values. Safe for threads.</summary>
public abstract class MetricFamily
{
    /// <summary>Combinations of label values that a family holds unless said otherwise.</summary>
    public const int DefaultMaxSeries = 2_000;

    /// <summary>Most combinations beyond the bound whose first labels are kept and whose others are <c>other</c>.</summary>
    public const int MaxFoldedSeries = 256;

    private protected MetricFamily(string name, MetricKind kind, string? unit, string help, ImmutableArray<string> labels)
    {
        Name = name;
        Kind = kind;
        Unit = unit;
        Help = help;
        Labels = labels;
    }

    /// <summary>Name of its samples: for counters with <c>_total</c> at the end, for histograms without <c>_bucket</c>.</summary>
    public string Name { get; }

    /// <summary>What it is.</summary>
    public MetricKind Kind { get; }

    /// <summary>Unit, which ends the name: <c>seconds</c>, <c>bytes</c>; null where it has none.</summary>
    public string? Unit { get; }

    /// <summary>One sentence about it.</summary>
    public string Help { get; }

    /// <summary>Names of its labels.</summary>
    public ImmutableArray<string> Labels { get; }

    /// <summary>Most combinations of label values; the ones after that are folded into <c>other</c>.</summary>
    public int MaxSeries { get; init; } = DefaultMaxSeries;

    /// <summary>How many of the first labels keep their values when a combination is over the bound.</summary>
    public int KeptWhenFolded { get; init; }

    /// <summary>Writes all series.</summary>
    internal abstract void Write(MetricTextWriter writer);
}

/// <summary>A family of series of one kind.</summary>
/// <typeparam name="TSeries">The kind.</typeparam>
public sealed class MetricFamily<TSeries> : MetricFamily
    where TSeries : MetricSeries
{
    private const int MaxLabels = 8;

    private readonly ConcurrentDictionary<string, TSeries> _series = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, TSeries>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly List<TSeries> _inOrder = [];
    private readonly Lock _growing = new();
    private readonly Func<byte[], TSeries> _make;
    private readonly Action<string> _folded;
    private int _foldedSeries;

    internal MetricFamily(
        string name, MetricKind kind, string? unit, string help, ImmutableArray<string> labels, Func<byte[], TSeries> make, Action<string> folded)
        : base(name, kind, unit, help, labels)
    {
        if (labels.Length > MaxLabels)
        {
            throw new ArgumentException($"more than {MaxLabels} labels", nameof(labels));
        }

        _lookup = _series.GetAlternateLookup<ReadOnlySpan<char>>();
        _make = make;
        _folded = folded;
        if (labels.IsEmpty)
        {
            // What has no labels is there from the start: a counter that is absent cannot be seen to rise from nought.
            With();
        }
    }

    /// <summary>The series of these label values. Asking for one that is known allocates nothing.</summary>
    /// <param name="values">One for each label, in their order.</param>
    public TSeries With(params ReadOnlySpan<string> values)
    {
        if (values.Length != Labels.Length)
        {
            throw new ArgumentException($"{Name} has {Labels.Length} labels", nameof(values));
        }

        Span<char> room = stackalloc char[MaxLabels * (LabelText.MaxLength + 1)];
        ReadOnlySpan<char> key = Key(values, room);
        return _lookup.TryGetValue(key, out TSeries? known) ? known : Grow(key);
    }

    /// <summary>Forgets the series of which these labels have these values: of a source or receiver that is gone.</summary>
    /// <param name="label">Name of the label.</param>
    /// <param name="value">Its value.</param>
    public void Forget(string label, string value)
    {
        int place = Labels.IndexOf(label);
        Span<char> safe = stackalloc char[LabelText.MaxLength];
        safe = safe[..LabelText.Copy(value, safe)];
        lock (_growing)
        {
            foreach ((string key, TSeries series) in _series)
            {
                if (place >= 0 && ValuesOf(key)[place].AsSpan().SequenceEqual(safe) && _series.TryRemove(key, out _))
                {
                    _inOrder.Remove(series);
                }
            }
        }
    }

    /// <inheritdoc />
    internal override void Write(MetricTextWriter writer)
    {
        TSeries[] all;
        lock (_growing)
        {
            all = [.. _inOrder];
        }

        writer.Begin(this);
        foreach (TSeries series in all)
        {
            series.Write(Name, writer);
        }
    }

    private TSeries Grow(ReadOnlySpan<char> key)
    {
        lock (_growing)
        {
            if (_lookup.TryGetValue(key, out TSeries? known))
            {
                return known;
            }

            string text = key.ToString();
            if (_inOrder.Count - _foldedSeries < MaxSeries)
            {
                return Add(text);
            }

            _folded(Name);
            string folded = Fold(text, KeptWhenFolded);
            if (_series.TryGetValue(folded, out known))
            {
                return known;
            }

            folded = _foldedSeries < MaxFoldedSeries ? folded : Fold(text, 0);
            if (_series.TryGetValue(folded, out known))
            {
                return known;
            }

            _foldedSeries++;
            return Add(folded);
        }
    }

    private TSeries Add(string key)
    {
        string[] values = ValuesOf(key);
        StringBuilder labels = new();
        for (int i = 0; i < values.Length; i++)
        {
            labels.Append(i == 0 ? "" : ",").Append(Labels[i]).Append("=\"").Append(LabelText.Escape(values[i])).Append('"');
        }

        TSeries series = _make(Encoding.UTF8.GetBytes(labels.ToString()));
        _inOrder.Add(series);
        _series[key] = series;
        return series;
    }

    /// <summary>The values as one text, each behind its length, so that no two combinations have the same.</summary>
    private static ReadOnlySpan<char> Key(ReadOnlySpan<string> values, Span<char> room)
    {
        int length = 0;
        foreach (string value in values)
        {
            int written = LabelText.Copy(value, room.Slice(length + 1, LabelText.MaxLength));
            room[length] = (char)written;
            length += written + 1;
        }

        return room[..length];
    }

    private static string[] ValuesOf(string key)
    {
        List<string> values = [];
        for (int at = 0; at < key.Length; at += key[at] + 1)
        {
            values.Add(key.Substring(at + 1, key[at]));
        }

        return [.. values];
    }

    private static string Fold(string key, int kept)
    {
        string[] values = ValuesOf(key);
        values.AsSpan(kept).Fill(LabelText.Other);
        return Key(values, new char[MaxLabels * (LabelText.MaxLength + 1)]).ToString();
    }
}
