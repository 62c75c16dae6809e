using System.Globalization;
using Vedette.Detection.Findings;
using Vedette.Reports.Text;

namespace Vedette.Reports.Csv;

/// <summary>
/// Findings as CSV (RFC 4180): a header, one finding a row, in order of time, UTF-8 without byte order mark. The columns and their order are a contract (docs/reports.md); new ones are added at the end.
/// </summary>
internal static class CsvReport
{
    /// <summary>Between the items of a cell that holds several.</summary>
    private const string Separator = "; ";

    private static readonly (string Name, Func<Finding, string?> Cell)[] s_columns =
    [
        ("id", finding => finding.Id),
        ("time", finding => finding.Time is { } time ? Wording.Exact(time) : null),
        ("level", finding => Wording.Level(finding.Rule.Level)),
        ("rule_id", finding => finding.Rule.Id),
        ("rule_title", finding => finding.Rule.Title),
        ("message", finding => finding.Message),
        ("cluster", finding => finding.Cluster),
        ("user", finding => finding.Actor.User),
        ("impersonator", finding => finding.Actor.Impersonator),
        ("groups", finding => string.Join(Separator, finding.Actor.Groups)),
        ("source_ip", finding => finding.SourceIp),
        ("user_agent", finding => finding.UserAgent),
        ("verb", finding => finding.Verb),
        ("api_group", finding => finding.Target?.ApiGroup),
        ("resource", finding => finding.Target?.Resource),
        ("subresource", finding => finding.Target?.Subresource),
        ("namespace", finding => finding.Target?.Namespace),
        ("name", finding => finding.Target?.Name),
        ("request_uri", finding => finding.RequestUri),
        ("decision", finding => finding.Decision),
        ("code", finding => finding.Code?.ToString(CultureInfo.InvariantCulture)),
        ("count", finding => finding.Count.ToString(CultureInfo.InvariantCulture)),
        ("events", finding => string.Join(Separator, finding.Events.Select(item => $"{item.AuditId}/{item.Stage}"))),
        ("tags", finding => string.Join(Separator, finding.Rule.Tags)),
        ("input", finding => finding.Origin?.Source),
        ("line", finding => finding.Origin?.Line.ToString(CultureInfo.InvariantCulture)),
    ];

    /// <summary>Names of the columns, in order.</summary>
    public static IEnumerable<string> Columns => s_columns.Select(column => column.Name);

    /// <summary>Writes the report.</summary>
    public static void Write(ScanReport report, TextWriter into)
    {
        WriteRow(Columns, into);
        foreach (Finding finding in report.Result.Findings)
        {
            WriteRow(s_columns.Select(column => CsvCell.Safe(column.Cell(finding) ?? "")), into);
        }
    }

    private static void WriteRow(IEnumerable<string> cells, TextWriter into)
    {
        string comma = "";
        foreach (string cell in cells)
        {
            into.Write(comma);
            into.Write(CsvCell.Quote(cell));
            comma = ",";
        }

        into.Write("\r\n");
    }
}
