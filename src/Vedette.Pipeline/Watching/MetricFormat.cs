using System.Globalization;

namespace Vedette.Pipeline.Watching;

/// <summary>How metrics are written.</summary>
public enum MetricFormat
{
    /// <summary>Prometheus' text format 0.0.4.</summary>
    Prometheus,

    /// <summary>OpenMetrics 1.0.0.</summary>
    OpenMetrics,
}

/// <summary>Which format a client is given.</summary>
public static class MetricFormats
{
    /// <summary>Longest Accept header that is looked at, in characters; of a longer one the rest is not seen.</summary>
    public const int MaxAcceptLength = 1024;

    /// <summary>Content-Type of a format.</summary>
    public static string ContentType(MetricFormat format) => format == MetricFormat.OpenMetrics
        ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
        : "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>OpenMetrics for who names it and does not like plain text better (RFC 9110, section 12.5.1); Prometheus' text for everybody else.</summary>
    /// <param name="accept">The Accept header; null where there is none.</param>
    public static MetricFormat Choose(string? accept)
    {
        double open = 0;
        double plain = 0;
        foreach (string item in (accept is { Length: > MaxAcceptLength } ? accept[..MaxAcceptLength] : accept ?? "").Split(','))
        {
            string[] parts = item.Split(';', StringSplitOptions.TrimEntries);
            string? version = Parameter(parts, "version");
            double quality = Parameter(parts, "q") is not { } q ? 1
                : double.TryParse(q, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double given) ? given : 0;
            if (parts[0].Equals("application/openmetrics-text", StringComparison.OrdinalIgnoreCase) && version is null or "1.0.0" or "0.0.1")
            {
                open = Math.Max(open, quality);
            }
            else if (parts[0].Equals("text/plain", StringComparison.OrdinalIgnoreCase))
            {
                plain = Math.Max(plain, quality);
            }
        }

        return open > 0 && open >= plain ? MetricFormat.OpenMetrics : MetricFormat.Prometheus;
    }

    private static string? Parameter(string[] parts, string name)
    {
        foreach (string part in parts.AsSpan(1))
        {
            if (part.StartsWith(name, StringComparison.OrdinalIgnoreCase) && part.AsSpan(name.Length).TrimStart() is ['=', .. var value])
            {
                return value.Trim().Trim('"').ToString();
            }
        }

        return null;
    }
}
