using System.Text.Json;
using Vedette.Policy.Reachability;

namespace Vedette.Cli.Output;

/// <summary>What a rule decides, as JSON (docs/policy.md, "As JSON").</summary>
internal static class ReachabilityJson
{
    /// <summary>Writes it as a value.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="verdict">What was proved.</param>
    /// <param name="line">The rule's line.</param>
    public static void Write(Utf8JsonWriter writer, RuleReachability verdict, int line)
    {
        writer.WriteStartObject();
        writer.WriteNumber("rule", verdict.Rule);
        writer.WriteNumber("line", line);
        writer.WriteString("reach", verdict.Reach switch
        {
            Reach.Full => "reachable",
            Reach.Partial => "partlyShadowed",
            Reach.Unreachable => "unreachable",
            Reach.Impossible => "impossible",
            _ => "undecided",
        });
        writer.WriteBoolean("complete", verdict.IsComplete);
        writer.WritePropertyName("witness");
        if (verdict.Witness is { } witness)
        {
            PolicyAnswerJson.Write(writer, witness);
        }
        else
        {
            writer.WriteNullValue();
        }

        writer.WriteStartArray("shadowedBy");
        foreach (Shadow shadow in verdict.Shadows)
        {
            writer.WriteStartObject();
            writer.WriteNumber("rule", shadow.Rule);
            writer.WritePropertyName("witness");
            PolicyAnswerJson.Write(writer, shadow.Witness);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
