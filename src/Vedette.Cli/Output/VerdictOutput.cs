using System.Text.Json;
using Vedette.Cli.Commands;
using Vedette.Documents;
using Vedette.Platforms;
using Vedette.Platforms.Verification;

namespace Vedette.Cli.Output;

/// <summary>What a verification found, as text, JSON or SARIF.</summary>
internal static class VerdictOutput
{
    /// <summary>Writes it in the format asked for.</summary>
    public static void Write(string platform, Verdict verdict, string format, Terminal terminal)
    {
        switch (format)
        {
            case "json":
                WriteJson(platform, verdict, terminal.Data);
                break;
            case "sarif":
                Diagnostic[] diagnostics = [.. verdict.Results.Where(result => result.Outcome != Outcome.Ok).Select(ToDiagnostic)];
                DiagnosticSarif.Write(diagnostics, code => PlatformCatalogue.Checks.FirstOrDefault(check => check.Id == code)?.Title ?? code, _ => null, VersionCommand.Version, terminal.Data);
                break;
            default:
                WriteText(verdict, terminal.Out);
                terminal.Out.Flush();
                terminal.Error.WriteLine(string.Join(", ", new[] { Outcome.Wrong, Outcome.CannotTell, Outcome.Ok }.Select(outcome => $"{verdict.Results.Count(result => result.Outcome == outcome)} {Name(outcome)}")));
                break;
        }
    }

    private static void WriteText(Verdict verdict, TextWriter into)
    {
        foreach (CheckResult result in verdict.Results)
        {
            into.WriteLine(TerminalText.Escape($"{Name(result.Outcome),-12}{result.Check.Id}  {result.Check.Title}"));
            into.WriteLine(TerminalText.Escape($"{"",12}{ToText(result.Place)}{result.Why}"));
            if (result.Mend is { } mend)
            {
                into.WriteLine(TerminalText.Escape($"{"",12}-> {mend}"));
            }
        }
    }

    private static void WriteJson(string platform, Verdict verdict, Stream into)
    {
        using (Utf8JsonWriter writer = new(into, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            writer.WriteStartObject();
            writer.WriteString("platform", platform);
            writer.WriteStartArray("checks");
            foreach (CheckResult result in verdict.Results)
            {
                writer.WriteStartObject();
                writer.WriteString("id", result.Check.Id);
                writer.WriteString("title", result.Check.Title);
                writer.WriteString("outcome", Name(result.Outcome));
                writer.WriteString("file", result.Place.File);
                writer.WriteNumber("line", result.Place.Line);
                writer.WriteNumber("column", result.Place.Column);
                writer.WriteString("why", result.Why);
                writer.WriteString("mend", result.Mend);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        into.Write("\n"u8);
    }

    private static Diagnostic ToDiagnostic(CheckResult result) => new(
        result.Check.Id, result.Outcome == Outcome.Wrong ? DiagnosticSeverity.Error : DiagnosticSeverity.Information, result.Place.File, result.Place.Line, result.Place.Column, result.Why, result.Mend);

    private static string ToText(Place place) => place.File.Length == 0 ? "" : place.Line == 0 ? $"{place.File}: " : place.Column == 0 ? $"{place.File}:{place.Line}: " : $"{place.File}:{place.Line}:{place.Column}: ";

    private static string Name(Outcome outcome) => outcome switch
    {
        Outcome.Ok => "ok",
        Outcome.Wrong => "wrong",
        _ => "cannot tell",
    };
}
