using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using Vedette.Detection.Findings;
using Vedette.Detection.Rules;
using Vedette.Pipeline.Scanning;
using Vedette.Sources.Files;
using Vedette.Tests;
using Xunit;

namespace Vedette.Pipeline.Tests;

/// <summary>
/// Audit events that other projects publish with the verdict of their own rule. Each that they call detected gives a finding of level low or above here, but for those in tests/cases/datasets.tsv,
/// with the reason why not.
/// </summary>
public class DatasetTests
{
    private static readonly FrozenDictionary<string, string> s_differences = File.ReadLines(SharedData.Case("datasets.tsv"))
        .Where(line => line.Length > 0 && !line.StartsWith('#'))
        .Select(line => line.Split('\t'))
        .ToFrozenDictionary(cells => cells[0], cells => cells[1], StringComparer.Ordinal);

    [Fact]
    public void What_others_call_detected_is_found_or_the_table_says_why_not()
    {
        ImmutableArray<string> labelled = [.. Labelled("panther_k8s_test_events.jsonl", IsDetectedByPanther), .. Labelled("falco_k8s_audit_traces.jsonl", IsDetectedByFalco)];
        Assert.Equal([], s_differences.Keys.Except(labelled.Select(row => row.Split('\t')[0]), StringComparer.Ordinal));
        List<string> lost = [];
        List<string> found = [];
        foreach (string row in labelled)
        {
            string[] cells = row.Split('\t', 3);
            bool isFound = Scan(cells[2]).Any(finding => finding.Rule.Level >= RuleLevel.Low);
            (isFound ? found : lost).Add($"{cells[0]} {cells[1]}");
        }

        Assert.Equal("", string.Join('\n', lost.Where(row => !s_differences.ContainsKey(row.Split(' ')[0]))));
        Assert.Equal("", string.Join('\n', found.Where(row => s_differences.ContainsKey(row.Split(' ')[0]))));
    }

    private static ImmutableArray<Finding> Scan(string json)
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, json + "\n");
            return Scanning.Scan.Run([new LogInput(file, null)], Rules.Pack, new ScanOptions(), TimeProvider.System, TestContext.Current.CancellationToken).Findings;
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static IEnumerable<string> Labelled(string file, Func<JsonElement, string?> label)
    {
        foreach (string line in File.ReadLines(SharedData.Third(Path.Combine("datasets", file))))
        {
            using JsonDocument row = JsonDocument.Parse(line);
            if (label(row.RootElement) is { } text)
            {
                yield return $"{row.RootElement.GetProperty("id").GetString()}\t{text}\t{row.RootElement.GetProperty("event").GetRawText()}";
            }
        }
    }

    private static string? IsDetectedByPanther(JsonElement row) =>
        row.GetProperty("panther_expected").GetBoolean() ? $"{row.GetProperty("panther_rule").GetString()}: {row.GetProperty("test").GetString()}" : null;

    private static string? IsDetectedByFalco(JsonElement row)
    {
        // Only the stock rules: tests with rule files of their own (lists of allowed users) are about those.
        JsonElement[] tests = row.GetProperty("falco_legacy_test") is { ValueKind: JsonValueKind.Array } array
            ? [.. array.EnumerateArray().Where(test => test.GetProperty("detect").GetBoolean() && test.GetProperty("extra_rules").GetArrayLength() == 0)] : [];
        return tests.Length == 0 ? null : $"{tests[0].GetProperty("detect_counts").GetRawText()}: {row.GetProperty("file").GetString()}";
    }
}
