namespace Vedette.Pipeline.Watching;

/// <summary>What a metric is, in the terms of OpenMetrics.</summary>
public enum MetricKind
{
    /// <summary>A number that only rises.</summary>
    Counter,

    /// <summary>A number that goes up and down.</summary>
    Gauge,

    /// <summary>How many observations were at most so large, by bounds.</summary>
    Histogram,
}
