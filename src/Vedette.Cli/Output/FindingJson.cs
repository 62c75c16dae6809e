using System.Collections.Immutable;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Vedette.Detection.Findings;
using Vedette.Detection.Rules;
using Vedette.Pipeline.Scanning;

namespace Vedette.Cli.Output;

/// <summary>Findings and statistics as JSON: the stable contract, of which other formats are views.</summary>
internal static class FindingJson
{
    // The default encoder escapes everything but plain text, so a line is safe to print and to put into HTML.
    private static readonly JsonWriterOptions s_compact = new() { Encoder = JavaScriptEncoder.Default };

    /// <summary>One finding a line.</summary>
    public static void WriteLines(ImmutableArray<Finding> findings, Stream into)
    {
        using Utf8JsonWriter writer = new(into, s_compact);
        foreach (Finding finding in findings)
        {
            Write(finding, writer);
            writer.Flush();
            into.Write("\n"u8);
            writer.Reset();
        }
    }

    /// <summary>One document with findings and statistics.</summary>
    public static void WriteDocument(ScanResult result, Stream into)
    {
        using (Utf8JsonWriter writer = new(into, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("findings");
            foreach (Finding finding in result.Findings)
            {
                Write(finding, writer);
            }

            writer.WriteEndArray();
            writer.WritePropertyName("stats");
            Write(result, writer);
            writer.WriteEndObject();
        }

        into.Write("\n"u8);
    }

    /// <summary>The name of a level; null when the rule has none.</summary>
    public static string? Name(RuleLevel level) => level switch
    {
        RuleLevel.Informational => "informational",
        RuleLevel.Low => "low",
        RuleLevel.Medium => "medium",
        RuleLevel.High => "high",
        RuleLevel.Critical => "critical",
        _ => null,
    };

    /// <summary>A time as events write it.</summary>
    public static string? Name(DateTimeOffset? time) => time?.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    private static void Write(Finding finding, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("id", finding.Id);
        writer.WriteString("time", Name(finding.Time));
        writer.WriteStartObject("rule");
        writer.WriteString("id", finding.Rule.Id);
        writer.WriteString("title", finding.Rule.Title);
        writer.WriteString("level", Name(finding.Rule.Level));
        writer.WriteString("dialect", finding.Rule.Dialect == RuleDialect.Falco ? "falco" : "sigma");
        WriteTexts("tags", finding.Rule.Tags, writer);
        writer.WriteEndObject();
        writer.WriteString("cluster", finding.Cluster);
        writer.WriteStartObject("actor");
        writer.WriteString("user", finding.Actor.User);
        WriteTexts("groups", finding.Actor.Groups, writer);
        if (finding.Actor.Impersonator is { } impersonator)
        {
            writer.WriteString("impersonator", impersonator);
        }

        writer.WriteEndObject();
        writer.WriteStartObject("source");
        writer.WriteString("ip", finding.SourceIp);
        writer.WriteString("userAgent", finding.UserAgent);
        writer.WriteEndObject();
        if (finding.Target is { } target)
        {
            writer.WriteStartObject("target");
            writer.WriteString("resource", target.Resource);
            writer.WriteString("subresource", target.Subresource);
            writer.WriteString("namespace", target.Namespace);
            writer.WriteString("name", target.Name);
            writer.WriteString("apiGroup", target.ApiGroup);
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteNull("target");
        }

        writer.WriteString("verb", finding.Verb);
        writer.WriteString("decision", finding.Decision);
        if (finding.Code is { } code)
        {
            writer.WriteNumber("code", code);
        }
        else
        {
            writer.WriteNull("code");
        }

        writer.WriteStartArray("events");
        foreach (FindingEvent item in finding.Events)
        {
            writer.WriteStartObject();
            writer.WriteString("auditID", item.AuditId);
            writer.WriteString("stage", item.Stage);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteNumber("count", finding.Count);
        writer.WriteString("message", finding.Message);
        writer.WriteEndObject();
    }

    private static void Write(ScanResult result, Utf8JsonWriter writer)
    {
        ScanStatistics statistics = result.Statistics;
        writer.WriteStartObject();
        writer.WriteNumber("events", statistics.Events);
        writer.WriteNumber("bytes", statistics.Bytes);
        writer.WriteStartObject("rejects");
        foreach ((string reason, long count) in statistics.Rejects)
        {
            writer.WriteNumber(reason, count);
        }

        writer.WriteEndObject();
        writer.WriteStartObject("findings");
        foreach (IGrouping<RuleLevel, Finding> level in result.Findings.GroupBy(finding => finding.Rule.Level).OrderByDescending(group => group.Key))
        {
            writer.WriteNumber(Name(level.Key) ?? "unset", level.Count());
        }

        writer.WriteEndObject();
        writer.WriteNumber("droppedFindings", statistics.DroppedFindings);
        writer.WriteNumber("regexTimeouts", statistics.RegexTimeouts);
        writer.WriteNumber("seconds", Math.Round(statistics.Elapsed.TotalSeconds, 3));
        writer.WriteStartArray("inputs");
        foreach (InputStatistics input in statistics.Inputs)
        {
            writer.WriteStartObject();
            writer.WriteString("name", input.Name);
            writer.WriteNumber("events", input.Events);
            writer.WriteNumber("bytes", input.Bytes);
            writer.WriteString("problem", input.Problem);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("rules");
        foreach (RuleStatistics rule in statistics.Rules)
        {
            writer.WriteStartObject();
            writer.WriteString("id", rule.Rule.Id);
            writer.WriteString("title", rule.Rule.Title);
            writer.WriteNumber("matched", rule.Matched);
            writer.WriteNumber("blind", rule.Blind);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteTexts(string name, ImmutableArray<string> texts, Utf8JsonWriter writer)
    {
        writer.WriteStartArray(name);
        foreach (string text in texts)
        {
            writer.WriteStringValue(text);
        }

        writer.WriteEndArray();
    }
}
