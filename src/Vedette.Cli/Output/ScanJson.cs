using System.Buffers;
using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using Vedette.Detection.Findings;
using Vedette.Detection.Rules;
using Vedette.Detection.Stateful;
using Vedette.Pipeline.Scanning;

namespace Vedette.Cli.Output;

/// <summary>What a scan found and saw as JSON: the stable contract, of which other formats are views.</summary>
internal static class ScanJson
{
    // The default encoder escapes everything but plain text, so a line is safe to print and to put into HTML.
    private static readonly JsonWriterOptions s_compact = new() { Encoder = JavaScriptEncoder.Default };

    /// <summary>Findings that one thread writes at a time.</summary>
    private const int Together = 128;

    /// <summary>One finding a line.</summary>
    /// <param name="findings">The findings.</param>
    /// <param name="into">Gets the lines, in the order of the findings.</param>
    /// <param name="threads">Threads that write them.</param>
    public static void WriteLines(ImmutableArray<Finding> findings, Stream into, int threads)
    {
        int parts = (findings.Length + Together - 1) / Together;
        int begun = -1;
        int written = 0;
        bool isBroken = false;
        object next = new();
        ThreadTeam.Run(Math.Clamp(threads, 1, Math.Max(1, parts)), () =>
        {
            try
            {
                ArrayBufferWriter<byte> lines = new(1 << 17);
                RuleTexts rules = new(s_compact);
                using Utf8JsonWriter writer = new(lines, s_compact);
                while (Interlocked.Increment(ref begun) is var part && part < parts)
                {
                    foreach (Finding finding in findings.AsSpan(part * Together, Math.Min(Together, findings.Length - (part * Together))))
                    {
                        FindingJson.Write(finding, writer, rules);
                        writer.Flush();
                        lines.Write("\n"u8);
                        writer.Reset();
                    }

                    lock (next)
                    {
                        while (written < part && !isBroken)
                        {
                            Monitor.Wait(next);
                        }

                        if (isBroken)
                        {
                            return;
                        }

                        into.Write(lines.WrittenSpan);
                        written++;
                        Monitor.PulseAll(next);
                    }

                    lines.ResetWrittenCount();
                }
            }
            catch
            {
                lock (next)
                {
                    // Nobody waits for what will not come.
                    isBroken = true;
                    Monitor.PulseAll(next);
                }

                throw;
            }
        });
    }

    /// <summary>One document with findings and statistics.</summary>
    public static void WriteDocument(ScanResult result, Stream into)
    {
        using (Utf8JsonWriter writer = new(into, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("findings");
            foreach (Finding finding in result.Findings)
            {
                FindingJson.Write(finding, writer);
            }

            writer.WriteEndArray();
            writer.WritePropertyName("stats");
            Write(result, writer);
            writer.WriteEndObject();
        }

        into.Write("\n"u8);
    }

    private static void Write(ScanResult result, Utf8JsonWriter writer)
    {
        ScanStatistics statistics = result.Statistics;
        writer.WriteStartObject();
        writer.WriteNumber("events", statistics.Events);
        writer.WriteNumber("bytes", statistics.Bytes);
        writer.WriteStartObject("rejects");
        foreach ((string reason, long count) in statistics.Rejects)
        {
            writer.WriteNumber(reason, count);
        }

        writer.WriteEndObject();
        writer.WriteStartObject("findings");
        foreach (IGrouping<RuleLevel, Finding> level in result.Findings.GroupBy(finding => finding.Rule.Level).OrderByDescending(group => group.Key))
        {
            writer.WriteNumber(FindingJson.Name(level.Key) ?? "unset", level.Count());
        }

        writer.WriteEndObject();
        writer.WriteNumber("droppedFindings", statistics.DroppedFindings);
        writer.WriteNumber("regexTimeouts", statistics.RegexTimeouts);
        writer.WriteStartObject("state");
        writer.WriteNumber("late", statistics.State.Late);
        writer.WriteNumber("forced", statistics.State.Forced);
        writer.WriteNumber("evictedGroups", statistics.State.EvictedGroups);
        writer.WriteNumber("evictedMatches", statistics.State.EvictedMatches);
        writer.WriteNumber("evictedTerms", statistics.State.EvictedTerms);
        writer.WriteNumber("evictedFindings", statistics.State.EvictedFindings);
        writer.WriteEndObject();
        writer.WriteNumber("seconds", Math.Round(statistics.Elapsed.TotalSeconds, 3));
        writer.WriteStartArray("inputs");
        foreach (InputStatistics input in statistics.Inputs)
        {
            writer.WriteStartObject();
            writer.WriteString("name", input.Name);
            writer.WriteNumber("events", input.Events);
            writer.WriteNumber("bytes", input.Bytes);
            writer.WriteString("problem", input.Problem);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("rules");
        foreach (RuleStatistics rule in statistics.Rules)
        {
            writer.WriteStartObject();
            writer.WriteString("id", rule.Rule.Id);
            writer.WriteString("title", rule.Rule.Title);
            writer.WriteNumber("matched", rule.Matched);
            writer.WriteNumber("blind", rule.Blind);
            writer.WriteStartObject("suppressed");
            foreach (FilterStatistics filter in rule.Suppressed)
            {
                writer.WriteNumber(filter.Filter.Name, filter.Events);
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
