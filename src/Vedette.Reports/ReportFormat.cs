using System.Collections.Immutable;
using Vedette.Reports.Csv;
using Vedette.Reports.Html;
using Vedette.Reports.Markdown;
using Vedette.Reports.Sarif;

namespace Vedette.Reports;

/// <summary>The formats a report can have.</summary>
public static class ReportFormat
{
    /// <summary>Their names, as on the command line.</summary>
    public static ImmutableArray<string> Names { get; } = ["html", "sarif", "markdown", "csv"];

    /// <summary>Writes a report, UTF-8 without byte order mark.</summary>
    /// <param name="format">One of <see cref="Names"/>.</param>
    /// <param name="report">What to tell.</param>
    /// <param name="into">Left open.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such format.</exception>
    public static void Write(string format, ScanReport report, Stream into)
    {
        using StreamWriter text = new(into, leaveOpen: true) { NewLine = "\n" };
        switch (format)
        {
            case "html":
                HtmlReport.Write(report, text);
                break;
            case "sarif":
                SarifReport.Write(report, into);
                break;
            case "markdown":
                MarkdownReport.Write(report, text);
                break;
            case "csv":
                CsvReport.Write(report, text);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(format), format, "there is no such format");
        }
    }
}
