using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CsCheck;
using Vedette.Detection.Engine;
using Vedette.Detection.Findings;
using Vedette.Pipeline.Scanning;
using Vedette.Sources.Files;
using Vedette.Tests;
using Xunit;

namespace Vedette.Pipeline.Tests;

/// <summary>A scan gives the same with any number of threads, wherever the input is cut into windows.</summary>
public class ParallelScanTests
{
    private static readonly JsonSerializerOptions s_json = new() { TypeInfoResolver = new DefaultJsonTypeInfoResolver() };

    private static readonly CompiledRules s_rules = Rules.Of(
        """
        title: Secret read
        id: 6b1c3b3e-0000-4000-8000-000000000001
        logsource: {product: kubernetes, service: audit}
        detection: {read: {verb: get, objectRef.resource: secrets}, condition: read}
        level: high
        """,
        """
        title: Host process
        id: 6b1c3b3e-0000-4000-8000-000000000002
        logsource: {product: kubernetes, service: audit}
        detection: {pod: {objectRef.resource: pods, requestObject.spec.hostPID: true}, condition: pod}
        level: high
        """,
        """
        title: New user
        id: 6b1c3b3e-0000-4000-8000-000000000003
        logsource: {product: kubernetes, service: audit}
        detection: {any: {verb: get}, condition: any}
        level: low
        vedette: {new_terms: {fields: [user.username], window: 7d}}
        """);

    private static readonly Gen<string> s_piece = Gen.Frequency(
        (12, Gen.Select(Gen.Int[0, 40], Gen.Int[0, 59], Gen.Bool, (id, second, secret) => Event(id, second, secret ? "secrets" : "pods") + "\n")),
        (1, Gen.Select(Gen.Int[0, 40], id => Event(id, 1, "secrets"))),
        (1, Gen.Select(Gen.Int[0, 40], Gen.Int[1, 300], (id, length) => Event(id, 1, "secrets")[..length] + "\n")),
        (1, Gen.Select(Gen.Int[0, 40], id => Event(id, 1, "secrets").Replace(",\"", ",\n\"", StringComparison.Ordinal) + "\n")),
        (1, Gen.Select(Gen.Int[0, 40], id => $$"""{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[{{Event(id, 2, "secrets")}},{{Event(id, 3, "pods")}}]}""" + "\n")),
        (1, Gen.Select(Gen.Int[0, 40], id => $$"""{"timestamp":1,"ingestionTime":2,"message":{{JsonSerializer.Serialize(Event(id, 4, "secrets"), s_json)}}}""" + "\n")),
        (2, Gen.Select(Gen.Int[0, 40], Gen.Int[0, 40], (id, other) => $"{{\"a\":[\n{Event(id, 5, "secrets")}\n,\n{Event(other, 5, "pods")}\n]}}\n")),
        (2, Gen.Int[0, 11].Select(index => new[] { "\n", "not json\n", "{\n", "[\n", "{\"a\":[1,\n", "{},\n", "{}\n", "]\n", "}\n", "\"\n", "{}{\"a\":[\n", "\uFEFF" }[index])));

    [Fact]
    public void Any_mixture_cut_anywhere_gives_the_same_with_any_number_of_threads() =>
        Gen.Select(s_piece.Array[1, 40], Gen.Int[1, 3000], Gen.Int[1, 700]).Sample(
            (pieces, window, read) =>
            {
                byte[] log = Encoding.UTF8.GetBytes(string.Concat(pieces));
                string alone = Run(log, 1, 1 << 20, 1 << 20);
                foreach (int threads in (ReadOnlySpan<int>)[1, 2, 4])
                {
                    Assert.Equal(alone, Run(log, threads, window, read));
                }
            },
            iter: 300, threads: 1);

    [Fact]
    public void Every_log_at_hand_gives_the_same_with_several_threads()
    {
        foreach (string file in Logs())
        {
            string alone = Run(file, 1);
            Assert.Equal(alone, Run(file, 2));
            Assert.Equal(alone, Run(file, 5));
        }
    }

    [Fact]
    public void What_is_learned_is_the_same_with_several_threads()
    {
        string nasty = SharedData.Case("replay/audit-nasty-a.log.gz");
        string alone = Run(SharedData.Case("replay/audit-all-rr.log.gz"), 1, nasty);
        Assert.Equal(alone, Run(SharedData.Case("replay/audit-all-rr.log.gz"), 3, nasty));
        Assert.NotEqual(alone, Run(SharedData.Case("replay/audit-all-rr.log.gz"), 1));
    }

    [Fact]
    public void A_scan_that_is_cancelled_amid_windows_ends()
    {
        using CancellationTokenSource ended = new();
        byte[] log = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 2000).Select(id => Event(id, 1, "secrets") + "\n")));
        ScanOptions options = new()
        {
            Threads = 4,
            WindowLength = 1000,
            StandardInput = () => new Trickle(log, 500),
            Progress = progress =>
            {
                if (progress.Events > 100)
                {
                    ended.Cancel();
                }
            },
        };
        Assert.ThrowsAny<OperationCanceledException>(() => Scan.Run([new LogInput("-", null)], s_rules, options, TimeProvider.System, ended.Token));
    }

    [Fact]
    public void What_was_read_before_reading_failed_counts()
    {
        byte[] log = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 200).Select(id => Event(id, 1, "secrets") + "\n")));
        ScanOptions options = new() { Threads = 2, WindowLength = 1000, StandardInput = () => new Trickle(log, 500) { FailsAtEnd = true } };
        InputStatistics input = Assert.Single(Scan.Run([new LogInput("-", null)], s_rules, options, TimeProvider.System, CancellationToken.None).Statistics.Inputs);
        Assert.Equal("the disk is gone", input.Problem);
        Assert.False(input.CouldNotOpen);
        Assert.Equal(200, input.Events);
    }

    [Fact]
    public void An_error_of_who_takes_rejects_ends_the_scan()
    {
        byte[] log = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 200).Select(id => Event(id, 1, "secrets") + "\nnot json\n")));
        ScanOptions options = new() { Threads = 2, WindowLength = 1000, StandardInput = () => new Trickle(log, 500), Rejects = (_, _, _) => throw new InvalidOperationException("full") };
        Assert.Equal("full", Assert.Throws<InvalidOperationException>(() => Scan.Run([new LogInput("-", null)], s_rules, options, TimeProvider.System, CancellationToken.None)).Message);
    }

    [Fact]
    public void Of_an_input_that_could_not_be_read_to_its_end_nothing_is_remembered_that_was_not_taken()
    {
        byte[] broken = Encoding.UTF8.GetBytes("not json\n" + string.Concat(Enumerable.Range(0, 400).Select(second => Event(7, second / 10, "pods") + "\n")));
        byte[] whole = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 400).Select(_ => Event(7, 50, "secrets") + "\n")));
        Assert.Equal(Found(1), Found(2));

        string Found(int threads)
        {
            int opened = 0;
            ScanOptions options = new()
            {
                Threads = threads,
                WindowLength = 2_000,
                StandardInput = () => new Trickle(opened++ == 0 ? broken : whole, 700),
                Rejects = (_, _, _) => throw new IOException("no space left on device"),
            };
            ScanResult result = Scan.Run([new LogInput("-", null), new LogInput("-", null)], s_rules, options, TimeProvider.System, CancellationToken.None);
            return string.Join('\n', [.. result.Findings.Select(finding => $"{finding.Rule.Title} {finding.Count} {finding.Events[0]} {finding.Target}"), .. result.Statistics.Inputs.Select(input => $"{input.Events} {input.Problem}")]);
        }
    }

    private static IEnumerable<string> Logs()
    {
        foreach (string file in Directory.EnumerateFiles(SharedData.Case("replay"), "*.gz"))
        {
            yield return file;
        }

        string shared = Path.Combine(SharedData.Root, "..", "shared");
        if (Directory.Exists(shared))
        {
            foreach (string file in Directory.EnumerateFiles(shared, "*", SearchOption.AllDirectories)
                .Where(file => (file.EndsWith(".log.gz", StringComparison.Ordinal) || file.EndsWith(".jsonl", StringComparison.Ordinal) || file.EndsWith(".log", StringComparison.Ordinal)
                    || file.EndsWith(".jsonl.gz", StringComparison.Ordinal)) && new FileInfo(file).Length < 8 << 20))
            {
                yield return file;
            }
        }
    }

    private static string Run(byte[] log, int threads, int window, int read)
    {
        List<string> rejects = [];
        ScanOptions options = new()
        {
            Threads = threads,
            WindowLength = window,
            StandardInput = () => new Trickle(log, read),
            Rejects = (reason, origin, content) => rejects.Add($"{reason} {origin} {Encoding.UTF8.GetString(content)}"),
        };
        return Text(Scan.Run([new LogInput("-", null)], s_rules, options, TimeProvider.System, CancellationToken.None), rejects);
    }

    private static string Run(string file, int threads, params string[] learn)
    {
        List<string> rejects = [];
        ScanOptions options = new()
        {
            Threads = threads,
            WindowLength = 64 * 1024,
            Learn = [.. learn.Select(path => new LogInput(path, null))],
            Rejects = (reason, origin, content) => rejects.Add($"{reason} {origin} {Encoding.UTF8.GetString(content)}"),
        };
        return Text(Scan.Run([new LogInput(file, null)], Rules.Pack, options, TimeProvider.System, CancellationToken.None), rejects);
    }

    /// <summary>Everything of a result but the time it took.</summary>
    private static string Text(ScanResult result, List<string> rejects)
    {
        StringBuilder text = new();
        foreach (Finding finding in result.Findings)
        {
            text.Append(finding.Id).Append(' ').Append(finding.Rule.Id).Append(' ').Append(finding.Origin).Append(' ').Append(finding.Count).Append(' ')
                .AppendJoin(',', finding.Events).Append(' ').Append(finding).AppendLine();
        }

        ScanStatistics statistics = result.Statistics;
        foreach (InputStatistics input in statistics.Inputs.Concat(statistics.Learned))
        {
            text.Append(input.Name).Append(input.Events).Append(' ').Append(input.Bytes).Append(' ').AppendJoin(',', input.Rejects).Append(input.Problem)
                .Append(input.FirstEvent).Append(input.LastEvent).AppendLine();
        }

        foreach (RuleStatistics rule in statistics.Rules)
        {
            text.Append(rule.Rule.Id).Append(' ').Append(rule.Matched).Append(' ').Append(rule.Blind).Append(' ').AppendJoin(',', rule.Suppressed).AppendLine();
        }

        return text.Append(statistics.State).AppendLine().Append(statistics.DroppedFindings).AppendLine().AppendJoin('\n', rejects).ToString();
    }

    private static string Event(int id, int second, string resource) =>
        $$$"""{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"{{{id}}}","stage":"ResponseComplete","requestURI":"/api/v1/{{{resource}}}","verb":"get","user":{"username":"user{{{id}}}"},"sourceIPs":["10.0.0.1"],"userAgent":"kubectl","objectRef":{"resource":"{{{resource}}}","namespace":"prod","name":"it","apiVersion":"v1"},"responseStatus":{"metadata":{},"code":200},"requestReceivedTimestamp":"2026-11-23T10:00:{{{second:00}}}.000000Z","stageTimestamp":"2026-11-23T10:00:{{{second:00}}}.{{{id:000000}}}Z","annotations":{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":""}}""";

    /// <summary>Gives a few bytes at a time.</summary>
    private sealed class Trickle(byte[] bytes, int most) : MemoryStream(bytes)
    {
        public bool FailsAtEnd { get; init; }

        public override int Read(Span<byte> buffer) => FailsAtEnd && Position == Length ? throw new IOException("the disk is gone") : base.Read(buffer[..Math.Min(most, buffer.Length)]);
    }
}
