namespace Vedette.Benchmarks.Report;

/// <summary>bench/RESULTS.md, which several commands write: each has a part of its own, after a line that names it, and leaves those of others as they are.</summary>
internal static class ResultsFile
{
    private const string Before = "<!-- written by ";
    private const string After = " -->\n";

    /// <summary>Writes one command's part.</summary>
    /// <param name="path">The file.</param>
    /// <param name="command">The command, such as bench/run.</param>
    /// <param name="text">Its part.</param>
    public static void Write(string path, string command, string text) => File.WriteAllText(path, Replace(File.Exists(path) ? File.ReadAllText(path) : "", command, text));

    /// <summary>The file's text with one part replaced. A new part goes to the end.</summary>
    internal static string Replace(string page, string command, string text)
    {
        string mark = $"{Before}{command}{After}";
        string part = $"{mark}\n{text.Trim()}\n";
        int start = page.IndexOf(mark, StringComparison.Ordinal);
        if (start < 0)
        {
            return page.Trim().Length == 0 ? part : $"{page.TrimEnd()}\n\n{part}";
        }

        int end = page.IndexOf(Before, start + mark.Length, StringComparison.Ordinal);
        return end < 0 ? page[..start] + part : $"{page[..start]}{part}\n{page[end..]}";
    }
}
