using System.Text.RegularExpressions;
using Vedette.Pipeline.Watching;

namespace Vedette.Server.Tests.Deploy;

/// <summary>The metrics that there are.</summary>
internal static partial class MetricNames
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<MetricFamily> Families { get; } = new ServerMetrics("1.2.3", TimeProvider.System).Registry.Families;

    /// <summary>Names in a text that look like metrics of ours and are none.</summary>
    public static string[] Unknown(string text) => [.. Used(text).Except(Families.Select(family => family.Name))];

    /// <summary>Names in a text that look like metrics of ours.</summary>
    public static IEnumerable<string> Used(string text) => Name().Matches(text).Select(match => match.Groups["name"].Value).Distinct();

    [GeneratedRegex(@"\b(?<name>(?:vedette|process)_[a-z_]+?)(?:_bucket|_sum|_count)?\b")]
    private static partial Regex Name();
}
