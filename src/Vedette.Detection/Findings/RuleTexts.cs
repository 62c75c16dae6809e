using System.Buffers;
using System.Text.Json;
using Vedette.Detection.Rules;

namespace Vedette.Detection.Findings;

/// <summary>What findings say of their rules, as compact JSON: thousands of findings are of the same rules. One thread.</summary>
/// <param name="options">How it is written, without white space.</param>
public sealed class RuleTexts(JsonWriterOptions options)
{
    private readonly Dictionary<DetectionRule, byte[]> _texts = new(ReferenceEqualityComparer.Instance);

    /// <summary>The text of a rule.</summary>
    internal ReadOnlySpan<byte> Of(DetectionRule rule)
    {
        if (!_texts.TryGetValue(rule, out byte[]? text))
        {
            ArrayBufferWriter<byte> written = new();
            using Utf8JsonWriter writer = new(written, options);
            FindingJson.Write(rule, writer);
            writer.Flush();
            text = written.WrittenSpan.ToArray();
            _texts.Add(rule, text);
        }

        return text;
    }
}
