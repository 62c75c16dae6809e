namespace Vedette.Documents;

/// <summary>How bad a diagnostic is.</summary>
public enum DiagnosticSeverity
{
    /// <summary>Worth knowing.</summary>
    Information,

    /// <summary>Loads, but probably does not do what its author meant.</summary>
    Warning,

    /// <summary>Cannot be used.</summary>
    Error,
}

/// <summary>Something to tell the author of a file: where, what is wrong, what to do.</summary>
/// <param name="Code">Stable id such as <c>VS1003</c>.</param>
/// <param name="Severity">How bad it is.</param>
/// <param name="File">File as the user named it.</param>
/// <param name="Line">From 1; 0 when the whole file is meant.</param>
/// <param name="Column">From 1; 0 when the whole line is meant.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Help">What to do about it.</param>
public sealed record Diagnostic(
    string Code,
    DiagnosticSeverity Severity,
    string File,
    int Line,
    int Column,
    string Message,
    string? Help = null)
{
    /// <summary><c>file:line:column: error VS1003: message (help)</c>.</summary>
    public override string ToString()
    {
        string severity = Severity switch
        {
            DiagnosticSeverity.Error => "error",
            DiagnosticSeverity.Warning => "warning",
            _ => "note",
        };
        string place = Line == 0 ? File : Column == 0 ? $"{File}:{Line}" : $"{File}:{Line}:{Column}";
        return Help is null ? $"{place}: {severity} {Code}: {Message}" : $"{place}: {severity} {Code}: {Message} ({Help})";
    }
}
