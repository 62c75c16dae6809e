using System.Globalization;

namespace Vedette.Detection.Sigma;

/// <summary>Lengths of time as Sigma writes them: a number and one of s, m, h, d (specification 2.1.0) or w, M, y (pySigma).</summary>
internal static class SigmaTimespan
{
    /// <summary>Longest one taken.</summary>
    public const int MaxYears = 100;

    private const long SecondsOfYear = 31_556_952;

    /// <summary>Reads one. Month and year as pySigma counts them: a twelfth of, and the whole of, 365.2425 days.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan timespan)
    {
        timespan = default;
        if (text.Length is < 2 or > 11 || !int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number == 0)
        {
            return false;
        }

        long seconds = text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3_600, 'd' => 86_400, 'w' => 604_800, 'M' => SecondsOfYear / 12, 'y' => SecondsOfYear, _ => 0 };
        if (seconds == 0 || number > MaxYears * SecondsOfYear / seconds)
        {
            return false;
        }

        timespan = TimeSpan.FromSeconds(number * seconds);
        return true;
    }
}
