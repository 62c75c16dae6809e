using System.Text.Json;
using Vedette.Pipeline.Simulation;
using Vedette.Policy.Costs;
using Vedette.Policy.Model;
using Vedette.Policy.Simulation;

namespace Vedette.Cli.Output;

/// <summary>A replay as JSON (docs/policy.md, "As JSON").</summary>
internal static class PolicyReportJson
{
    /// <summary>Writes it as a document.</summary>
    public static void Write(Stream into, PolicyReport report)
    {
        using (Utf8JsonWriter writer = new(into, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            Write(writer, report);
        }

        into.Write("\n"u8);
    }

    /// <summary>Writes it as a value: an object for one policy, an array for several.</summary>
    public static void Write(Utf8JsonWriter writer, PolicyReport report)
    {
        if (report.Result.Simulators.Length == 1)
        {
            WriteOne(writer, report, 0);
            return;
        }

        writer.WriteStartArray();
        for (int i = 0; i < report.Result.Simulators.Length; i++)
        {
            WriteOne(writer, report, i);
        }

        writer.WriteEndArray();
    }

    private static void WriteOne(Utf8JsonWriter writer, PolicyReport report, int index)
    {
        PolicySimulator simulator = report.Result.Simulators[index];
        writer.WriteStartObject();
        writer.WriteString("policy", simulator.Policy.File);
        Write(writer, "before", simulator.Total.Before);
        Write(writer, "after", simulator.Total.After);
        WriteShares(writer, "byLevel", simulator.Levels.Select((share, level) => (((AuditLevel)level).ToString(), share)));
        WriteShares(writer, "byRule", simulator.Rules.Select((share, rule) => (rule < simulator.Policy.Rules.Length ? $"rules[{rule}]" : "no rule", share)));
        WriteShares(writer, "byResource", simulator.Resources);
        WriteShares(writer, "byUser", simulator.Users);
        writer.WriteStartObject("lost");
        Write(writer, "levelNone", simulator.LostToLevel);
        Write(writer, "omittedStages", simulator.LostToStages);
        Write(writer, "bodies", simulator.LostBodies);
        Write(writer, "managedFields", simulator.LostManagedFields);
        writer.WriteEndObject();
        writer.WriteNumber("recordedTooLow", simulator.RecordedTooLow);
        WriteNumber(writer, "days", report.Days);
        WriteNumber(writer, "gbPerDayBefore", report.GigabytesPerDay(simulator.Total.Before));
        WriteNumber(writer, "gbPerDayAfter", report.GigabytesPerDay(simulator.Total.After));
        writer.WriteStartArray("costPerMonth");
        foreach (Price price in report.Prices.Prices)
        {
            writer.WriteStartObject();
            writer.WriteString("sink", price.Sink);
            WriteNumber(writer, "before", report.PerMonth(price, simulator.Total.Before));
            WriteNumber(writer, "after", report.PerMonth(price, simulator.Total.After));
            writer.WriteString("pricesOf", price.Date);
            writer.WriteString("page", price.Page);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("rules");
        foreach (RuleReplay rule in report.Result.Rules)
        {
            writer.WriteStartObject();
            writer.WriteString("id", rule.Id);
            writer.WriteString("title", rule.Title);
            writer.WriteNumber("findingsBefore", rule.FindingsBefore);
            writer.WriteNumber("findingsAfter", rule.FindingsAfter[index]);
            writer.WriteNumber("findingsLost", rule.Lost[index]);
            writer.WriteNumber("findingsGained", rule.Gained[index]);
            writer.WriteNumber("blindBefore", rule.BlindBefore);
            writer.WriteNumber("blindAfter", rule.BlindAfter[index]);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteShares(Utf8JsonWriter writer, string name, IEnumerable<(string Name, Share Share)> shares)
    {
        writer.WriteStartArray(name);
        foreach ((string key, Share share) in shares)
        {
            writer.WriteStartObject();
            writer.WriteString("name", key);
            Write(writer, "before", share.Before);
            Write(writer, "after", share.After);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, string name, Volume volume)
    {
        writer.WriteStartObject(name);
        writer.WriteNumber("events", volume.Events);
        writer.WriteNumber("bytes", volume.Bytes);
        writer.WriteEndObject();
    }

    private static void WriteNumber(Utf8JsonWriter writer, string name, double? value)
    {
        if (value is { } number)
        {
            writer.WriteNumber(name, Math.Round(number, 6));
        }
        else
        {
            writer.WriteNull(name);
        }
    }
}
