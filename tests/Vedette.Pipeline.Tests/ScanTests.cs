using System.Collections.Immutable;
using System.IO.Compression;
using System.Text;
using Vedette.Detection.Engine;
using Vedette.Detection.Findings;
using Vedette.Pipeline.Scanning;
using Vedette.Sources.Files;
using Xunit;

namespace Vedette.Pipeline.Tests;

public sealed class ScanTests : IDisposable
{
    private const string SecretRead = """
        title: Secret read
        id: 6b1c3b3e-0000-4000-8000-000000000001
        logsource: {product: kubernetes, service: audit}
        detection: {read: {verb: get, objectRef.resource: secrets}, condition: read}
        level: high
        """;

    private const string PrivilegedPod = """
        title: Privileged pod
        id: 6b1c3b3e-0000-4000-8000-000000000002
        logsource: {product: kubernetes, service: audit}
        detection: {pod: {verb: create, objectRef.resource: pods, requestObject.spec.hostPID: true}, condition: pod}
        level: high
        """;

    private const string FirstAccess = """
        title: First access
        id: 6b1c3b3e-0000-4000-8000-000000000003
        vedette: {new_terms: {fields: [vedette.actor, objectRef.resource]}}
        logsource: {product: kubernetes, service: audit}
        detection: {any: {verb: get}, condition: any}
        """;

    private const string ManyReads = """
        title: read
        name: read
        logsource: {product: kubernetes, service: audit}
        detection: {any: {verb: [get, list]}, condition: any}
        ---
        title: Many reads
        correlation: {type: event_count, rules: [read], group-by: [vedette.actor], timespan: 10s, condition: {gte: 3}}
        """;

    private static readonly CompiledRules s_rules = Rules.Of(SecretRead, PrivilegedPod);

    private readonly string _folder = Directory.CreateTempSubdirectory("vedette-scan-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Findings_of_several_files_come_in_event_time_order()
    {
        string late = Write("a.log", Event("1", "get", "secrets", second: 30));
        string early = Write("b.log", Event("2", "get", "secrets", second: 10) + Event("3", "get", "secrets", second: 50));
        Assert.Equal(["2", "1", "3"], Run(late, early).Findings.Select(finding => finding.Events[0].AuditId));
    }

    [Fact]
    public void Stages_of_one_request_are_one_finding_even_across_files()
    {
        string started = Write("a.log", Event("1", "get", "secrets", stage: "ResponseStarted"));
        string complete = Write("b.log", Event("1", "get", "secrets"));
        Finding finding = Assert.Single(Run(started, complete).Findings);
        Assert.Equal(["ResponseStarted", "ResponseComplete"], finding.Events.Select(item => item.Stage));
        Assert.Equal(1, finding.Count);
    }

    [Fact]
    public void A_finding_says_where_its_event_stands()
    {
        string file = Write("a.log", "not json\n" + Event("1", "list", "pods") + Event("2", "get", "secrets"));
        string list = Write("b.json", """{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[""" + Event("3", "list", "pods", second: 58).TrimEnd() + "," + Event("4", "get", "secrets", second: 59).TrimEnd() + "]}");
        Assert.Equal([$"{file}:3", $"{list}:1[1]"], Run(file, list).Findings.Select(finding => finding.Origin.ToString()));
    }

    [Fact]
    public void The_period_of_a_log_is_that_of_its_earliest_and_latest_event()
    {
        string file = Write("a.log", Event("1", "list", "pods", second: 20) + Event("2", "list", "pods", second: 50) + Event("3", "list", "pods", second: 10));
        ScanStatistics statistics = Run(file).Statistics;
        Assert.Equal(40, (statistics.LastEvent - statistics.FirstEvent)?.TotalSeconds);
        Assert.Null(Run(Write("b.log", "not json\n")).Statistics.FirstEvent);
    }

    [Fact]
    public void A_repeated_Audit_ID_does_not_fold_two_requests_into_one_finding()
    {
        string file = Write("a.log", Event("same", "get", "secrets", second: 1) + Event("same", "get", "secrets", second: 2));
        Assert.Equal(2, Run(file).Findings.Sum(finding => finding.Count));
    }

    [Fact]
    public void A_rule_that_needs_a_body_is_blind_where_there_is_none()
    {
        ScanResult result = Run(Write("a.log", Event("1", "create", "pods", level: "Metadata") + Event("2", "create", "secrets", level: "Metadata") + Event("3", "get", "pods", level: "Metadata")));
        Assert.Empty(result.Findings);
        Assert.Equal([0, 1], result.Statistics.Rules.Select(rule => rule.Blind));
    }

    [Fact]
    public void What_is_no_event_is_counted_and_told_with_its_place_and_swallows_no_neighbour()
    {
        string file = Write("a.log", Event("1", "get", "secrets") + "not json\n" + "{\"kind\":\"Pod\"}\n" + Event("2", "get", "secrets"));
        List<string> told = [];
        ScanResult result = Scan.Run(
            Inputs(file), s_rules, new ScanOptions { Rejects = (reason, origin, _) => told.Add($"{Path.GetFileName(origin.Source)}:{origin.Line}") }, TimeProvider.System, CancellationToken.None);
        Assert.Equal(2, result.Statistics.Events);
        Assert.Equal(2, result.Findings.Length);
        Assert.Equal(["a.log:2", "a.log:3"], told);
        Assert.Equal(2, result.Statistics.Rejects.Values.Sum());
    }

    [Fact]
    public void Of_damaged_compression_what_came_before_the_damage_is_read()
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.NoCompression, leaveOpen: true))
        {
            gzip.Write(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 1000).Select(index => Event($"{index}", "get", "pods")))));
        }

        string file = Path.Combine(_folder, "a.gz");
        File.WriteAllBytes(file, packed.ToArray().AsSpan(0, (int)packed.Length / 2));
        InputStatistics input = Assert.Single(Run(file).Statistics.Inputs);
        Assert.InRange(input.Events, 300, 600);
        Assert.NotNull(input.Problem);
        Assert.False(input.CouldNotOpen);
    }

    [Fact]
    public void A_file_that_cannot_be_opened_is_named_and_the_others_are_read()
    {
        string gone = Path.Combine(_folder, "gone.log");
        string there = Write("a.log", Event("1", "get", "secrets"));
        ScanResult result = Scan.Run(
            [new LogInput(gone, null), new LogInput(there, null)], s_rules, new ScanOptions(), TimeProvider.System, CancellationToken.None);
        Assert.Single(result.Findings);
        Assert.Equal([true, false], result.Statistics.Inputs.Select(input => input.CouldNotOpen));
        Assert.Contains("gone.log", result.Statistics.Inputs[0].Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void An_event_larger_than_any_window_is_read_whole()
    {
        string padding = new('x', 5 << 20);
        ScanResult result = Run(Write("a.log", Event("1", "get", "secrets").Replace("\"kubectl\"", $"\"{padding}\"", StringComparison.Ordinal) + Event("2", "get", "secrets")));
        Assert.Equal(2, result.Findings.Length);
        Assert.Equal(2, result.Statistics.Events);
    }

    [Fact]
    public void A_replay_gives_the_same_findings_with_the_same_ids()
    {
        string one = Write("a.log", Event("1", "get", "secrets") + Event("2", "create", "pods", body: """{"spec":{"hostPID":true}}"""));
        Assert.Equal(Run(one).Findings.Select(finding => finding.Id), Run(one).Findings.Select(finding => finding.Id));
        Assert.Equal(2, Run(one).Findings.Select(finding => finding.Id).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void Logs_to_learn_from_teach_what_is_not_new_and_are_not_looked_at_otherwise()
    {
        string learned = Write("old.log", Event("1", "get", "secrets") + Event("2", "create", "pods", body: """{"spec":{"hostPID":true}}"""));
        string log = Write("new.log", Event("3", "get", "secrets", second: 30) + Event("4", "get", "configmaps", second: 40));
        CompiledRules rules = Rules.Of(FirstAccess, PrivilegedPod);
        ScanResult without = Scan.Run(Inputs(log), rules, new ScanOptions(), TimeProvider.System, CancellationToken.None);
        Assert.Equal(["3", "4"], without.Findings.Select(finding => finding.Events[0].AuditId));
        ScanResult with = Scan.Run(Inputs(log), rules, new ScanOptions { Learn = Inputs(learned) }, TimeProvider.System, CancellationToken.None);
        Assert.Equal(["4"], with.Findings.Select(finding => finding.Events[0].AuditId));
        Assert.Equal(2, with.Statistics.Events);
        Assert.Equal(2, Assert.Single(with.Statistics.Learned).Events);
        Assert.All(with.Statistics.Rules, rule => Assert.Equal(rule.Rule.Title == "First access" ? 2 : 0, rule.Matched));
    }

    [Fact]
    public void The_order_of_files_and_lines_changes_no_finding()
    {
        string[] events = [.. Enumerable.Range(0, 48).Select(i => Event($"{i % 40}", i % 3 == 0 ? "get" : "list", i % 4 == 0 ? "configmaps" : "secrets", second: i % 40 * 17 % 60, stage: i % 5 == 0 ? "RequestReceived" : "ResponseComplete"))];
        CompiledRules rules = Rules.Of(SecretRead, FirstAccess, ManyReads);
        Random random = new(3);
        string[]? expected = null;
        for (int round = 0; round < 20; round++)
        {
            random.Shuffle(events);
            ImmutableArray<LogInput> inputs =
                [.. events.Chunk(events.Length / 3).Select((part, number) => new LogInput(Write($"{round}-{number}.log", string.Concat(part)), null)).OrderBy(_ => random.Next())];
            string[] found =
            [
                .. Scan.Run(inputs, rules, new ScanOptions(), TimeProvider.System, CancellationToken.None).Findings
                    .Select(finding => $"{finding.Id} {finding.Rule.Title} {finding.Count} {finding.Window} {finding.Message} {string.Join(' ', finding.Events)}"),
            ];
            expected ??= found;
            Assert.Equal(expected, found);
        }

        Assert.Contains(expected!, finding => finding.Contains("Many reads", StringComparison.Ordinal));
        Assert.Contains(expected!, finding => finding.Contains("First access", StringComparison.Ordinal));
    }

    [Fact]
    public void Progress_counts_up_over_all_inputs()
    {
        string one = Write("a.log", Event("1", "get", "secrets"));
        string two = Write("b.log", Event("2", "get", "secrets"));
        List<ScanProgress> told = [];
        Scan.Run(Inputs(one, two), s_rules, new ScanOptions { Progress = told.Add }, TimeProvider.System, CancellationToken.None);
        Assert.Equal(2, told[^1].Events);
        Assert.Equal(2, told[^1].Findings);
        Assert.Equal(new FileInfo(one).Length + new FileInfo(two).Length, told[^1].StoredBytes);
    }

    [Fact]
    public void A_scan_ends_when_it_is_cancelled()
    {
        using CancellationTokenSource ended = new();
        ended.Cancel();
        Assert.Throws<OperationCanceledException>(() => Scan.Run(Inputs(Write("a.log", Event("1", "get", "secrets"))), s_rules, new ScanOptions(), TimeProvider.System, ended.Token));
    }

    private static string Event(string id, string verb, string resource, int second = 0, string stage = "ResponseComplete", string level = "RequestResponse", string? body = null) =>
        $$$"""{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"{{{level}}}","auditID":"{{{id}}}","stage":"{{{stage}}}","requestURI":"/api/v1/{{{resource}}}","verb":"{{{verb}}}","user":{"username":"alice"},"sourceIPs":["10.0.0.1"],"userAgent":"kubectl","objectRef":{"resource":"{{{resource}}}","namespace":"prod","name":"it","apiVersion":"v1"},{{{(body is null ? "" : $"\"requestObject\":{body},")}}}"responseStatus":{"code":200},"requestReceivedTimestamp":"2026-11-23T10:00:{{{second:00}}}.000000Z","stageTimestamp":"2026-11-23T10:00:{{{second:00}}}.500000Z","annotations":{"authorization.k8s.io/decision":"allow"}}""" + "\n";

    private string Write(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    private static ImmutableArray<LogInput> Inputs(params ReadOnlySpan<string> files) => [.. LogInputs.Find(files.ToArray())];

    private static ScanResult Run(params ReadOnlySpan<string> files) => Scan.Run(Inputs(files), s_rules, new ScanOptions(), TimeProvider.System, CancellationToken.None);
}
