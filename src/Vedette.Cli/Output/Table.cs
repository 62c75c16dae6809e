namespace Vedette.Cli.Output;

/// <summary>A table as kubectl prints it: columns in capitals, aligned, separated by blanks, no lines; cells are escaped for the terminal.</summary>
/// <param name="headers">Heads of the columns.</param>
internal sealed class Table(params string[] headers)
{
    private const int Gap = 3;

    private readonly List<string[]> _rows = [];

    /// <summary>Adds a row.</summary>
    public void Add(params string[] cells) => _rows.Add([.. cells.Select(TerminalText.Escape)]);

    /// <summary>Prints it.</summary>
    /// <param name="into">Where to.</param>
    /// <param name="width">Columns of the screen; longer lines are cut in their widest column. Null: nothing is cut.</param>
    public void Write(TextWriter into, int? width)
    {
        int[] widths = [.. headers.Select((header, column) => _rows.Select(row => row[column].Length).Append(header.Length).Max())];
        if (width is { } screen)
        {
            int excess = widths.Sum() + Gap * (widths.Length - 1) - screen;
            while (excess > 0)
            {
                int widest = Array.IndexOf(widths, widths.Max());
                int cut = Math.Min(excess, widths[widest] - Math.Max(20, headers[widest].Length));
                if (cut <= 0)
                {
                    break;
                }

                // Little by little, so that two wide columns share the loss.
                cut = Math.Min(cut, 4);
                widths[widest] -= cut;
                excess -= cut;
            }
        }

        WriteRow(into, headers, widths);
        foreach (string[] row in _rows)
        {
            WriteRow(into, row, widths);
        }
    }

    private static void WriteRow(TextWriter into, string[] cells, int[] widths)
    {
        for (int column = 0; column < cells.Length; column++)
        {
            string cell = cells[column].Length <= widths[column] ? cells[column] : string.Concat(cells[column].AsSpan(0, widths[column] - 1), "…");
            into.Write(cell);
            if (column < cells.Length - 1)
            {
                into.Write(new string(' ', widths[column] - cell.Length + Gap));
            }
        }

        into.WriteLine();
    }
}
