using System.Globalization;
using System.Text.Json;

namespace Vedette.Sinks.Alertmanager;

/// <summary>
/// A finding as an alert of Alertmanager's API. Its labels are its identity there: they are the same whenever it is told, bounded in number and length, and none of them is a text that a client can
/// choose but the namespace, which Kubernetes bounds. The rest is in annotations.
/// </summary>
internal static class AlertJson
{
    /// <summary>Longest label value in UTF-16 units.</summary>
    public const int MaxLabelLength = 256;

    /// <summary>Longest annotation in UTF-16 units.</summary>
    public const int MaxAnnotationLength = 1024;

    /// <summary>Names of labels that settings cannot set.</summary>
    public static readonly string[] OwnLabels = ["alertname", "severity", "cluster", "namespace", "rule_id", "finding_id"];

    /// <summary>Writes an alert.</summary>
    /// <param name="finding">The finding.</param>
    /// <param name="settings">Labels and address to add.</param>
    /// <param name="startsAt">When it began.</param>
    /// <param name="endsAt">Until when it is active.</param>
    /// <param name="writer">Where to.</param>
    public static void Write(StoredFinding finding, AlertmanagerSettings settings, DateTimeOffset startsAt, DateTimeOffset endsAt, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("labels");
        foreach (AlertLabel label in settings.Labels)
        {
            writer.WriteString(label.Name, label.Value);
        }

        // An alert must have a name that is not blank.
        WriteLabel("alertname", string.IsNullOrWhiteSpace(finding.Title) ? (string.IsNullOrWhiteSpace(finding.RuleId) ? "Vedette finding" : finding.RuleId) : finding.Title);
        WriteLabel("severity", FindingLevel.Of(finding));
        WriteLabel("cluster", finding.Cluster);
        WriteLabel("namespace", finding.Namespace);
        WriteLabel("rule_id", finding.RuleId);
        WriteLabel("finding_id", finding.Id);
        writer.WriteEndObject();
        writer.WriteStartObject("annotations");
        WriteAnnotation("summary", finding.Message);
        WriteAnnotation("user", finding.User);
        WriteAnnotation("source_ip", finding.SourceIp);
        WriteAnnotation("verb", finding.Verb);
        WriteAnnotation("resource", finding.Resource);
        WriteAnnotation("name", finding.Name);
        WriteAnnotation("tags", string.Join(", ", finding.Tags));
        WriteAnnotation("count", finding.Count.ToString(CultureInfo.InvariantCulture));
        writer.WriteEndObject();
        writer.WriteString("startsAt", startsAt.UtcDateTime);
        writer.WriteString("endsAt", endsAt.UtcDateTime);
        if (settings.GeneratorUrl is { } url)
        {
            writer.WriteString("generatorURL", url.Replace("{{id}}", Uri.EscapeDataString(finding.Id), StringComparison.Ordinal)
                .Replace("{{cluster}}", Uri.EscapeDataString(BoundedText.Of(finding.Cluster, MaxLabelLength)), StringComparison.Ordinal));
        }

        writer.WriteEndObject();

        void WriteLabel(string name, string? value) => WriteText(name, value, MaxLabelLength);
        void WriteAnnotation(string name, string? value) => WriteText(name, value, MaxAnnotationLength);
        void WriteText(string name, string? value, int maxLength)
        {
            // An empty label is none, to Alertmanager.
            if (!string.IsNullOrEmpty(value))
            {
                writer.WriteString(name, BoundedText.Of(value, maxLength));
            }
        }
    }
}
