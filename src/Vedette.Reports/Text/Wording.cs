using System.Globalization;
using Vedette.Detection.Rules;

namespace Vedette.Reports.Text;

/// <summary>How reports write levels, times, numbers and rule texts.</summary>
internal static class Wording
{
    /// <summary>The name of a level, as Sigma has it.</summary>
    public static string Level(RuleLevel level) => level switch
    {
        RuleLevel.Informational => "informational",
        RuleLevel.Low => "low",
        RuleLevel.Medium => "medium",
        RuleLevel.High => "high",
        RuleLevel.Critical => "critical",
        _ => "unset",
    };

    /// <summary>A time for people, to the second, in UTC.</summary>
    public static string Time(DateTimeOffset? time) => time?.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture) ?? "time unknown";

    /// <summary>A time for programs, as events write it.</summary>
    public static string Exact(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    /// <summary>From when to when; the day is said once.</summary>
    public static string Period(DateTimeOffset? first, DateTimeOffset? last)
    {
        if (first is not { } from || last is not { } to)
        {
            return "time unknown";
        }

        string start = from.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        string end = to.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        return start == end ? $"{start} UTC" : start[..10] == end[..10] ? $"{start} – {end[11..]} UTC" : $"{start} – {end} UTC";
    }

    /// <summary>Such as <c>1 finding</c> or <c>1,200 findings</c>.</summary>
    public static string Count(long number, string thing) => string.Create(CultureInfo.InvariantCulture, $"{number:N0} {thing}{(number == 1 ? "" : "s")}");

    /// <summary>A number with its thousands apart.</summary>
    public static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A size in bytes, in the unit that suits it.</summary>
    public static string Size(long bytes) => bytes switch
    {
        < 1_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes} B"),
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:F1} kB"),
        < 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:F1} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:F1} GB"),
    };

    /// <summary>A list in a sentence: <c>a, b and c</c>.</summary>
    public static string List(IReadOnlyList<string> items) => items.Count switch
    {
        0 => "",
        1 => items[0],
        _ => $"{string.Join(", ", items.Take(items.Count - 1))} and {items[^1]}",
    };

    /// <summary>The first of them, and how many more there are.</summary>
    public static string Some(IReadOnlyList<string> items, int max) =>
        items.Count <= max ? string.Join(", ", items) : $"{string.Join(", ", items.Take(max))} and {Number(items.Count - max)} more";

    /// <summary>The paragraphs of a rule's text: blank lines part them, other line ends are only where the author's line was full.</summary>
    public static IEnumerable<string> Paragraphs(string? text) => (text ?? "").ReplaceLineEndings("\n").Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
        .Select(paragraph => string.Join(' ', paragraph.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))).Where(paragraph => paragraph.Length > 0);
}
