using System.Collections.Immutable;
using System.Text.Json;
using Vedette.Policy.Managed;
using Vedette.Policy.Model;
using Vedette.Policy.Sight;

namespace Vedette.Cli.Output;

/// <summary>What a policy leaves of detection rules, as a table and as JSON (docs/policy-coverage.md).</summary>
internal static class SightOutput
{
    /// <summary>Prints a summary, then every rule that cannot always fire.</summary>
    public static void WriteTable(TextWriter into, AuditPolicy policy, ManagedLog? log, ImmutableArray<RuleSight> sights)
    {
        into.WriteLine($"{(log is null ? policy.File : $"{log.Title}, log {log.Name}")}: of {sights.Length} rules {Count(sights, CanFire.Always)} can always fire, {Count(sights, CanFire.Sometimes)} sometimes, {Count(sights, CanFire.Never)} never.");
        if (Count(sights, CanFire.Unknown) is > 0 and int unknown)
        {
            into.WriteLine($"{unknown} are about requests that Kubernetes does not serve{(log is null ? "" : ", or of which it is not known whether the log carries them")}, and are not judged.");
        }

        WriteFacts(into, "Based on:", log?.BasedOn ?? []);
        WriteFacts(into, "Not known:", log?.NotKnown ?? []);

        Table table = new("RULE", "CAN FIRE", "WHAT IS MISSING");
        foreach (RuleSight sight in sights.Where(sight => sight.CanFire is CanFire.Never or CanFire.Sometimes).OrderBy(sight => sight.CanFire).ThenByDescending(sight => sight.Rule.Severity))
        {
            table.Add(sight.Rule.Title, NameOf(sight.CanFire), sight.Missed is { } missed ? MissedText.Of(policy, missed, log) : "");
        }

        Write(into, table, sights.Any(sight => sight.CanFire is CanFire.Never or CanFire.Sometimes));
        Table blurred = new("RULE", "CANNOT TELL APART WHAT IT SHOULD LEAVE OUT");
        foreach (RuleSight sight in sights.Where(sight => sight.Blurred is not null && sight.CanFire != CanFire.Never))
        {
            blurred.Add(sight.Rule.Title, MissedText.Of(policy, sight.Blurred!, log));
        }

        Write(into, blurred, sights.Any(sight => sight.Blurred is not null && sight.CanFire != CanFire.Never));
    }

    /// <summary>Writes a document.</summary>
    public static void WriteJson(Stream into, AuditPolicy policy, ManagedLog? log, ImmutableArray<RuleSight> sights)
    {
        using (Utf8JsonWriter writer = new(into, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            writer.WriteStartObject();
            writer.WriteString("policy", policy.File);
            if (log is not null)
            {
                writer.WriteString("platform", log.Platform);
                writer.WriteString("log", log.Name);
                WriteTexts(writer, "basedOn", log.BasedOn);
                WriteTexts(writer, "notKnown", log.NotKnown);
            }

            writer.WriteNumber("always", Count(sights, CanFire.Always));
            writer.WriteNumber("sometimes", Count(sights, CanFire.Sometimes));
            writer.WriteNumber("never", Count(sights, CanFire.Never));
            writer.WriteNumber("notJudged", Count(sights, CanFire.Unknown));
            writer.WriteStartArray("rules");
            foreach (RuleSight sight in sights)
            {
                writer.WriteStartObject();
                writer.WriteString("id", sight.Rule.Id);
                writer.WriteString("title", sight.Rule.Title);
                writer.WriteString("canFire", NameOf(sight.CanFire));
                WriteCase(writer, "missed", policy, log, sight.Missed);
                WriteCase(writer, "blurred", policy, log, sight.Blurred);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        into.Write("\n"u8);
    }

    private static void WriteCase(Utf8JsonWriter writer, string name, AuditPolicy policy, ManagedLog? log, MissedCase? missed)
    {
        if (missed is null)
        {
            return;
        }

        writer.WriteStartObject(name);
        writer.WriteString("why", MissedText.Of(policy, missed, log));
        writer.WriteString("verb", missed.Request.Verb);
        if (missed.Request.IsResourceRequest)
        {
            writer.WriteString("apiGroup", missed.Request.ApiGroup);
            writer.WriteString("resource", missed.Request.Resource);
            writer.WriteString("subresource", missed.Request.Subresource);
            writer.WriteString("namespace", missed.Request.Namespace);
            writer.WriteString("name", missed.Request.Name);
        }
        else
        {
            writer.WriteString("path", missed.Request.Path);
        }

        writer.WriteString("user", missed.Request.User?.Name);
        WriteTexts(writer, "groups", missed.Request.User?.Groups ?? []);
        writer.WriteNumber("policyRule", Math.Max(-1, missed.Answer.Rule - (log?.LeftOutRules ?? 0)));
        writer.WriteString("level", missed.Answer.Level.ToString());
        writer.WriteString("neededLevel", missed.Level.ToString());
        if (missed.Field is { } field)
        {
            writer.WriteString("lostField", field);
        }

        writer.WriteEndObject();
    }

    private static void WriteTexts(Utf8JsonWriter writer, string name, ImmutableArray<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (string text in texts)
        {
            writer.WriteStringValue(text);
        }

        writer.WriteEndArray();
    }

    private static void WriteFacts(TextWriter into, string heading, ImmutableArray<string> facts)
    {
        if (!facts.IsEmpty)
        {
            into.WriteLine();
            into.WriteLine(heading);
            foreach (string fact in facts)
            {
                into.WriteLine($"- {fact}");
            }
        }
    }

    private static void Write(TextWriter into, Table table, bool hasRows)
    {
        if (hasRows)
        {
            into.WriteLine();
            table.Write(into, Terminal.Width);
        }
    }

    private static int Count(ImmutableArray<RuleSight> sights, CanFire sight) => sights.Count(one => one.CanFire == sight);

    private static string NameOf(CanFire sight) => sight switch { CanFire.Always => "always", CanFire.Sometimes => "sometimes", CanFire.Never => "never", _ => "not judged" };
}
