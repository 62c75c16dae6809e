using System.Collections.Immutable;

namespace Vedette.Pipeline.Watching;

/// <summary>One combination of label values of a metric. Safe for threads.</summary>
public abstract class MetricSeries
{
    private protected MetricSeries(byte[] labels) => Labels = labels;

    /// <summary>Its labels as they are written: <c>cluster="prod",source="webhook"</c>.</summary>
    internal byte[] Labels { get; }

    internal abstract void Write(string name, MetricTextWriter writer);
}

/// <summary>A number that only rises.</summary>
public sealed class Counter : MetricSeries
{
    private long _value;

    internal Counter(byte[] labels)
        : base(labels)
    {
    }

    /// <summary>The number.</summary>
    public long Value => Interlocked.Read(ref _value);

    /// <summary>Adds to it. Allocates nothing.</summary>
    /// <param name="count">How much; at least 0.</param>
    public void Add(long count = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        Interlocked.Add(ref _value, count);
    }

    internal override void Write(string name, MetricTextWriter writer) => writer.Sample(name, "", Labels, Value);
}

/// <summary>A number that goes up and down.</summary>
public sealed class Gauge : MetricSeries
{
    private double _value;

    internal Gauge(byte[] labels)
        : base(labels)
    {
    }

    /// <summary>The number.</summary>
    public double Value
    {
        get => Volatile.Read(ref _value);
        set => Volatile.Write(ref _value, value);
    }

    internal override void Write(string name, MetricTextWriter writer) => writer.Sample(name, "", Labels, Value);
}

/// <summary>How many observations were at most so large.</summary>
public sealed class Histogram : MetricSeries
{
    private readonly ImmutableArray<double> _bounds;
    private readonly long[] _counts;
    private double _sum;

    internal Histogram(byte[] labels, ImmutableArray<double> bounds)
        : base(labels)
    {
        _bounds = bounds;
        _counts = new long[bounds.Length + 1];
    }

    /// <summary>Notes an observation. Allocates nothing.</summary>
    public void Observe(double value)
    {
        int bucket = 0;
        while (bucket < _bounds.Length && value > _bounds[bucket])
        {
            bucket++;
        }

        Interlocked.Increment(ref _counts[bucket]);
        double before = Volatile.Read(ref _sum);
        while (true)
        {
            double seen = Interlocked.CompareExchange(ref _sum, before + value, before);
            if (seen.Equals(before))
            {
                return;
            }

            before = seen;
        }
    }

    internal override void Write(string name, MetricTextWriter writer)
    {
        long count = 0;
        for (int i = 0; i < _counts.Length; i++)
        {
            count += Interlocked.Read(ref _counts[i]);
            writer.Bucket(name, Labels, i < _bounds.Length ? _bounds[i] : double.PositiveInfinity, count);
        }

        writer.Sample(name, "_sum", Labels, Volatile.Read(ref _sum));
        writer.Sample(name, "_count", Labels, count);
    }
}
