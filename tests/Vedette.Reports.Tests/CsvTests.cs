using System.Text;
using CsCheck;
using Vedette.Audit.Text;
using Vedette.Reports.Csv;
using Xunit;

namespace Vedette.Reports.Tests;

public class CsvTests
{
    [Fact]
    public void The_table_is_the_approved_one() => Approved.Equal("story.csv", Reports.Write("csv", Reports.Story));

    [Fact]
    public void Columns_are_a_contract() => Assert.Equal(
        [
            "id", "time", "level", "rule_id", "rule_title", "message", "cluster", "user", "impersonator", "groups", "source_ip", "user_agent", "verb", "api_group", "resource", "subresource", "namespace",
            "name", "request_uri", "decision", "code", "count", "events", "tags", "input", "line",
        ],
        CsvReport.Columns);

    [Theory]
    [InlineData("=1+1")]
    [InlineData("+1")]
    [InlineData("-1")]
    [InlineData("@SUM(A1)")]
    [InlineData("\t=1")]
    [InlineData("\r=1")]
    [InlineData("\"=1")]
    [InlineData("'=1")]
    [InlineData("  =1")]
    [InlineData("＝1")]
    public void No_cell_is_a_formula(string text) => Assert.All(Parse(Reports.Write("csv", Reports.Everywhere(text))).Skip(1).SelectMany(row => row), IsHarmless);

    [Theory]
    [MemberData(nameof(HostileText.All), MemberType = typeof(HostileText))]
    public void A_hostile_text_comes_back_as_its_cell(string text) => Check(text);

    [Fact]
    public void Whatever_the_texts_rows_read_back_as_their_cells() => HostileText.Any.Sample(Check, iter: 1000);

    private static void Check(string text)
    {
        List<string[]> rows = Parse(Reports.Write("csv", Reports.Everywhere(text)));
        Assert.Equal(3, rows.Count);
        Assert.All(rows, row => Assert.Equal(CsvReport.Columns.Count(), row.Length));
        string expected = CsvCell.Safe(text);
        Assert.EndsWith(VisibleText.Of(text), expected, StringComparison.Ordinal);
        int[] columns = [.. new[] { "user", "impersonator", "user_agent", "verb", "name", "request_uri", "message" }.Select(name => CsvReport.Columns.ToList().IndexOf(name))];
        Assert.All(columns, column => Assert.Equal(expected, rows[1][column]));
        Assert.All(rows.Skip(1).SelectMany(row => row), IsHarmless);
    }

    private static void IsHarmless(string cell)
    {
        string start = cell.StartsWith('\'') ? "" : cell.TrimStart(' ', '"');
        Assert.False(start.Length > 0 && "=+-@\t\r＝＋－＠".Contains(start[0]), cell);
        Assert.DoesNotContain(cell, char.IsControl);
    }

    /// <summary>RFC 4180, section 2, read strictly.</summary>
    private static List<string[]> Parse(string text)
    {
        List<string[]> rows = [];
        List<string> row = [];
        int at = 0;
        while (at < text.Length)
        {
            StringBuilder cell = new();
            if (text[at] == '"')
            {
                for (at++; text[at] != '"' || (at + 1 < text.Length && text[at + 1] == '"'); at++)
                {
                    cell.Append(text[at]);
                    at += text[at] == '"' ? 1 : 0;
                }

                at++;
            }
            else
            {
                for (; text[at] is not (',' or '\r'); at++)
                {
                    Assert.NotEqual('"', text[at]);
                    cell.Append(text[at]);
                }
            }

            row.Add(cell.ToString());
            if (text[at] == ',')
            {
                at++;
                continue;
            }

            Assert.Equal("\r\n", text.Substring(at, 2));
            at += 2;
            rows.Add([.. row]);
            row.Clear();
        }

        Assert.Empty(row);
        return rows;
    }
}
