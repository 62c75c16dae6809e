using Vedette.Documents;

namespace Vedette.Cli.Output;

/// <summary>Diagnostics for people: what and where on one line, what to do on the next.</summary>
internal static class DiagnosticText
{
    private static readonly DiagnosticSeverity[] s_worstFirst = [DiagnosticSeverity.Error, DiagnosticSeverity.Warning, DiagnosticSeverity.Information];

    /// <summary>The severities that <c>--fail-on</c> takes, in the order of <see cref="DiagnosticSeverity"/>, and never.</summary>
    public static string[] Severities { get; } = ["note", "warning", "error", "never"];

    /// <summary>Name of a severity, as everywhere in the program and in SARIF.</summary>
    public static string Name(DiagnosticSeverity severity) => Severities[(int)severity];

    /// <summary>Is something of this severity, by its place in <see cref="Severities"/>, or worse among them?</summary>
    public static bool Fails(IEnumerable<Diagnostic> diagnostics, int failOn) => diagnostics.Any(diagnostic => (int)diagnostic.Severity >= failOn);

    /// <summary>Writes diagnostics.</summary>
    public static void Write(IEnumerable<Diagnostic> diagnostics, TextWriter into)
    {
        foreach (Diagnostic diagnostic in diagnostics)
        {
            into.WriteLine(TerminalText.Escape((diagnostic with { Help = null }).ToString()));
            if (diagnostic.Help is { } help)
            {
                into.WriteLine("    " + TerminalText.Escape(help));
            }
        }
    }

    /// <summary>How many of each severity.</summary>
    public static string Count(IReadOnlyCollection<Diagnostic> diagnostics) => string.Join(
        ", ", s_worstFirst.Select(severity => (Count: diagnostics.Count(diagnostic => diagnostic.Severity == severity), Name: Name(severity)))
            .Select(part => $"{part.Count} {part.Name}{(part.Count == 1 ? "" : "s")}"));
}
