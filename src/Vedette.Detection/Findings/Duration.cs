using System.Globalization;

namespace Vedette.Detection.Findings;

/// <summary>Lengths of time for people: the two largest units.</summary>
public static class Duration
{
    /// <summary>Such as <c>4 min 10 s</c>, <c>30 days</c>, <c>less than a second</c>.</summary>
    public static string Of(TimeSpan time)
    {
        (int First, string FirstUnit, int Second, string SecondUnit) parts = time switch
        {
            { TotalDays: >= 1 } => (time.Days, time.Days == 1 ? "day" : "days", time.Hours, "h"),
            { TotalHours: >= 1 } => (time.Hours, "h", time.Minutes, "min"),
            { TotalMinutes: >= 1 } => (time.Minutes, "min", time.Seconds, "s"),
            _ => (time.Seconds, "s", 0, ""),
        };
        return parts switch
        {
            { First: 0 } => "less than a second",
            { Second: 0 } => string.Create(CultureInfo.InvariantCulture, $"{parts.First} {parts.FirstUnit}"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{parts.First} {parts.FirstUnit} {parts.Second} {parts.SecondUnit}"),
        };
    }
}
