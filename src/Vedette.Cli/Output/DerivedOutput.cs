using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Vedette.Audit.Needs;
using Vedette.Pipeline.Simulation;
using Vedette.Policy.Deriving;
using Vedette.Policy.Model;
using Vedette.Policy.Sight;
using Vedette.Policy.Simulation;

namespace Vedette.Cli.Output;

/// <summary>A derived policy with what was proved of it and found on a log (docs/policy-coverage.md).</summary>
/// <param name="Derivation">The rules and their proofs.</param>
/// <param name="Yaml">The policy's text.</param>
/// <param name="Policy">The policy, as kube-apiserver reads it.</param>
/// <param name="Sights">What it leaves of each detection.</param>
/// <param name="Report">What it leaves of a log; null when there was none.</param>
/// <param name="Budget">GB a day; null for none.</param>
internal sealed record DerivedOutput(PolicyDerivation Derivation, string Yaml, AuditPolicy Policy, ImmutableArray<RuleSight> Sights, PolicyReport? Report, double? Budget)
{
    /// <summary>Are the log's findings the policy's too, but for detections that are told to lose something?</summary>
    public bool KeepsFindings => Changed.All(rule => Sights.Any(sight => sight.Rule.Id == rule.Id && (sight.Missed is not null || sight.Blurred is not null)));

    private IEnumerable<RuleReplay> Changed => Report?.Result.Rules.Where(rule => rule.Lost[0] + rule.Gained[0] > 0) ?? [];

    private Share? Total => Report?.Result.Simulators[0].Total;

    private bool IsOverBudget => Budget is { } budget && Report?.GigabytesPerDay(Total!.After) > budget;

    /// <summary>Says what is lost, and what the log shows.</summary>
    public void Tell(TextWriter into)
    {
        foreach (RuleSight sight in Sights.Where(sight => sight.Missed is not null).OrderByDescending(sight => sight.Rule.Severity))
        {
            into.WriteLine($"note: {TerminalText.Escape(sight.Rule.Title)} loses something: {TerminalText.Escape(MissedText.Of(Policy, sight.Missed!))}");
        }

        foreach (DerivedCut cut in Derivation.Cuts)
        {
            into.WriteLine($"cut: {TerminalText.Escape(cut.Request)} from {cut.From} to {cut.To} saves {cut.Bytes:N0} bytes of the log; {Cost(cut)}");
        }

        if (Total is not { } total)
        {
            return;
        }

        string share = total.Before.Bytes == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" ({100.0 * total.After.Bytes / total.Before.Bytes:F1} %)");
        into.WriteLine(string.Create(CultureInfo.InvariantCulture, $"log: {total.After.Bytes:N0} of {total.Before.Bytes:N0} bytes are left{share}, {total.Before.Bytes - total.After.Bytes:N0} saved"));
        into.WriteLine(Changed.Any() ? "findings differ:" : $"findings: the same {Report!.Result.Rules.Sum(rule => rule.FindingsBefore)}, by their ids");
        foreach (RuleReplay rule in Changed)
        {
            into.WriteLine($"  {TerminalText.Escape(rule.Title)}: {rule.Lost[0]} lost, {rule.Gained[0]} besides");
        }

        if (IsOverBudget)
        {
            into.WriteLine(string.Create(CultureInfo.InvariantCulture, $"over the budget: {Report!.GigabytesPerDay(total.After):0.###} GB a day are left, and nothing more can be cut"));
        }
    }

    /// <summary>Writes a document.</summary>
    public void WriteJson(Stream into)
    {
        using (Utf8JsonWriter writer = new(into, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            writer.WriteStartObject();
            writer.WriteString("policy", Yaml);
            writer.WriteStartArray("rules");
            foreach ((int index, DerivedRule rule) in Derivation.Rules.Index())
            {
                writer.WriteStartObject();
                writer.WriteNumber("rule", index);
                writer.WriteString("level", rule.Level.ToString());
                writer.WriteBoolean("askedFor", rule.IsAskedFor && rule.Without.IsNone);
                Write(writer, "withoutIt", rule.Without);
                Write(writer, "atTheNextLowerLevel", rule.Lowered);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            WriteLosses(writer);
            WriteCuts(writer);
            WriteLog(writer);
            writer.WriteEndObject();
        }

        into.Write("\n"u8);
    }

    private static string Cost(DerivedCut cut) => cut.Lost.IsEmpty ? "costs no detection anything"
        : $"costs something of {string.Join(", ", cut.Lost.Take(3).Select(rule => TerminalText.Escape(rule.Title)))}{(cut.Lost.Length > 3 ? $" and {cut.Lost.Length - 3} more" : "")}";

    private void WriteLosses(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("lost");
        foreach (DerivedLoss loss in Derivation.Losses)
        {
            writer.WriteStartObject();
            writer.WriteString("id", loss.Rule.Id);
            writer.WriteString("title", loss.Rule.Title);
            writer.WriteString("neededLevel", loss.Needed.ToString());
            writer.WriteString("level", loss.Kept.ToString());
            writer.WriteString("why", loss.Why);
            writer.WriteStartArray("requests");
            foreach (string request in loss.Requests)
            {
                writer.WriteStringValue(request);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private void WriteCuts(Utf8JsonWriter writer)
    {
        if (Budget is not { } budget)
        {
            return;
        }

        writer.WriteNumber("budgetGbPerDay", budget);
        writer.WriteBoolean("overBudget", IsOverBudget);
        writer.WriteStartArray("cuts");
        foreach (DerivedCut cut in Derivation.Cuts)
        {
            writer.WriteStartObject();
            writer.WriteString("request", cut.Request);
            writer.WriteString("from", cut.From.ToString());
            writer.WriteString("to", cut.To.ToString());
            writer.WriteNumber("bytesOfLog", cut.Bytes);
            WriteRules(writer, "lost", cut.Lost);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private void WriteLog(Utf8JsonWriter writer)
    {
        if (Total is not { } total)
        {
            return;
        }

        writer.WriteStartObject("log");
        writer.WriteNumber("bytesBefore", total.Before.Bytes);
        writer.WriteNumber("bytesAfter", total.After.Bytes);
        writer.WriteNumber("bytesSaved", total.Before.Bytes - total.After.Bytes);
        if (Report!.GigabytesPerDay(total.After) is { } gigabytes)
        {
            writer.WriteNumber("gbPerDayAfter", gigabytes);
        }

        writer.WriteNumber("findings", Report.Result.Rules.Sum(rule => rule.FindingsBefore));
        writer.WriteBoolean("sameFindings", !Changed.Any());
        writer.WriteStartArray("changed");
        foreach (RuleReplay rule in Changed)
        {
            writer.WriteStartObject();
            writer.WriteString("id", rule.Id);
            writer.WriteString("title", rule.Title);
            writer.WriteNumber("lost", rule.Lost[0]);
            writer.WriteNumber("gained", rule.Gained[0]);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, string name, DerivedProof proof)
    {
        writer.WriteStartObject(name);
        WriteRules(writer, "lost", proof.Lost);
        writer.WriteString("request", proof.Request);
        writer.WriteString("guard", proof.Guard);
        writer.WriteEndObject();
    }

    private static void WriteRules(Utf8JsonWriter writer, string name, ImmutableArray<RuleNeeds> rules)
    {
        writer.WriteStartArray(name);
        foreach (RuleNeeds rule in rules)
        {
            writer.WriteStartObject();
            writer.WriteString("id", rule.Id);
            writer.WriteString("title", rule.Title);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
