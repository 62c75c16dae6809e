namespace Vedette.Benchmarks.Report;

/// <summary>Several measurements of the same thing.</summary>
internal readonly record struct Spread(double Least, double Median, double Most)
{
    /// <summary>Of these values.</summary>
    public static Spread Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        double median = sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;
        return new Spread(sorted[0], median, sorted[^1]);
    }
}
