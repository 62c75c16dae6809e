using System.Buffers;
using System.Collections.Immutable;

namespace Vedette.Pipeline.Watching;

/// <summary>
/// The metrics of a process. Label sets are bounded: each family holds so many combinations (<see cref="MetricFamily.MaxSeries"/>), what comes after goes into the value <c>other</c> and is counted
/// in <c>vedette_metrics_dropped_label_values_total</c>. Families are made at the start; the rest is safe for threads.
/// </summary>
public sealed class MetricRegistry
{
    private readonly List<MetricFamily> _families = [];
    private readonly List<Action> _reads = [];
    private readonly MetricFamily<Counter> _dropped;

    /// <summary>Makes a registry that holds only what counts its own bounds.</summary>
    public MetricRegistry() => _dropped = Counter(
        "vedette_metrics_dropped_label_values_total", null, "Label values that were over a metric's bound and went into the value other; one that comes again may be counted again.", ["metric"]);

    /// <summary>The families, in the order in which they are written.</summary>
    public IReadOnlyList<MetricFamily> Families => _families;

    /// <summary>Says what to do each time before metrics are written, such as reading gauges. For the start, as making families is.</summary>
    public void BeforeWriting(Action read) => _reads.Add(read);

    /// <summary>Makes a family of counters.</summary>
    /// <param name="name">Name, with <c>_total</c> at the end.</param>
    /// <param name="unit">Unit, which stands before <c>_total</c>; null where it has none.</param>
    /// <param name="help">One sentence.</param>
    /// <param name="labels">Names of labels.</param>
    /// <param name="maxSeries">Most combinations of their values.</param>
    /// <param name="kept">How many of the first labels keep their values beyond that.</param>
    public MetricFamily<Counter> Counter(string name, string? unit, string help, ImmutableArray<string> labels, int maxSeries = MetricFamily.DefaultMaxSeries, int kept = 0) =>
        Add(new MetricFamily<Counter>(name, MetricKind.Counter, unit, help, labels, values => new Counter(values), Dropped) { MaxSeries = maxSeries, KeptWhenFolded = kept });

    /// <summary>Makes a family of gauges.</summary>
    /// <param name="name">Name.</param>
    /// <param name="unit">Unit, which ends the name; null where it has none.</param>
    /// <param name="help">One sentence.</param>
    /// <param name="labels">Names of labels.</param>
    public MetricFamily<Gauge> Gauge(string name, string? unit, string help, ImmutableArray<string> labels) =>
        Add(new MetricFamily<Gauge>(name, MetricKind.Gauge, unit, help, labels, values => new Gauge(values), Dropped));

    /// <summary>Makes a family of counters that somebody else counts, in fractions: it is set like a gauge.</summary>
    internal MetricFamily<Gauge> Reading(string name, string? unit, string help) =>
        Add(new MetricFamily<Gauge>(name, MetricKind.Counter, unit, help, [], values => new Gauge(values), Dropped));

    /// <summary>Makes a family of histograms.</summary>
    /// <param name="name">Name.</param>
    /// <param name="unit">Unit, which ends the name; null where it has none.</param>
    /// <param name="help">One sentence.</param>
    /// <param name="labels">Names of labels.</param>
    /// <param name="bounds">Upper bounds of the buckets, rising; the last one, without bound, is added.</param>
    public MetricFamily<Histogram> Histogram(string name, string? unit, string help, ImmutableArray<string> labels, ImmutableArray<double> bounds) =>
        Add(new MetricFamily<Histogram>(name, MetricKind.Histogram, unit, help, labels, values => new Histogram(values, bounds), Dropped));

    /// <summary>Writes all metrics.</summary>
    /// <param name="to">Where to.</param>
    /// <param name="format">How.</param>
    public void Write(IBufferWriter<byte> to, MetricFormat format)
    {
        foreach (Action read in _reads)
        {
            read();
        }

        MetricTextWriter writer = new(to, format);
        foreach (MetricFamily family in _families)
        {
            family.Write(writer);
        }

        writer.End();
    }

    /// <summary>Counts a label value that was over a metric's bound.</summary>
    internal void Dropped(string metric) => _dropped.With(metric).Add();

    private MetricFamily<TSeries> Add<TSeries>(MetricFamily<TSeries> family)
        where TSeries : MetricSeries
    {
        _families.Add(family);
        return family;
    }
}
