using System.Buffers;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Vedette.Audit.Events;
using Vedette.Audit.Redaction;
using Vedette.Detection.Findings;
using Vedette.Detection.Rules;
using Vedette.Pipeline.Scanning;
using Vedette.Sources.Files;
using Vedette.Tests;
using Xunit;

namespace Vedette.Pipeline.Tests;

/// <summary>
/// The rule pack on a log that a real kube-apiserver wrote while known scenarios ran against it. tests/cases/replay/findings.tsv says what must come of it:
/// a finding not in it is a false one or a new one, a line without a finding is a detection lost. Findings below medium are records, many of them, and not in it.
/// With VEDETTE_APPROVE=1 the table is written; look at each line that changes.
/// </summary>
public class ReplayTests
{
    private static readonly FrozenDictionary<string, (string Scenario, bool Malicious)> s_truth = Encoding.UTF8
        .GetString(SharedData.ReadCase("replay/ground-truth.jsonl.gz"))
        .Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => JsonDocument.Parse(line).RootElement)
        .DistinctBy(row => row.GetProperty("auditID").GetString(), StringComparer.Ordinal)
        .ToFrozenDictionary(
            row => row.GetProperty("auditID").GetString()!,
            row => (row.GetProperty("scenario").GetString()!, row.GetProperty("expected").GetString() == "malicious"),
            StringComparer.Ordinal);

    private static readonly Lazy<ImmutableArray<Finding>> s_findings = new(() => Scan.Run(
        [new LogInput(SharedData.Case("replay/audit-all-rr.log.gz"), null)], Rules.Pack, new ScanOptions(), TimeProvider.System, CancellationToken.None).Findings);

    [Fact]
    public void Every_scenario_gives_the_findings_of_the_table_with_actor_and_target()
    {
        string[] actual = [.. s_findings.Value.Where(finding => finding.Rule.Level >= RuleLevel.Medium).GroupBy(Row, StringComparer.Ordinal).Select(group => $"{group.Key}\t{group.Sum(finding => finding.Count)}")];
        if (Environment.GetEnvironmentVariable("VEDETTE_APPROVE") == "1")
        {
            string heading = File.ReadLines(SharedData.Case("replay/findings.tsv")).First();
            File.WriteAllLines(SharedData.Case("replay/findings.tsv"), actual.Order(StringComparer.Ordinal).Prepend(heading));
            return;
        }

        string[] expected = [.. File.ReadLines(SharedData.Case("replay/findings.tsv")).Where(line => !line.StartsWith('#'))];
        Assert.True(
            actual.ToHashSet(StringComparer.Ordinal).SetEquals(expected),
            $"Lost:\n{string.Join('\n', expected.Except(actual, StringComparer.Ordinal))}\nNot in the table:\n{string.Join('\n', actual.Except(expected, StringComparer.Ordinal))}");
    }

    [Fact]
    public void Every_malicious_scenario_is_found() => Assert.Equal(
        [],
        s_truth.Values.Where(truth => truth.Malicious).Select(truth => truth.Scenario).Distinct(StringComparer.Ordinal)
            .Except(s_findings.Value.Where(finding => finding.Rule.Level >= RuleLevel.Medium).SelectMany(finding => finding.Events).Select(item => Truth(item).Scenario), StringComparer.Ordinal));

    [Fact]
    public void What_is_benign_gives_three_findings_of_medium_at_most() =>
        Assert.InRange(s_findings.Value.Count(finding => finding.Rule.Level == RuleLevel.Medium && finding.Events.All(item => !Truth(item).Malicious)), 0, 3);

    [Fact]
    public void What_is_benign_gives_nothing_above_medium() =>
        Assert.DoesNotContain(s_findings.Value, finding => finding.Rule.Level > RuleLevel.Medium && finding.Events.All(item => !Truth(item).Malicious));

    [Fact]
    public void What_is_benign_gives_nothing_above_medium_under_a_policy_that_keeps_less()
    {
        ImmutableArray<Finding> nasty = Scan.Run(
            [new LogInput(SharedData.Case("replay/audit-nasty-a.log.gz"), null)], Rules.Pack, new ScanOptions(), TimeProvider.System, CancellationToken.None).Findings;
        Assert.NotEmpty(nasty);
        Assert.DoesNotContain(nasty, finding => finding.Rule.Level > RuleLevel.Medium && finding.Events.All(item => s_truth.ContainsKey(item.AuditId) && !Truth(item).Malicious));
    }

    [Fact]
    public void Redacted_events_give_the_same_findings_under_the_same_ids()
    {
        ArrayBufferWriter<byte> redacted = new();
        Redactor redactor = new(new byte[Redactor.KeyLength]);
        int secrets = 0;
        EventInputs.Read(
            new LogInput(SharedData.Case("replay/audit-all-rr.log.gz"), null), new ScanOptions(),
            (in EventView view) =>
            {
                secrets += redactor.Redact(view, redacted) ? 1 : 0;
                redacted.Write("\n"u8);
            },
            null, CancellationToken.None);
        ImmutableArray<Finding> findings = Scan.Run(
            [new LogInput("redacted", null) { Content = () => new MemoryStream(redacted.WrittenSpan.ToArray()) }], Rules.Pack, new ScanOptions(), TimeProvider.System, CancellationToken.None).Findings;
        Assert.True(secrets > 20, $"only {secrets} events hold secrets");
        Assert.Equal(s_findings.Value.Select(finding => (finding.Id, finding.Message, finding.Count)), findings.Select(finding => (finding.Id, finding.Message, finding.Count)));
    }

    private static (string Scenario, bool Malicious) Truth(FindingEvent item) => s_truth.GetValueOrDefault(item.AuditId, ("background", false));

    private static string Row(Finding finding)
    {
        string actor = finding.Actor.Impersonator is { } real ? $"{finding.Actor.User} by {real}" : finding.Actor.User;
        string target = finding.Target is { } on
            ? $"{on.Resource}{(on.Subresource is null ? "" : "/" + on.Subresource)} {on.Namespace ?? "-"}/{on.Name ?? "*"}"
            : finding.RequestUri ?? "-";
        return string.Join('\t', Truth(finding.Events[0]).Scenario, finding.Rule.Level.ToString().ToLowerInvariant(), finding.Rule.Title, actor, $"{finding.Verb} {finding.Code}", target);
    }
}
