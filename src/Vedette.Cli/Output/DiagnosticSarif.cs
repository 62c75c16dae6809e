using System.Text.Json;
using Vedette.Cli.Rules;
using Vedette.Documents;

namespace Vedette.Cli.Output;

/// <summary>Diagnostics as SARIF 2.1.0, which code hosts show beside the lines.</summary>
internal static class DiagnosticSarif
{
    /// <summary>Most results; code hosts take no more in one run (GitHub: 25,000).</summary>
    public const int MaxResults = 25_000;

    /// <summary>Writes diagnostics.</summary>
    /// <param name="diagnostics">The diagnostics.</param>
    /// <param name="titleOf">What a code is about, in a few words.</param>
    /// <param name="helpOf">The page on a code, in Markdown; null when there is none of its own.</param>
    /// <param name="version">Version of the program.</param>
    /// <param name="into">Where to.</param>
    public static void Write(IReadOnlyList<Diagnostic> diagnostics, Func<string, string> titleOf, Func<string, string?> helpOf, string version, Stream into)
    {
        string[] codes = [.. diagnostics.Select(diagnostic => diagnostic.Code).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        using (Utf8JsonWriter writer = new(into, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            writer.WriteStartObject();
            writer.WriteString("$schema", "https://json.schemastore.org/sarif-2.1.0.json");
            writer.WriteString("version", "2.1.0");
            writer.WriteStartArray("runs");
            writer.WriteStartObject();
            writer.WriteStartObject("tool");
            writer.WriteStartObject("driver");
            writer.WriteString("name", "vedette");
            writer.WriteString("version", version);
            writer.WriteStartArray("rules");
            foreach (string code in codes)
            {
                WriteRule(code, titleOf(code), helpOf(code), diagnostics.First(diagnostic => diagnostic.Code == code).Severity, writer);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteStartArray("results");
            foreach (Diagnostic diagnostic in diagnostics.Take(MaxResults))
            {
                WriteResult(diagnostic, Array.IndexOf(codes, diagnostic.Code), writer);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        into.Write("\n"u8);
    }

    private static void WriteRule(string code, string title, string? page, DiagnosticSeverity severity, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("id", code);
        WriteText("shortDescription", title, writer);
        WriteText("fullDescription", title, writer);
        writer.WriteStartObject("help");
        writer.WriteString("text", title);
        if (page is not null)
        {
            writer.WriteString("markdown", page);
        }

        writer.WriteEndObject();
        writer.WriteStartObject("defaultConfiguration");
        writer.WriteString("level", DiagnosticText.Name(severity));
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteResult(Diagnostic diagnostic, int rule, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("ruleId", diagnostic.Code);
        writer.WriteNumber("ruleIndex", rule);
        writer.WriteString("level", DiagnosticText.Name(diagnostic.Severity));
        WriteText("message", diagnostic.Help is { } help ? $"{diagnostic.Message} ({help})" : diagnostic.Message, writer);
        writer.WriteStartArray("locations");
        if (diagnostic.File.Length > 0)
        {
            WriteLocation(diagnostic, writer);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteLocation(Diagnostic diagnostic, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("physicalLocation");
        writer.WriteStartObject("artifactLocation");
        writer.WriteString("uri", UriOf(diagnostic.File));
        writer.WriteEndObject();
        writer.WriteStartObject("region");
        writer.WriteNumber("startLine", Math.Max(1, diagnostic.Line));
        writer.WriteNumber("startColumn", Math.Max(1, diagnostic.Column));
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>A relative reference as RFC 3986 writes it; the files of the pack lie under rules/.</summary>
    private static string UriOf(string file) => file == "-" ? "stdin"
        : string.Join('/', file.Replace(RuleSource.Pack, "rules/", StringComparison.Ordinal).Split('/').Select(Uri.EscapeDataString));

    private static void WriteText(string name, string text, Utf8JsonWriter writer)
    {
        writer.WriteStartObject(name);
        writer.WriteString("text", text);
        writer.WriteEndObject();
    }
}
