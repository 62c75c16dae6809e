using System.Globalization;
using System.Text;

namespace Vedette.Benchmarks.Report;

/// <summary>The text of RESULTS.md as it grows, and the targets met and missed.</summary>
internal sealed class Page
{
    private readonly StringBuilder _text = new();
    private readonly List<string> _targets = [];

    /// <summary>Number of targets missed.</summary>
    public int Missed { get; private set; }

    /// <summary>A heading with words below.</summary>
    public void Section(string title, string words)
    {
        Console.Error.WriteLine($"== {title}");
        _text.Append(CultureInfo.InvariantCulture, $"\n## {title}\n\n{words}\n");
    }

    /// <summary>A table.</summary>
    public void Table(string[] head, IEnumerable<string[]> rows)
    {
        _text.Append(CultureInfo.InvariantCulture, $"\n| {string.Join(" | ", head)} |\n|{string.Concat(head.Select((_, index) => index == 0 ? "---|" : "---:|"))}\n");
        foreach (string[] row in rows)
        {
            string line = $"| {string.Join(" | ", row)} |";
            Console.Error.WriteLine(line);
            _text.Append(line).Append('\n');
        }
    }

    /// <summary>A paragraph.</summary>
    public void Say(string words)
    {
        Console.Error.WriteLine(words);
        _text.Append('\n').Append(words).Append('\n');
    }

    /// <summary>Holds a figure against its target.</summary>
    /// <param name="what">What was measured.</param>
    /// <param name="figure">The figure.</param>
    /// <param name="least">What it must reach.</param>
    /// <param name="aim">What we aim at.</param>
    /// <param name="smallerIsBetter">True where the target is an upper limit.</param>
    public void Target(string what, double figure, double least, double aim, bool smallerIsBetter = false)
    {
        bool Reaches(double target) => smallerIsBetter ? figure <= target : figure >= target;
        string judgement = Reaches(aim) ? "aim reached" : Reaches(least) ? "reached" : "**missed**";
        Missed += Reaches(least) ? 0 : 1;
        string sign = smallerIsBetter ? "≤" : "≥";
        _targets.Add(string.Create(CultureInfo.InvariantCulture, $"| {what} | {figure:0.00} | {sign} {least} | {sign} {aim} | {judgement} |"));
        Console.Error.WriteLine(_targets[^1]);
    }

    /// <summary>A target that could not be measured here.</summary>
    public void Unmeasured(string what, string least, string aim, string why) => _targets.Add($"| {what} | – | {least} | {aim} | not measured: {why} |");

    /// <summary>The whole page.</summary>
    /// <param name="head">What stands above the targets.</param>
    /// <param name="notes">What is written by hand, below them.</param>
    public string Text(string head, string notes) =>
        $"{head}\n## Targets\n\n| | measured | at least | aim | |\n|---|---:|---:|---:|---|\n{string.Join('\n', _targets)}\n\n{notes.Trim()}\n{_text}";
}
