using System.Buffers;
using System.Globalization;
using System.Text;

namespace Vedette.Pipeline.Watching;

/// <summary>
/// Writes metrics as text: Prometheus' exposition format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats) or OpenMetrics 1.0.0, in which a counter's family is named without
/// <c>_total</c>, units are told and the end is marked.
/// </summary>
internal sealed class MetricTextWriter(IBufferWriter<byte> to, MetricFormat format)
{
    /// <summary>Begins a family.</summary>
    public void Begin(MetricFamily family)
    {
        bool open = format == MetricFormat.OpenMetrics;
        string name = open && family.Kind == MetricKind.Counter && family.Name.EndsWith("_total", StringComparison.Ordinal) ? family.Name[..^"_total".Length] : family.Name;
        string help = open ? LabelText.Escape(family.Help) : family.Help.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        string kind = family.Kind switch
        {
            MetricKind.Counter => "counter",
            MetricKind.Gauge => "gauge",
            _ => "histogram",
        };
        Text($"# HELP {name} {help}\n# TYPE {name} {kind}\n");
        if (open && family.Unit is { } unit)
        {
            Text($"# UNIT {name} {unit}\n");
        }
    }

    /// <summary>Writes a whole number.</summary>
    public void Sample(string name, string suffix, byte[] labels, long value)
    {
        Head(name, suffix, labels);
        Text(string.Create(CultureInfo.InvariantCulture, $" {value}\n"));
    }

    /// <summary>Writes a number.</summary>
    public void Sample(string name, string suffix, byte[] labels, double value)
    {
        Head(name, suffix, labels);
        Text($" {Number(value)}\n");
    }

    /// <summary>Writes how many observations were at most so large.</summary>
    public void Bucket(string name, byte[] labels, double bound, long count)
    {
        Text($"{name}_bucket{{");
        to.Write(labels);
        string text = Number(bound);
        string canonical = format == MetricFormat.OpenMetrics && text.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0 ? $"{text}.0" : text;
        Text(string.Create(CultureInfo.InvariantCulture, $"{(labels.Length > 0 ? "," : "")}le=\"{canonical}\"}} {count}\n"));
    }

    /// <summary>Ends the text.</summary>
    public void End()
    {
        if (format == MetricFormat.OpenMetrics)
        {
            Text("# EOF\n");
        }
    }

    private void Head(string name, string suffix, byte[] labels)
    {
        Text(name);
        Text(suffix);
        if (labels.Length > 0)
        {
            Text("{");
            to.Write(labels);
            Text("}");
        }
    }

    private void Text(string text) => Encoding.UTF8.GetBytes(text, to);

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => double.IsNaN(value) ? "NaN" : value.ToString("R", CultureInfo.InvariantCulture),
    };
}
