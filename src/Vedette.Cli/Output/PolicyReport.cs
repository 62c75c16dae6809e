using Vedette.Pipeline.Simulation;
using Vedette.Policy.Costs;
using Vedette.Policy.Simulation;

namespace Vedette.Cli.Output;

/// <summary>A replay to be shown.</summary>
/// <param name="Result">The figures.</param>
/// <param name="Prices">Prices.</param>
/// <param name="Days">Days that the figures stand for; null when not known.</param>
/// <param name="Top">Rows by resource and by user.</param>
internal sealed record PolicyReport(PolicyReplayResult Result, PriceList Prices, double? Days, int Top)
{
    /// <summary>GB (10⁹ bytes) a day; null when the days are not known.</summary>
    public double? GigabytesPerDay(Volume volume) => volume.Bytes / Days / 1e9;

    /// <summary>Dollars a month; null when the days are not known.</summary>
    public double? PerMonth(Price price, Volume volume) => Days is { } days ? price.PerMonth(volume.Bytes / days, volume.Events / days) : null;
}
