namespace Vedette.ServeBenchmarks.Report;

/// <summary>Percentiles.</summary>
internal static class Percentile
{
    /// <summary>The value that this share of all values does not exceed; infinite where there is none.</summary>
    public static double Of(IEnumerable<double> values, double share)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? double.PositiveInfinity : sorted[(int)Math.Min(sorted.Length - 1, Math.Ceiling(share * sorted.Length) - 1)];
    }
}
