using Vedette.Audit.Text;

namespace Vedette.Cli.Output;

/// <summary>
/// Makes text from events harmless on a terminal: escape sequences, line ends, and what turns the direction of writing or cannot be seen become visible, so that a name chosen by an attacker can
/// neither recolour nor rewrite a line.
/// </summary>
internal static class TerminalText
{
    /// <summary>The text, escaped.</summary>
    public static string Escape(string text) => VisibleText.Of(text);
}
