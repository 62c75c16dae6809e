using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Vedette.Detection.Rules;

namespace Vedette.Detection.Findings;

/// <summary>A finding as JSON: the stable contract. What is stored and sent is this, what is shown is a view of it.</summary>
public static class FindingJson
{
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

    /// <summary>Writes one finding as an object.</summary>
    public static void Write(Finding finding, Utf8JsonWriter writer)
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
        WriteCorrelated(finding, writer);
        writer.WriteNumber("count", finding.Count);
        writer.WriteString("message", finding.Message);
        writer.WriteEndObject();
    }

    /// <summary>What only correlations have: group, window, the rules that contributed and how many different users, targets and addresses there are.</summary>
    private static void WriteCorrelated(Finding finding, Utf8JsonWriter writer)
    {
        if (finding.Window is { } window)
        {
            writer.WriteStartObject("group");
            foreach (GroupValue member in finding.Group)
            {
                writer.WriteString(member.Field, member.Value);
            }

            writer.WriteEndObject();
            writer.WriteStartObject("window");
            writer.WriteString("from", Name(window.From));
            writer.WriteString("to", Name(window.To));
            writer.WriteEndObject();
            writer.WriteStartArray("contributing");
            foreach (DetectionRule rule in finding.Contributing)
            {
                writer.WriteStartObject();
                writer.WriteString("id", rule.Id);
                writer.WriteString("title", rule.Title);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteStartObject("distinct");
            writer.WriteNumber("users", finding.Spread?.Users ?? 0);
            writer.WriteNumber("targets", finding.Spread?.Targets ?? 0);
            writer.WriteNumber("sources", finding.Spread?.Sources ?? 0);
            writer.WriteEndObject();
        }

        if (finding.IsLate)
        {
            writer.WriteBoolean("late", true);
        }
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
