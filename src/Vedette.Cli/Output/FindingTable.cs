using System.Collections.Immutable;
using System.Globalization;
using Vedette.Detection.Findings;

namespace Vedette.Cli.Output;

/// <summary>Findings for people: one line each, what repeats folded into one with a count.</summary>
internal static class FindingTable
{
    private const int LevelColumn = 1;

    /// <summary>Prints the table; nothing when there are no findings.</summary>
    public static void Write(ImmutableArray<Finding> findings, TextWriter into)
    {
        if (findings.IsEmpty)
        {
            return;
        }

        Table table = new("TIME", "LEVEL", "RULE", "WHAT HAPPENED", "FROM", "COUNT");
        foreach (IGrouping<(string, string, string?), Finding> same in findings.GroupBy(finding => (finding.Rule.Id, finding.Message, finding.SourceIp)))
        {
            Finding first = same.First();
            table.Add(
                first.Time?.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) ?? "-",
                FindingJson.Name(first.Rule.Level) ?? "-",
                first.Rule.Title,
                first.Message,
                first.SourceIp ?? "-",
                same.Sum(finding => finding.Count).ToString(CultureInfo.InvariantCulture));
        }

        table.Write(into, Terminal.Width, Terminal.HasColor ? Color : null);
    }

    private static string? Color(int column, string cell) => column != LevelColumn ? null : cell switch
    {
        "critical" => "\e[1;97;41m",
        "high" => "\e[31m",
        "medium" => "\e[33m",
        "low" => "\e[36m",
        _ => null,
    };
}
