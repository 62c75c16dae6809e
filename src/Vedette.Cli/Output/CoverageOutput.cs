using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Vedette.Detection.Coverage;
using Vedette.Detection.Rules;

namespace Vedette.Cli.Output;

/// <summary>Coverage for people, for programs, and as a layer of the ATT&amp;CK Navigator.</summary>
/// <param name="attack">Techniques of ATT&amp;CK.</param>
/// <param name="threatMatrix">Techniques of the Threat Matrix.</param>
/// <param name="sight">What the log at hand shows; null without one.</param>
/// <param name="unseen">Rules that the log could never have fired, and why.</param>
internal sealed class CoverageOutput(
    ImmutableArray<TechniqueCoverage> attack, ImmutableArray<TechniqueCoverage> threatMatrix, LogSight? sight, IReadOnlyList<(DetectionRule Rule, string Why)> unseen)
{
    private static readonly JsonWriterOptions s_indented = new() { Indented = true, NewLine = "\n" };

    private readonly HashSet<string> _unseen = new(unseen.Select(pair => pair.Rule.Id), StringComparer.Ordinal);

    /// <summary>Tables.</summary>
    public void WriteTable(TextWriter into, int? width)
    {
        foreach ((string name, ImmutableArray<TechniqueCoverage> techniques) in Matrices)
        {
            into.WriteLine($"{name}: {Covered(techniques)}");
            Table table = new("TECHNIQUE", "NAME", "TACTIC", "RULES", "WHICH");
            foreach (TechniqueCoverage technique in techniques)
            {
                table.Add(technique.Technique.Id, technique.Technique.Name, string.Join(',', technique.Technique.Tactics), Count(technique), Which(technique));
            }

            table.Write(into, width);
            into.WriteLine();
        }

        if (sight is null)
        {
            return;
        }

        string sees = string.Create(
            CultureInfo.InvariantCulture, $"The log: {sight.Events} events; levels {string.Join(", ", sight.Levels)}; stages {string.Join(", ", sight.Stages)}; verbs {string.Join(", ", sight.Verbs)}");
        into.WriteLine(TerminalText.Escape(sees));
        Table blind = new("NOT VISIBLE IN THIS LOG", "WHY");
        foreach ((DetectionRule rule, string why) in unseen)
        {
            blind.Add(rule.Title, why);
        }

        if (unseen.Count > 0)
        {
            blind.Write(into, width);
        }
    }

    /// <summary>Tables in Markdown.</summary>
    public void WriteMarkdown(TextWriter into)
    {
        foreach ((string name, ImmutableArray<TechniqueCoverage> techniques) in Matrices)
        {
            into.WriteLine($"## {name}\n\n{Covered(techniques)}\n\n| technique | name | tactic | rules |\n|---|---|---|---|");
            foreach (TechniqueCoverage technique in techniques)
            {
                into.WriteLine($"| {technique.Technique.Id} | {technique.Technique.Name} | {string.Join(", ", technique.Technique.Tactics)} | {Cell(Which(technique))} |");
            }

            into.WriteLine();
        }

        if (sight is not null)
        {
            into.WriteLine("## Not visible in this log\n\n| rule | why |\n|---|---|");
            foreach ((DetectionRule rule, string why) in unseen)
            {
                into.WriteLine($"| {Cell(rule.Title)} | {Cell(why)} |");
            }
        }
    }

    /// <summary><c>{"attack": [...], "threatMatrix": [...], "log": {...}}</c>.</summary>
    public void WriteJson(Stream into)
    {
        using (Utf8JsonWriter writer = new(into, s_indented))
        {
            writer.WriteStartObject();
            Write("attack", attack, writer);
            Write("threatMatrix", threatMatrix, writer);
            writer.WritePropertyName("log");
            if (sight is null)
            {
                writer.WriteNullValue();
            }
            else
            {
                WriteLog(sight, writer);
            }

            writer.WriteEndObject();
        }

        into.Write("\n"u8);
    }

    /// <summary>A layer of version 4.5; the score is the number of rules.</summary>
    public void WriteLayer(Stream into)
    {
        using (Utf8JsonWriter writer = new(into, s_indented))
        {
            writer.WriteStartObject();
            writer.WriteString("name", "Vedette: detection rules");
            writer.WriteStartObject("versions");
            writer.WriteString("attack", AttackMatrix.Version);
            writer.WriteString("navigator", "5.1.0");
            writer.WriteString("layer", "4.5");
            writer.WriteEndObject();
            writer.WriteString("domain", "enterprise-attack");
            writer.WriteString("description", $"Techniques of the Containers matrix that detection rules on Kubernetes audit events are about: {Covered(attack)}.");
            writer.WriteStartObject("filters");
            writer.WriteStartArray("platforms");
            writer.WriteStringValue("Containers");
            writer.WriteEndArray();
            writer.WriteEndObject();
            writer.WriteNumber("sorting", 0);
            writer.WriteBoolean("hideDisabled", false);
            writer.WriteStartArray("techniques");
            foreach (TechniqueCoverage technique in attack)
            {
                writer.WriteStartObject();
                writer.WriteString("techniqueID", technique.Technique.Id);
                writer.WriteNumber("score", technique.Rules.Length);
                writer.WriteString("comment", technique.Rules.IsEmpty ? (technique.Technique.IsVisible ? "no rule" : "audit events do not show it") : string.Join("; ", technique.Rules.Select(rule => rule.Title)));
                writer.WriteBoolean("enabled", true);
                writer.WriteStartArray("metadata");
                writer.WriteEndArray();
                writer.WriteStartArray("links");
                writer.WriteEndArray();
                writer.WriteBoolean("showSubtechniques", false);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteStartObject("gradient");
            writer.WriteStartArray("colors");
            writer.WriteStringValue("#ffffff");
            writer.WriteStringValue("#2f7fd1");
            writer.WriteEndArray();
            writer.WriteNumber("minValue", 0);
            writer.WriteNumber("maxValue", attack.Max(technique => technique.Rules.Length));
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        into.Write("\n"u8);
    }

    private (string Name, ImmutableArray<TechniqueCoverage> Techniques)[] Matrices => [("ATT&CK, Containers", attack), ("Threat Matrix for Kubernetes", threatMatrix)];

    private static string Covered(ImmutableArray<TechniqueCoverage> techniques)
    {
        int visible = techniques.Count(technique => technique.Technique.IsVisible || !technique.Rules.IsEmpty);
        return $"{techniques.Count(technique => !technique.Rules.IsEmpty)} of {techniques.Length} techniques, of which audit events can show {visible}";
    }

    private static string Count(TechniqueCoverage technique) => technique.Rules.IsEmpty ? "-" : technique.Rules.Length.ToString(CultureInfo.InvariantCulture);

    private string Which(TechniqueCoverage technique) => technique.Rules.IsEmpty
        ? technique.Technique.IsVisible ? "no rule" : "not shown by audit events"
        : string.Join("; ", technique.Rules.Select(rule => _unseen.Contains(rule.Id) ? $"({rule.Title})" : rule.Title));

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace('\n', ' ');

    private void Write(string name, ImmutableArray<TechniqueCoverage> techniques, Utf8JsonWriter writer)
    {
        writer.WriteStartArray(name);
        foreach (TechniqueCoverage technique in techniques)
        {
            writer.WriteStartObject();
            writer.WriteString("id", technique.Technique.Id);
            writer.WriteString("name", technique.Technique.Name);
            writer.WriteStartArray("tactics");
            foreach (string tactic in technique.Technique.Tactics)
            {
                writer.WriteStringValue(tactic);
            }

            writer.WriteEndArray();
            writer.WriteBoolean("visible", technique.Technique.IsVisible);
            writer.WriteStartArray("rules");
            foreach (DetectionRule rule in technique.Rules)
            {
                writer.WriteStartObject();
                writer.WriteString("id", rule.Id);
                writer.WriteString("title", rule.Title);
                if (sight is not null)
                {
                    writer.WriteBoolean("visibleInLog", !_unseen.Contains(rule.Id));
                }

                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private void WriteLog(LogSight log, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteNumber("events", log.Events);
        foreach ((string name, IEnumerable<string> values) in (ReadOnlySpan<(string, IEnumerable<string>)>)[("levels", log.Levels), ("stages", log.Stages), ("verbs", log.Verbs)])
        {
            writer.WriteStartArray(name);
            foreach (string value in values)
            {
                writer.WriteStringValue(value);
            }

            writer.WriteEndArray();
        }

        writer.WriteStartArray("notVisible");
        foreach ((DetectionRule rule, string why) in unseen)
        {
            writer.WriteStartObject();
            writer.WriteString("id", rule.Id);
            writer.WriteString("title", rule.Title);
            writer.WriteString("why", why);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
