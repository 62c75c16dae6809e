using System.Text.Json;
using Vedette.Audit.Text;

namespace Vedette.Reports.Sarif;

/// <summary>Texts in SARIF messages, in which <c>[text](target)</c> is a link and <c>{0}</c> stands for an argument (SARIF 2.1.0, 3.11.5 and 3.11.6).</summary>
internal static class SarifText
{
    /// <summary>Longest identity of a rule, in characters; GitHub takes no longer ones.</summary>
    private const int MaxIdLength = 255;

    /// <summary>A text of an event or rule for a message: visible, cut, and neither link nor placeholder.</summary>
    public static string Message(string text) => Plain(text, SarifReport.MaxMessageLength);

    /// <summary>The same with another bound.</summary>
    public static string Plain(string text, int maxLength) => VisibleText.Of(VisibleText.Cut(text.ReplaceLineEndings(" "), maxLength))
        .Replace("](", "] (", StringComparison.Ordinal).Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal);

    /// <summary>The identity of a rule.</summary>
    public static string Id(string ruleId) => VisibleText.Of(ruleId) is { Length: > MaxIdLength } id ? id[..MaxIdLength] : VisibleText.Of(ruleId);

    /// <summary>Writes a message object.</summary>
    public static void WriteMessage(string name, string text, Utf8JsonWriter writer)
    {
        writer.WriteStartObject(name);
        writer.WriteString("text", text);
        writer.WriteEndObject();
    }
}
