using System.Text.Json;
using Vedette.Documents;

namespace Vedette.Cli.Output;

/// <summary>Diagnostics as JSON: <c>{"code","severity","file","line","column","message","help"}</c>.</summary>
internal static class DiagnosticJson
{
    /// <summary>Writes a document: <c>{"diagnostics": [...]}</c>.</summary>
    public static void WriteDocument(IEnumerable<Diagnostic> diagnostics, Stream into)
    {
        using (Utf8JsonWriter writer = new(into, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("diagnostics");
            foreach (Diagnostic diagnostic in diagnostics)
            {
                Write(diagnostic, writer);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        into.Write("\n"u8);
    }

    /// <summary>Writes one as a value.</summary>
    public static void Write(Diagnostic diagnostic, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("code", diagnostic.Code);
        writer.WriteString("severity", DiagnosticText.Name(diagnostic.Severity));
        writer.WriteString("file", diagnostic.File);
        writer.WriteNumber("line", diagnostic.Line);
        writer.WriteNumber("column", diagnostic.Column);
        writer.WriteString("message", diagnostic.Message);
        writer.WriteString("help", diagnostic.Help);
        writer.WriteEndObject();
    }
}
