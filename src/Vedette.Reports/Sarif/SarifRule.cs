using System.Text;
using System.Text.Json;
using Vedette.Audit.Text;
using Vedette.Detection.Rules;
using Vedette.Reports.Markdown;
using Vedette.Reports.Story;
using Vedette.Reports.Text;

namespace Vedette.Reports.Sarif;

/// <summary>A detection rule as a reportingDescriptor.</summary>
internal static class SarifRule
{
    /// <summary>Most tags of a rule that GitHub takes.</summary>
    public const int MaxTags = 20;

    /// <summary>Longest description, in characters; GitHub cuts there.</summary>
    public const int MaxDescriptionLength = 1_000;

    /// <summary>Writes it.</summary>
    public static void Write(DetectionRule rule, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("id", SarifText.Id(rule.Id));
        writer.WriteString("name", Name(rule.Title));
        SarifText.WriteMessage("shortDescription", SarifText.Plain(rule.Title, MaxDescriptionLength), writer);
        string description = string.Join(' ', Wording.Paragraphs(rule.Description));
        SarifText.WriteMessage("fullDescription", SarifText.Plain(description.Length > 0 ? description : rule.Title, MaxDescriptionLength), writer);
        if (rule.References.Select(reference => WebLink.TryRead(reference, out string? url) ? url : null).FirstOrDefault(url => Uri.IsWellFormedUriString(url, UriKind.Absolute)) is { } link)
        {
            writer.WriteString("helpUri", link);
        }

        writer.WriteStartObject("help");
        writer.WriteString("text", Help(rule, markdown: false));
        writer.WriteString("markdown", Help(rule, markdown: true));
        writer.WriteEndObject();
        writer.WriteStartObject("defaultConfiguration");
        writer.WriteString("level", Level(rule.Level));
        writer.WriteEndObject();
        writer.WriteStartObject("properties");
        writer.WriteString("security-severity", Severity(rule.Level));
        writer.WriteString("problem.severity", Level(rule.Level) switch { "note" => "recommendation", var level => level });
        writer.WriteStartArray("tags");

        // GitHub takes the severity for one of security only with the first of these.
        foreach (string tag in rule.Tags.Prepend("kubernetes").Prepend("security").Select(tag => VisibleText.Of(tag)).Distinct(StringComparer.OrdinalIgnoreCase).Take(MaxTags))
        {
            writer.WriteStringValue(tag);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>SARIF knows three levels.</summary>
    public static string Level(RuleLevel level) => level switch
    {
        RuleLevel.Critical or RuleLevel.High => "error",
        RuleLevel.Medium => "warning",
        _ => "note",
    };

    /// <summary>In the middle of GitHub's bands: above 9.0 critical, 7.0 to 8.9 high, 4.0 to 6.9 medium, 0.1 to 3.9 low, 0.0 none.</summary>
    private static string Severity(RuleLevel level) => level switch
    {
        RuleLevel.Critical => "9.5",
        RuleLevel.High => "8.0",
        RuleLevel.Medium => "5.5",
        RuleLevel.Low => "2.0",
        _ => "0.0",
    };

    /// <summary>Readable identity in PascalCase (SARIF 3.49.7), such as <c>ClusterAdminBound</c>.</summary>
    private static string Name(string title)
    {
        StringBuilder name = new();
        bool starts = true;
        foreach (char character in title)
        {
            if (char.IsAsciiLetterOrDigit(character))
            {
                name.Append(starts ? char.ToUpperInvariant(character) : character);
            }

            starts = !char.IsAsciiLetterOrDigit(character);
        }

        return name.Length > 0 ? name.ToString(0, Math.Min(name.Length, 200)) : "Rule";
    }

    private static string Help(DetectionRule rule, bool markdown)
    {
        Func<string, string> escape = markdown ? MarkdownText.Prose : VisibleText.Of;
        StringBuilder help = new();
        foreach (string paragraph in Wording.Paragraphs(rule.Description).DefaultIfEmpty(rule.Title))
        {
            help.Append(escape(paragraph)).Append("\n\n");
        }

        List("What to do next", rule.NextSteps.Select(escape));
        List("May be harmless when", rule.FalsePositives.Select(escape));
        List("References", rule.References.Select(reference => WebLink.TryRead(reference, out string? url) && markdown ? $"<{url.Replace(">", "%3E", StringComparison.Ordinal)}>" : escape(reference)));
        List("Classified as", rule.Tags.Select(RuleTag.Of).Select(tag => tag.Url is { } url && markdown ? $"[{escape(tag.Label)}]({url})" : escape(tag.Label)));
        if (rule.Author is { } author)
        {
            help.Append("Author: ").Append(escape(author)).Append('\n');
        }

        return VisibleText.Cut(help.ToString().TrimEnd(), 8 * MaxDescriptionLength);

        void List(string heading, IEnumerable<string> items)
        {
            string[] all = [.. items.Select(item => string.Join(' ', Wording.Paragraphs(item)))];
            if (all.Length > 0)
            {
                help.Append(markdown ? $"**{heading}**" : heading).Append("\n\n");
                foreach (string item in all)
                {
                    help.Append("- ").Append(item).Append('\n');
                }

                help.Append('\n');
            }
        }
    }
}
