using System.Globalization;
using System.Text.RegularExpressions;

namespace Vedette.Platforms.ApiServer;

/// <summary>Durations as Go writes them: <c>30s</c>, <c>1m30s</c>, <c>500ms</c> (time.ParseDuration).</summary>
internal static partial class GoDuration
{
    /// <summary>Reads one.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        if (text == "0")
        {
            return true;
        }

        if (text.Length > 64 || !Whole().IsMatch(text))
        {
            return false;
        }

        double seconds = 0;
        foreach (Match part in Part().Matches(text))
        {
            double unit = part.Groups["unit"].Value switch
            {
                "h" => 3600,
                "m" => 60,
                "s" => 1,
                "ms" => 1e-3,
                "ns" => 1e-9,
                _ => 1e-6,
            };
            seconds += double.Parse(part.Groups["number"].Value, CultureInfo.InvariantCulture) * unit;
        }

        duration = TimeSpan.FromSeconds(Math.Min(seconds, 1e9));
        return true;
    }

    [GeneratedRegex(@"^[-+]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Whole();

    [GeneratedRegex(@"(?<number>[0-9]+\.?[0-9]*|\.[0-9]+)(?<unit>ns|us|µs|μs|ms|s|m|h)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Part();
}
