using System.Collections.Immutable;
using System.Globalization;
using Vedette.Detection.Findings;

namespace Vedette.Cli.Output;

/// <summary>Findings for people, what repeats folded into one with a count: on a screen two lines each, so that nothing is cut; else a table with one line each.</summary>
internal static class FindingTable
{
    /// <summary>Prints them; nothing when there are none.</summary>
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
            string time = first.Time?.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) ?? "-";
            string level = FindingJson.Name(first.Rule.Level) ?? "-";
            int count = same.Sum(finding => finding.Count);
            if (Terminal.Width is null)
            {
                table.Add(time, level, first.Rule.Title, first.Message, first.SourceIp ?? "-", count.ToString(CultureInfo.InvariantCulture));
                continue;
            }

            into.WriteLine($"{time}  {Paint(level)}{new string(' ', Math.Max(0, 8 - level.Length))}  {TerminalText.Escape(first.Rule.Title)}");
            into.WriteLine($"    {TerminalText.Escape(first.Message)}{(first.SourceIp is { } ip ? $" from {TerminalText.Escape(ip)}" : "")}{(count > 1 ? $", {count} times" : "")}");
        }

        if (Terminal.Width is null)
        {
            table.Write(into, width: null);
        }
        else
        {
            into.WriteLine();
        }
    }

    private static string Paint(string level)
    {
        string? sequence = !Terminal.HasColor ? null : level switch
        {
            "critical" => "\e[1;97;41m",
            "high" => "\e[1;31m",
            "medium" => "\e[33m",
            "low" => "\e[36m",
            _ => null,
        };
        return sequence is null ? level : $"{sequence}{level}\e[0m";
    }
}
