using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Vedette.Audit.Decoding;
using Vedette.Audit.Events;
using Vedette.Detection.Engine;
using Vedette.Detection.Findings;
using Vedette.Detection.Rules;
using Vedette.Detection.Sigma;
using Vedette.Detection.Stateful;
using Vedette.Documents;
using Vedette.Tests;
using Xunit;

namespace Vedette.Detection.Tests.Sigma;

/// <summary>
/// The recorded answers of pySigma and readings of the specification in tests/cases/sigma/semantics.jsonl, and what docs/sigma.md says of correlations in correlations-own.jsonl.
/// </summary>
public class SemanticsTests
{
    private static readonly Dictionary<string, JsonElement> s_cases = new[] { "sigma/semantics.jsonl", "sigma/correlations-own.jsonl" }
        .SelectMany(file => File.ReadLines(SharedData.Case(file)))
        .Select(line => JsonDocument.Parse(line).RootElement).ToDictionary(item => item.GetProperty("id").GetString()!, StringComparer.Ordinal);

    public static IEnumerable<ITheoryDataRow> Cases(string kind) => s_cases
        .Where(item => item.Value.GetProperty("kind").GetString() == kind)
        .Select(item => new TheoryDataRow<string, string>(item.Key, item.Value.GetProperty("feature").GetString()!));

    [Theory]
    [MemberData(nameof(Cases), "match")]
    public void A_rule_matches_the_events_it_should(string id, string feature)
    {
        Assert.NotNull(feature);
        JsonElement item = s_cases[id];
        SigmaRuleSet set = Load(item);
        Assert.DoesNotContain(set.Diagnostics, diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
        Assert.Equal(Bools(item.GetProperty("expected")), Answers(set.Rules, item)[set.Rules[0].Title]);
    }

    [Theory]
    [MemberData(nameof(Cases), "collection")]
    public void A_collection_matches_the_events_it_should(string id, string feature)
    {
        Assert.NotNull(feature);
        JsonElement item = s_cases[id];
        Dictionary<string, bool[]> answers = Answers(Load(item).Rules, item);
        foreach (JsonProperty expected in item.GetProperty("expected").EnumerateObject())
        {
            Assert.Equal(Bools(expected.Value), answers[expected.Name]);
        }
    }

    [Theory]
    [MemberData(nameof(Cases), "reject")]
    public void What_must_be_refused_is_refused_with_a_place_and_a_reason(string id, string feature)
    {
        // A range of two operators: pySigma refuses it, the specification allows it, and case S213 with the same text expects it to fire.
        Assert.SkipWhen(feature == "corr-err-two-operators", "contradicted by case S213");
        Diagnostic error = Assert.Single(
            Load(s_cases[id]).Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).DistinctBy(diagnostic => diagnostic.Severity));
        Assert.NotEqual(0, error.Line);
        Assert.NotEqual(0, error.Column);
        Assert.NotEmpty(error.Message);
    }

    [Theory]
    [MemberData(nameof(Cases), "correlation")]
    public void A_correlation_fires_for_the_groups_it_should(string id, string feature)
    {
        Assert.NotNull(feature);
        JsonElement item = s_cases[id];
        SigmaRuleSet set = Load(item);
        Assert.False(set.HasErrors, string.Join('\n', set.Diagnostics));
        CompiledRules rules = CompiledRules.Compile(set);
        LogDetector log = new(rules);
        EventDecoder decoder = new();
        foreach (JsonElement element in item.GetProperty("events").EnumerateArray())
        {
            string time = DateTimeOffset.UnixEpoch.AddSeconds(element.GetProperty("t").GetDouble()).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
            string json = $"{element.GetRawText().TrimEnd()[..^1]},\"stageTimestamp\":\"{time}\"}}";
            Assert.Equal(DecodeStatus.Ok, decoder.Decode(Encoding.UTF8.GetBytes(json), out EventView view));
            log.Add(view);
        }

        // The last document is the correlation; the base rules must keep silent.
        string title = set.Correlations[^1].Attributes.Title;
        ImmutableArray<Finding> findings = log.Complete();
        Assert.All(findings, finding => Assert.Equal(title, finding.Rule.Title));
        string[] fired = [.. findings.Select(finding => string.Join(',', finding.Group.Select(member => $"{member.Field}={member.Value}"))).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        JsonElement fires = item.GetProperty("fires");
        // Where the specification is silent we do not count what lacks a field to group by.
        string[] expected = fires.ValueKind == JsonValueKind.Null ? []
            : [.. fires.EnumerateArray().Select(group => string.Join(',', group.EnumerateObject().Select(member => $"{member.Name}={member.Value}"))).Order(StringComparer.Ordinal)];
        Assert.Equal(expected, fired);
    }

    [Fact]
    public void Rules_of_SigmaHQ_load_unmodified()
    {
        string folder = SharedData.Third("sigma/rules");
        SigmaRuleSet set = SigmaLoader.Load(
            Directory.EnumerateFiles(folder, "*.yml", SearchOption.AllDirectories).Select(file => new SigmaFile(file, File.ReadAllText(file))), new SigmaOptions());
        Assert.False(set.HasErrors, string.Join('\n', set.Diagnostics));
        Assert.Equal(30, set.Rules.Length);
        Assert.Equal(16, set.Rules.Count(rule => rule.LogSource.IsKubernetesAudit));
    }

    [Theory]
    [InlineData("sigma_unmodified", false)]
    [InlineData("sigma_with_field_mapping", true)]
    public void Rules_of_SigmaHQ_give_the_recorded_answers_on_real_events(string property, bool mapped)
    {
        string folder = SharedData.Third("sigma/rules/kubernetes_audit");
        SigmaRuleSet set = SigmaLoader.Load(
            Directory.EnumerateFiles(folder, "*.yml").Select(file => new SigmaFile(Path.GetFileNameWithoutExtension(file), File.ReadAllText(file))),
            new SigmaOptions { Mapping = mapped ? FieldMapping.Shorthand : FieldMapping.None });
        CompiledRules compiled = CompiledRules.Compile(set.Rules);
        RuleEvaluator evaluator = new(compiled);
        EventDecoder decoder = new();
        int checkedEvents = 0;
        foreach (string file in new[] { "datasets/panther_k8s_test_events.jsonl", "datasets/falco_k8s_audit_traces.jsonl" })
        {
            foreach (string line in File.ReadLines(SharedData.Third(file)))
            {
                JsonElement row = JsonDocument.Parse(line).RootElement;
                if (!row.TryGetProperty(property, out JsonElement expected))
                {
                    continue;
                }

                Assert.Equal(DecodeStatus.Ok, decoder.Decode(Encoding.UTF8.GetBytes(row.GetProperty("event").GetRawText()), out EventView view));
                string[] found = [.. evaluator.Evaluate(view).Select(rule => compiled.Rules[rule].File).Order(StringComparer.Ordinal)];
                string[] names = [.. expected.EnumerateArray().Select(name => Path.GetFileNameWithoutExtension(name.GetString()!)).Order(StringComparer.Ordinal)];
                Assert.True(names.SequenceEqual(found), $"{row.GetProperty("id")}: expected {string.Join(',', names)}; found {string.Join(',', found)}");
                checkedEvents++;
            }
        }

        Assert.Equal(122, checkedEvents);
    }

    private static SigmaRuleSet Load(JsonElement item) => SigmaLoader.Load([new SigmaFile("case.yml", item.GetProperty("rule").GetString()!)], new SigmaOptions());

    private static bool[] Bools(JsonElement list) => [.. list.EnumerateArray().Select(value => value.GetBoolean())];

    private static Dictionary<string, bool[]> Answers(ImmutableArray<DetectionRule> rules, JsonElement item)
    {
        RuleEvaluator evaluator = new(CompiledRules.Compile(rules));
        EventDecoder decoder = new();
        JsonElement events = item.GetProperty("events");
        Dictionary<string, bool[]> answers = rules.ToDictionary(rule => rule.Title, _ => new bool[events.GetArrayLength()], StringComparer.Ordinal);
        int index = 0;
        foreach (JsonElement element in events.EnumerateArray())
        {
            Assert.Equal(DecodeStatus.Ok, decoder.Decode(Encoding.UTF8.GetBytes(element.GetRawText()), out EventView view));
            foreach (int rule in evaluator.Evaluate(view))
            {
                answers[rules[rule].Title][index] = true;
            }

            index++;
        }

        return answers;
    }
}
