using System.Collections.Immutable;
using Vedette.Documents.Yaml;

namespace Vedette.Detection.Sigma;

/// <summary>Reads a condition in a document, and reports what is wrong with it at its place.</summary>
internal static class ConditionReader
{
    /// <summary>Reads one.</summary>
    /// <param name="reader">The document.</param>
    /// <param name="text">The condition.</param>
    /// <param name="identifiers">The names there are.</param>
    /// <param name="expression">The expression; null when nothing can hold, as when a pattern means no name.</param>
    /// <returns>False when there were errors.</returns>
    public static bool TryRead(DocumentReader reader, YamlScalar text, ImmutableArray<string> identifiers, out ConditionExpression? expression)
    {
        // A quoted or folded scalar moves the columns; the place is then its start.
        YamlScalar At(int offset) => text.IsPlain && !text.Text.Contains('\n', StringComparison.Ordinal) ? text with { Column = text.Column + offset } : text;
        try
        {
            expression = ConditionParser.Parse(text.Text, identifiers, (offset, message, help) => reader.Warn("VS1024", At(offset), message, help));
            return true;
        }
        catch (ConditionException exception)
        {
            reader.Error("VS1023", At(exception.Offset), exception.Message, exception.Help);
            expression = null;
            return false;
        }
    }
}
