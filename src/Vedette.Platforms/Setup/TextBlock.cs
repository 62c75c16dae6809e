namespace Vedette.Platforms.Setup;

/// <summary>Lines of a text that stand inside another.</summary>
internal static class TextBlock
{
    /// <summary>Moves lines to the right; empty lines stay empty. Ends with a line end.</summary>
    public static string Indent(string text, int columns) =>
        string.Concat(text.TrimEnd('\n').Split('\n').Select(line => line.Length == 0 ? "\n" : new string(' ', columns) + line + "\n"));
}
