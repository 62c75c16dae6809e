using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Vedette.Detection.Rules;

namespace Vedette.Detection.Findings;

/// <summary>A finding as JSON: the stable contract. What is stored and sent is this, what is shown is a view of it.</summary>
public static class FindingJson
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    /// <summary>Length of a time.</summary>
    private const int TimeLength = 27;

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
    public static string? Name(DateTimeOffset? time) => time?.ToString(TimeFormat, CultureInfo.InvariantCulture);

    /// <summary>Writes one finding as an object.</summary>
    /// <param name="finding">The finding.</param>
    /// <param name="writer">Writes it.</param>
    /// <param name="rules">Rules that were written before, as this writer writes them; null to write the rule anew.</param>
    public static void Write(Finding finding, Utf8JsonWriter writer, RuleTexts? rules = null)
    {
        writer.WriteStartObject();
        writer.WriteString(Names.Id, finding.Id);
        WriteTime(Names.Time, finding.Time, writer);
        writer.WritePropertyName(Names.Rule);
        if (rules is null)
        {
            Write(finding.Rule, writer);
        }
        else
        {
            writer.WriteRawValue(rules.Of(finding.Rule), skipInputValidation: true);
        }

        writer.WriteString(Names.Cluster, finding.Cluster);
        writer.WriteStartObject(Names.Actor);
        writer.WriteString(Names.User, finding.Actor.User);
        WriteTexts(Names.Groups, finding.Actor.Groups, writer);
        if (finding.Actor.Impersonator is { } impersonator)
        {
            writer.WriteString(Names.Impersonator, impersonator);
        }

        writer.WriteEndObject();
        writer.WriteStartObject(Names.Source);
        writer.WriteString(Names.Ip, finding.SourceIp);
        writer.WriteString(Names.UserAgent, finding.UserAgent);
        writer.WriteEndObject();
        if (finding.Target is { } target)
        {
            writer.WriteStartObject(Names.Target);
            writer.WriteString(Names.Resource, target.Resource);
            writer.WriteString(Names.Subresource, target.Subresource);
            writer.WriteString(Names.Namespace, target.Namespace);
            writer.WriteString(Names.Name, target.Name);
            writer.WriteString(Names.ApiGroup, target.ApiGroup);
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteNull(Names.Target);
        }

        writer.WriteString(Names.Verb, finding.Verb);
        writer.WriteString(Names.Decision, finding.Decision);
        if (finding.Code is { } code)
        {
            writer.WriteNumber(Names.Code, code);
        }
        else
        {
            writer.WriteNull(Names.Code);
        }

        writer.WriteStartArray(Names.Events);
        foreach (FindingEvent item in finding.Events)
        {
            writer.WriteStartObject();
            writer.WriteString(Names.AuditID, item.AuditId);
            writer.WriteString(Names.Stage, item.Stage);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        WriteCorrelated(finding, writer);
        writer.WriteNumber(Names.Count, finding.Count);
        writer.WriteString(Names.Message, finding.Message);
        writer.WriteEndObject();
    }

    /// <summary>Writes what a finding says of its rule.</summary>
    internal static void Write(DetectionRule rule, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString(Names.Id, rule.Id);
        writer.WriteString(Names.Title, rule.Title);
        writer.WriteString(Names.Level, Name(rule.Level));
        writer.WriteString(Names.Dialect, rule.Dialect == RuleDialect.Falco ? "falco" : "sigma");
        WriteTexts(Names.Tags, rule.Tags, writer);
        writer.WriteEndObject();
    }

    /// <summary>What only correlations have: group, window, the rules that contributed and how many different users, targets and addresses there are.</summary>
    private static void WriteCorrelated(Finding finding, Utf8JsonWriter writer)
    {
        if (finding.Window is { } window)
        {
            writer.WriteStartObject(Names.Group);
            foreach (GroupValue member in finding.Group)
            {
                writer.WriteString(member.Field, member.Value);
            }

            writer.WriteEndObject();
            writer.WriteStartObject(Names.Window);
            WriteTime(Names.From, window.From, writer);
            WriteTime(Names.To, window.To, writer);
            writer.WriteEndObject();
            writer.WriteStartArray(Names.Contributing);
            foreach (DetectionRule rule in finding.Contributing)
            {
                writer.WriteStartObject();
                writer.WriteString(Names.Id, rule.Id);
                writer.WriteString(Names.Title, rule.Title);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteStartObject(Names.Distinct);
            writer.WriteNumber(Names.Users, finding.Spread?.Users ?? 0);
            writer.WriteNumber(Names.Targets, finding.Spread?.Targets ?? 0);
            writer.WriteNumber(Names.Sources, finding.Spread?.Sources ?? 0);
            writer.WriteEndObject();
        }

        if (finding.IsLate)
        {
            writer.WriteBoolean(Names.Late, true);
        }
    }

    private static void WriteTime(JsonEncodedText name, DateTimeOffset? time, Utf8JsonWriter writer)
    {
        if (time is not { } known)
        {
            writer.WriteNull(name);
            return;
        }

        Span<char> text = stackalloc char[TimeLength];
        known.TryFormat(text, out int length, TimeFormat, CultureInfo.InvariantCulture);
        writer.WriteString(name, text[..length]);
    }

    private static void WriteTexts(JsonEncodedText name, ImmutableArray<string> texts, Utf8JsonWriter writer)
    {
        writer.WriteStartArray(name);
        foreach (string text in texts)
        {
            writer.WriteStringValue(text);
        }

        writer.WriteEndArray();
    }

    /// <summary>The names of members, looked through for what is to be escaped once and for all.</summary>
    private static class Names
    {
        public static readonly JsonEncodedText Id = JsonEncodedText.Encode("id");
        public static readonly JsonEncodedText Time = JsonEncodedText.Encode("time");
        public static readonly JsonEncodedText Rule = JsonEncodedText.Encode("rule");
        public static readonly JsonEncodedText Title = JsonEncodedText.Encode("title");
        public static readonly JsonEncodedText Level = JsonEncodedText.Encode("level");
        public static readonly JsonEncodedText Dialect = JsonEncodedText.Encode("dialect");
        public static readonly JsonEncodedText Cluster = JsonEncodedText.Encode("cluster");
        public static readonly JsonEncodedText Actor = JsonEncodedText.Encode("actor");
        public static readonly JsonEncodedText User = JsonEncodedText.Encode("user");
        public static readonly JsonEncodedText Impersonator = JsonEncodedText.Encode("impersonator");
        public static readonly JsonEncodedText Source = JsonEncodedText.Encode("source");
        public static readonly JsonEncodedText Ip = JsonEncodedText.Encode("ip");
        public static readonly JsonEncodedText UserAgent = JsonEncodedText.Encode("userAgent");
        public static readonly JsonEncodedText Target = JsonEncodedText.Encode("target");
        public static readonly JsonEncodedText Resource = JsonEncodedText.Encode("resource");
        public static readonly JsonEncodedText Subresource = JsonEncodedText.Encode("subresource");
        public static readonly JsonEncodedText Namespace = JsonEncodedText.Encode("namespace");
        public static readonly JsonEncodedText Name = JsonEncodedText.Encode("name");
        public static readonly JsonEncodedText ApiGroup = JsonEncodedText.Encode("apiGroup");
        public static readonly JsonEncodedText Verb = JsonEncodedText.Encode("verb");
        public static readonly JsonEncodedText Decision = JsonEncodedText.Encode("decision");
        public static readonly JsonEncodedText Code = JsonEncodedText.Encode("code");
        public static readonly JsonEncodedText Events = JsonEncodedText.Encode("events");
        public static readonly JsonEncodedText AuditID = JsonEncodedText.Encode("auditID");
        public static readonly JsonEncodedText Stage = JsonEncodedText.Encode("stage");
        public static readonly JsonEncodedText Count = JsonEncodedText.Encode("count");
        public static readonly JsonEncodedText Message = JsonEncodedText.Encode("message");
        public static readonly JsonEncodedText Group = JsonEncodedText.Encode("group");
        public static readonly JsonEncodedText Window = JsonEncodedText.Encode("window");
        public static readonly JsonEncodedText From = JsonEncodedText.Encode("from");
        public static readonly JsonEncodedText To = JsonEncodedText.Encode("to");
        public static readonly JsonEncodedText Contributing = JsonEncodedText.Encode("contributing");
        public static readonly JsonEncodedText Distinct = JsonEncodedText.Encode("distinct");
        public static readonly JsonEncodedText Users = JsonEncodedText.Encode("users");
        public static readonly JsonEncodedText Targets = JsonEncodedText.Encode("targets");
        public static readonly JsonEncodedText Sources = JsonEncodedText.Encode("sources");
        public static readonly JsonEncodedText Late = JsonEncodedText.Encode("late");
        public static readonly JsonEncodedText Tags = JsonEncodedText.Encode("tags");
        public static readonly JsonEncodedText Groups = JsonEncodedText.Encode("groups");
    }
}
