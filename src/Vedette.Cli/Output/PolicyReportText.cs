using System.Globalization;
using Vedette.Pipeline.Simulation;
using Vedette.Policy.Costs;
using Vedette.Policy.Model;
using Vedette.Policy.Simulation;

namespace Vedette.Cli.Output;

/// <summary>A replay as tables.</summary>
internal static class PolicyReportText
{
    /// <summary>Prints it.</summary>
    public static void Write(TextWriter into, PolicyReport report)
    {
        for (int i = 0; i < report.Result.Simulators.Length; i++)
        {
            Write(into, report, i);
        }
    }

    private static void Write(TextWriter into, PolicyReport report, int index)
    {
        PolicySimulator simulator = report.Result.Simulators[index];
        Volume before = simulator.Total.Before;
        Volume after = simulator.Total.After;
        into.WriteLine($"{simulator.Policy.File}: {after.Events:N0} of {before.Events:N0} events, {Size(after.Bytes)} of {Size(before.Bytes)} ({Percent(after.Bytes, before.Bytes)})");
        into.WriteLine();
        WriteShares(into, "LEVEL", simulator.Levels.Select((share, level) => (((AuditLevel)level).ToString(), share)));
        WriteShares(into, "RULE", simulator.Rules.Select((share, rule) => (
            rule < simulator.Policy.Rules.Length ? $"rules[{rule}] line {simulator.Policy.Rules[rule].Line}: {simulator.Policy.Rules[rule].Level}" : "no rule: None", share)));
        WriteShares(into, "RESOURCE", simulator.Resources.Take(report.Top));
        WriteShares(into, "USER", simulator.Users.Take(report.Top));
        Table lost = new("LOST", "EVENTS", "BYTES");
        Add(lost, "events at level None", simulator.LostToLevel);
        Add(lost, "events of omitted stages", simulator.LostToStages);
        Add(lost, "bodies of events that stay", simulator.LostBodies);
        Add(lost, "managed fields of bodies that stay", simulator.LostManagedFields);
        lost.Write(into, null);
        into.WriteLine();
        if (simulator.RecordedTooLow > 0)
        {
            into.WriteLine($"{simulator.RecordedTooLow:N0} events are in the log at a lower level than this policy writes: with it there would be more bytes than shown.");
            into.WriteLine();
        }

        WriteCosts(into, report, before, after);
        WriteRules(into, report, index);
    }

    private static void WriteCosts(TextWriter into, PolicyReport report, Volume before, Volume after)
    {
        if (report.GigabytesPerDay(before) is not { } gigabytes)
        {
            into.WriteLine("The log spans less than a minute: say with --days or --rate what it stands for, to see GB a day and costs.");
            into.WriteLine();
            return;
        }

        into.WriteLine($"{Number(gigabytes)} GB a day before, {Number(report.GigabytesPerDay(after)!.Value)} after (from {Number(report.Days!.Value)} days of log)");
        into.WriteLine();
        Table costs = new("US$ A MONTH", "BEFORE", "AFTER", "LIST PRICES OF", "PAGE TO CHECK");
        foreach (Price price in report.Prices.Prices)
        {
            costs.Add(price.Sink, Number(report.PerMonth(price, before)!.Value), Number(report.PerMonth(price, after)!.Value), price.Date, price.Page);
        }

        costs.Write(into, null);
        into.WriteLine(report.Prices.Note);
        into.WriteLine();
    }

    private static void WriteRules(TextWriter into, PolicyReport report, int index)
    {
        if (report.Result.Rules.IsEmpty)
        {
            return;
        }

        RuleReplay[] rules = [.. report.Result.Rules.Where(rule => rule.FindingsBefore > 0 || rule.BlindAfter[index] > rule.BlindBefore)];
        Table table = new("DETECTION RULE", "FINDINGS BEFORE", "AFTER", "BLIND BEFORE", "AFTER", "");
        foreach (RuleReplay rule in rules.OrderBy(rule => rule.FindingsAfter[index] - rule.FindingsBefore).ThenBy(rule => rule.Title, StringComparer.Ordinal))
        {
            string verdict = rule.FindingsBefore > 0 && rule.FindingsAfter[index] == 0 ? rule.BlindAfter[index] > rule.BlindBefore ? "lost: blind" : "lost: no event"
                : rule.FindingsAfter[index] < rule.FindingsBefore ? "partly kept" : rule.BlindAfter[index] > rule.BlindBefore ? "blind" : "kept";
            table.Add(rule.Title, Count(rule.FindingsBefore), Count(rule.FindingsAfter[index]), Count(rule.BlindBefore), Count(rule.BlindAfter[index]), verdict);
        }

        table.Write(into, Terminal.Width);
        into.WriteLine();
    }

    private static void WriteShares(TextWriter into, string title, IEnumerable<(string Name, Share Share)> shares)
    {
        Table table = new(title, "EVENTS BEFORE", "AFTER", "BYTES BEFORE", "AFTER", "LEFT");
        foreach ((string name, Share share) in shares.Where(pair => pair.Share.Before.Events + pair.Share.After.Events > 0))
        {
            table.Add(
                name.Length == 0 ? "(none)" : name, Count(share.Before.Events), Count(share.After.Events), Size(share.Before.Bytes), Size(share.After.Bytes),
                share.Before.Bytes == 0 ? "" : Percent(share.After.Bytes, share.Before.Bytes));
        }

        table.Write(into, Terminal.Width);
        into.WriteLine();
    }

    private static void Add(Table table, string name, Volume volume) => table.Add(name, Count(volume.Events), Size(volume.Bytes));

    private static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static string Size(long bytes) => bytes switch
    {
        < 10_000 => $"{bytes} B",
        < 10_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:F0} kB"),
        < 10_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:F0} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:F0} GB"),
    };

    private static string Percent(long part, long whole) => whole == 0 ? "-" : string.Create(CultureInfo.InvariantCulture, $"{100.0 * part / whole:F1} %");

    private static string Number(double value) => value.ToString(value < 10 ? "0.00" : "N0", CultureInfo.InvariantCulture);
}
