using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Vedette.Audit.Batches;
using Vedette.Audit.Decoding;
using Vedette.Audit.Events;
using Vedette.Audit.Shapes;
using Vedette.Detection.Engine;
using Vedette.Detection.Sigma;
using Vedette.Detection.Testing;
using Vedette.Platforms.Alerts;
using Vedette.Platforms.Eks.FilterPatterns;
using Vedette.Tests;
using Xunit;

namespace Vedette.Platforms.Tests.Alerts;

/// <summary>A CloudWatch pattern counts exactly the events on which one of its rules matches, on every log at hand.</summary>
public class AlertAgreementTests
{
    private static readonly CompiledRules s_rules = CompiledRules.Compile(SigmaLoader.Load(
        [.. Directory.EnumerateFiles(Path.Combine(SharedData.Root, "rules", "kubernetes"), "*.yml", SearchOption.AllDirectories)
            .Where(file => !file.EndsWith(RuleTests.Suffix, StringComparison.Ordinal))
            .Where(file => CloudAlerts.All.Any(alert => alert.Rules.Contains(Path.GetFileNameWithoutExtension(file), StringComparer.Ordinal)))
            .Select(file => new SigmaFile(file, File.ReadAllText(file)))],
        new SigmaOptions()));

    public static TheoryData<string> Replays => ["audit-all-rr.log.gz", "audit-gce.log.gz", "audit-nasty-a.log.gz", "audit-seed.log.gz", "emitted-by-policy.jsonl.gz"];

    public static TheoryData<string> Others =>
    [
        "datasets/panther_k8s_test_events.jsonl", "datasets/falco_k8s_audit_traces.jsonl", "datasets/audit2rbac_demo.jsonl", "datasets/aks_real_records.jsonl", "datasets/khi_gke_audit.jsonl",
        "platforms/samples/eks/audit-events.jsonl", "platforms/samples/aks/eventhub-real.json", "platforms/samples/aks/eventhub-synthetic.json", "platforms/samples/gke/real-endpoints-update.json",
        "platforms/samples/gke/pod-create-409-alreadyexists.json", "platforms/samples/gke/pod-create-hostpath.json", "platforms/samples/gke/pod-create-privileged.json", "platforms/samples/gke/pod-exec.json",
    ];

    [Theory]
    [MemberData(nameof(Replays))]
    public void Pattern_and_rule_agree_on_what_a_real_API_server_wrote(string file) => Agree(Events(SharedData.ReadCase("replay/" + file)));

    [Theory]
    [MemberData(nameof(Others))]
    public void Pattern_and_rule_agree_on_events_of_others(string file)
    {
        string text = Encoding.UTF8.GetString(SharedData.Read(SharedData.Third(file)));
        if (file.StartsWith("datasets/", StringComparison.Ordinal))
        {
            text = string.Join('\n', text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("event").GetRawText()));
        }

        Agree(Events(Encoding.UTF8.GetBytes(text)));
    }

    [Fact]
    public void Pattern_and_rule_agree_on_the_tests_of_the_rules_which_raise_every_alert()
    {
        string[] events =
        [
            .. CloudAlerts.All.SelectMany(alert => alert.Rules)
                .Select(name => Directory.EnumerateFiles(Path.Combine(SharedData.Root, "rules", "kubernetes"), name + RuleTests.Suffix, SearchOption.AllDirectories).Single())
                .SelectMany(file => RuleTests.Read(file, File.ReadAllText(file), []))
                .SelectMany(test => test.Events.Select(item => Encoding.UTF8.GetString(item.Span))),
        ];
        Agree(events);
        Assert.All(CloudAlerts.All, alert => Assert.Contains(events, Pattern(alert).Matches));
    }

    [Fact]
    public void The_event_of_each_alert_raises_it_and_its_rule()
    {
        foreach (CloudAlert alert in CloudAlerts.All)
        {
            Assert.True(Pattern(alert).Matches(alert.Probe), alert.Name);
            Agree([alert.Probe]);
        }
    }

    private static void Agree(IEnumerable<string> lines)
    {
        RuleEvaluator evaluator = new(s_rules);
        List<string> differences = [];
        foreach (string line in lines)
        {
            using JsonDocument document = JsonDocument.Parse(line);
            if (!document.RootElement.TryGetProperty("verb", out _) || !document.RootElement.TryGetProperty("requestURI", out _))
            {
                // Cut down by whoever published it; kube-apiserver writes both always.
                continue;
            }

            HashSet<string> matched = Matched(evaluator, line);
            foreach (CloudAlert alert in CloudAlerts.All)
            {
                bool byPattern = Pattern(alert).Matches(document.RootElement);
                Assert.True(byPattern == Pattern(alert).Matches(document.RootElement, missingDiffers: true), $"{alert.Name} depends on what != gives where a field is missing: {line}");
                if (byPattern != alert.Rules.Any(matched.Contains))
                {
                    differences.Add($"{alert.Name}: pattern {byPattern}: {line}");
                }
            }
        }

        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    private static HashSet<string> Matched(RuleEvaluator evaluator, string line)
    {
        DecodeStatus status = new EventDecoder().Decode(Encoding.UTF8.GetBytes(line), out EventView view);
        return status == DecodeStatus.Ok ? [.. evaluator.Evaluate(view).Select(index => s_rules.Rules[index].Name!)] : [];
    }

    private static FilterPattern Pattern(CloudAlert alert) => s_patterns[alert.Name];

    private static readonly ImmutableDictionary<string, FilterPattern> s_patterns = CloudAlerts.All.ToImmutableDictionary(
        alert => alert.Name,
        alert => FilterPattern.TryParse(alert.CloudWatch, out FilterPattern? pattern, out FilterProblem? problem) ? pattern : throw new InvalidOperationException($"{alert.Name}: {problem}"));

    /// <summary>The events of a log of any shape, as kube-apiserver would have written them: one line each.</summary>
    private static List<string> Events(byte[] text)
    {
        List<string> lines = [];
        AuditLogReader reader = new("log", new RejectLog());
        using EventBatch batch = new();
        batch.Append(text);
        reader.Begin(batch, isFinal: true);
        ArrayBufferWriter<byte> line = new();
        while (reader.TryRead(out EventView view))
        {
            line.ResetWrittenCount();
            EventNormalizer.Write(view, line);
            lines.Add(Encoding.UTF8.GetString(line.WrittenSpan));
        }

        return lines;
    }
}
