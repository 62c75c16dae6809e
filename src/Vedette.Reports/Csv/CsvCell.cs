using System.Buffers;
using Vedette.Audit.Text;

namespace Vedette.Reports.Csv;

/// <summary>Cells of a CSV file that a spreadsheet may open.</summary>
internal static class CsvCell
{
    // What Excel, LibreOffice and Google Sheets take for the beginning of a formula, full-width forms included, which some of them fold (OWASP, "CSV Injection").
    private static readonly SearchValues<char> s_formula = SearchValues.Create("=+-@\t\r\n＝＋－＠");
    private static readonly SearchValues<char> s_quoted = SearchValues.Create("\",\r\n;\t '");

    /// <summary>
    /// The text with what nobody can see made visible, and an apostrophe in front where a spreadsheet would take it for a formula; blanks and quotes before such a character do not hide it.
    /// </summary>
    public static string Safe(string text)
    {
        string visible = VisibleText.Of(text);
        ReadOnlySpan<char> start = visible.AsSpan().TrimStart(" \"'");
        return start.Length > 0 && s_formula.Contains(start[0]) ? "'" + visible : visible;
    }

    /// <summary>The cell as RFC 4180 writes it: in quotes where it needs them, quotes doubled.</summary>
    public static string Quote(string cell) => cell.AsSpan().ContainsAny(s_quoted) ? $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : cell;
}
