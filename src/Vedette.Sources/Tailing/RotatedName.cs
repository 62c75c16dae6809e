using System.Globalization;
using System.Text.RegularExpressions;

namespace Vedette.Sources.Tailing;

/// <summary>
/// What a file's name says about rotation: kube-apiserver's (lumberjack: <c>audit-2026-11-23T03-57-36.863.log</c>) and logrotate's (<c>audit.log.1</c>, <c>audit.log-20261123</c>,
/// <c>audit-20261123.log</c>), each perhaps compressed.
/// </summary>
/// <param name="Base">Name of the file it was rotated from; its own where it was not.</param>
/// <param name="IsRotated">Was it rotated?</param>
/// <param name="IsPacked">Does its name say that it is compressed?</param>
/// <param name="Order">Names of one base in ordinal order of this are in order of age, the oldest first, and what was not rotated last.</param>
internal readonly partial record struct RotatedName(string Base, bool IsRotated, bool IsPacked, string Order)
{
    private const string Last = "~";

    /// <summary>Reads a name without directory.</summary>
    public static RotatedName Of(string name)
    {
        Match match = Dated().Match(name);
        if (match.Success)
        {
            return new(match.Groups["prefix"].Value + match.Groups["extension"].Value, IsRotated: true, match.Groups["packed"].Success, match.Groups["time"].Value);
        }

        match = Numbered().Match(name);
        if (match.Success)
        {
            // The higher the older; before those with a date come those with a number.
            int number = int.Parse(match.Groups["number"].ValueSpan, CultureInfo.InvariantCulture);
            return new(match.Groups["prefix"].Value, IsRotated: true, match.Groups["packed"].Success, string.Create(CultureInfo.InvariantCulture, $" {999_999 - number:D6}"));
        }

        return new(name, IsRotated: false, name.EndsWith(".gz", StringComparison.Ordinal) || name.EndsWith(".zst", StringComparison.Ordinal), Last);
    }

    [GeneratedRegex(
        @"^(?<prefix>.+)-(?<time>\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}|\d{8}(-\d{1,10})?)(?<extension>\.(?!gz\b|zst\b)[^.]*)?(?<packed>\.gz|\.zst)?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Dated();

    [GeneratedRegex(@"^(?<prefix>.+)\.(?<number>\d{1,5})(?<packed>\.gz|\.zst)?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Numbered();
}
