using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Vedette.Audit.Text;
using Vedette.Detection.Findings;
using Vedette.Detection.Rules;
using Vedette.Pipeline.Scanning;
using Vedette.Reports.Text;

namespace Vedette.Reports.Sarif;

/// <summary>
/// Findings as SARIF 2.1.0 (OASIS), within what GitHub code scanning takes. Limits and required members: docs.github.com, "SARIF support for code scanning".
/// </summary>
internal static class SarifReport
{
    /// <summary>Most results of a run that GitHub takes; it refuses the file above.</summary>
    public const int MaxResults = 25_000;

    /// <summary>Most rules of a run that GitHub takes.</summary>
    public const int MaxRules = 25_000;

    /// <summary>Longest message, in characters; GitHub cuts there.</summary>
    public const int MaxMessageLength = 1_000;

    /// <summary>Most inputs with trouble and rules that were blind told as notifications.</summary>
    public const int MaxNotifications = 200;

    private const string Schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

    /// <summary>Writes the report.</summary>
    public static void Write(ScanReport report, Stream into)
    {
        ImmutableArray<Finding> findings = report.Result.Findings;
        ImmutableArray<DetectionRule> rules = Rules(report.Result);
        Dictionary<string, int> indexes = rules.Select((rule, index) => (rule.Id, index)).ToDictionary(pair => pair.Id, pair => pair.index, StringComparer.Ordinal);
        ImmutableArray<Finding> results = findings.Length <= MaxResults ? findings : [.. findings.OrderByDescending(finding => finding.Rule.Level).Take(MaxResults)];
        using (Utf8JsonWriter writer = new(into, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            writer.WriteStartObject();
            writer.WriteString("$schema", Schema);
            writer.WriteString("version", "2.1.0");
            writer.WriteStartArray("runs");
            writer.WriteStartObject();
            WriteTool(report.Version, rules, writer);
            writer.WriteStartObject("automationDetails");
            writer.WriteString("id", $"vedette/{SarifUri.Escape(report.Cluster ?? "audit")}/");
            writer.WriteEndObject();
            WriteInvocation(report, findings.Length - results.Length, writer);
            writer.WriteString("columnKind", "utf16CodeUnits");
            writer.WriteStartArray("results");
            string fallback = report.Result.Statistics.Inputs is [var first, ..] ? first.Name : "-";
            foreach (Finding finding in results)
            {
                WriteResult(finding, indexes.GetValueOrDefault(finding.Rule.Id, -1), fallback, writer);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        into.Write("\n"u8);
    }

    /// <summary>Every rule that ran, and every one that has a finding (correlations are counted elsewhere), each id once.</summary>
    private static ImmutableArray<DetectionRule> Rules(ScanResult result) =>
        [.. result.Findings.Select(finding => finding.Rule).OrderByDescending(rule => rule.Level).Concat(result.Statistics.Rules.Select(rule => rule.Rule))
            .DistinctBy(rule => rule.Id, StringComparer.Ordinal).Take(MaxRules)];

    private static void WriteTool(string version, ImmutableArray<DetectionRule> rules, Utf8JsonWriter writer)
    {
        writer.WriteStartObject("tool");
        writer.WriteStartObject("driver");
        writer.WriteString("name", "Vedette");
        writer.WriteString("version", version);
        writer.WriteStartArray("rules");
        foreach (DetectionRule rule in rules)
        {
            SarifRule.Write(rule, writer);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteInvocation(ScanReport report, int leftOut, Utf8JsonWriter writer)
    {
        ScanStatistics statistics = report.Result.Statistics;
        writer.WriteStartArray("invocations");
        writer.WriteStartObject();
        writer.WriteBoolean("executionSuccessful", statistics.Events > 0 && !statistics.Inputs.Any(input => input.CouldNotOpen));
        writer.WriteString("endTimeUtc", Wording.Exact(report.Made));
        writer.WriteStartArray("toolExecutionNotifications");
        if (leftOut > 0)
        {
            WriteNotification("warning", $"{Wording.Count(leftOut, "finding")} of the lowest levels left out: GitHub takes no more than {Wording.Number(MaxResults)} results.", null, writer);
        }

        if (statistics.DroppedFindings > 0)
        {
            WriteNotification("warning", $"{Wording.Count(statistics.DroppedFindings, "match")} beyond the bound on findings left out.", null, writer);
        }

        foreach (InputStatistics input in statistics.Inputs.Where(input => input.Problem is not null).Take(MaxNotifications))
        {
            WriteNotification("error", SarifText.Message($"{input.Name}: {input.Problem}"), input.Name, writer);
        }

        foreach ((string reason, long count) in statistics.Rejects)
        {
            WriteNotification("warning", $"{Wording.Count(count, "piece")} of input gave no event: {SarifText.Message(reason)}.", null, writer);
        }

        foreach (RuleStatistics rule in statistics.Rules.Where(rule => rule.Blind > 0).OrderByDescending(rule => rule.Rule.Level).Take(MaxNotifications))
        {
            WriteNotification(
                "note", $"Rule “{SarifText.Message(rule.Rule.Title)}” could not be evaluated on {Wording.Count(rule.Blind, "event")}: their audit level leaves out what it looks at.", null, writer);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndArray();
    }

    private static void WriteNotification(string level, string message, string? input, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("level", level);
        SarifText.WriteMessage("message", message, writer);
        if (input is not null)
        {
            writer.WriteStartArray("locations");
            WriteLocation(input, null, writer);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static void WriteResult(Finding finding, int ruleIndex, string fallback, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("ruleId", SarifText.Id(finding.Rule.Id));
        if (ruleIndex >= 0)
        {
            writer.WriteNumber("ruleIndex", ruleIndex);
        }

        writer.WriteString("level", SarifRule.Level(finding.Rule.Level));
        string from = finding.SourceIp is { } ip ? $", from {ip}" : "";
        string time = finding.Time is { } known ? $" at {Wording.Time(known)}" : "";
        SarifText.WriteMessage("message", SarifText.Message($"{finding.Message}{from}{time}"), writer);
        writer.WriteStartArray("locations");
        WriteLocation(finding.Origin?.Source ?? fallback, finding.Origin?.Line, writer);
        writer.WriteEndArray();

        // GitHub tells results apart by this one alone, together with rule and file; the id is the content's, so lines that move do not matter.
        writer.WriteStartObject("partialFingerprints");
        writer.WriteString("primaryLocationLineHash", $"{finding.Id}:1");
        writer.WriteString("vedetteFinding/v1", finding.Id);
        writer.WriteEndObject();
        writer.WriteNumber("occurrenceCount", Math.Max(1, finding.Count));
        WriteEvidence(finding, writer);
        writer.WriteEndObject();
    }

    private static void WriteLocation(string input, long? line, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("physicalLocation");
        writer.WriteStartObject("artifactLocation");
        writer.WriteString("uri", SarifUri.Of(input));
        writer.WriteEndObject();
        writer.WriteStartObject("region");
        writer.WriteNumber("startLine", Math.Clamp(line ?? 1, 1, int.MaxValue));
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteEvidence(Finding finding, Utf8JsonWriter writer)
    {
        writer.WriteStartObject("properties");
        Write("time", finding.Time is { } time ? Wording.Exact(time) : null);
        Write("level", Wording.Level(finding.Rule.Level));
        Write("cluster", finding.Cluster);
        Write("user", finding.Actor.User);
        Write("impersonator", finding.Actor.Impersonator);
        Write("groups", finding.Actor.Groups.IsDefaultOrEmpty ? null : string.Join(", ", finding.Actor.Groups));
        Write("sourceIp", finding.SourceIp);
        Write("userAgent", finding.UserAgent);
        Write("verb", finding.Verb);
        Write("resource", finding.Target is { } target ? $"{target.Resource}{(target.Subresource is { } sub ? $"/{sub}" : "")}" : null);
        Write("apiGroup", finding.Target?.ApiGroup);
        Write("namespace", finding.Target?.Namespace);
        Write("name", finding.Target?.Name);
        Write("requestURI", finding.RequestUri);
        Write("decision", finding.Decision);
        Write("code", finding.Code?.ToString(CultureInfo.InvariantCulture));
        writer.WriteStartArray("auditIDs");
        foreach (string id in finding.Events.Select(item => item.AuditId).Distinct(StringComparer.Ordinal))
        {
            writer.WriteStringValue(VisibleText.Of(id));
        }

        writer.WriteEndArray();
        writer.WriteEndObject();

        void Write(string name, string? text)
        {
            if (text is not null)
            {
                writer.WriteString(name, VisibleText.Of(text));
            }
        }
    }
}
