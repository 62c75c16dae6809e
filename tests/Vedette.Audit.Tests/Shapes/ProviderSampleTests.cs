using System.Text.Json;
using Vedette.Tests;
using Xunit;

namespace Vedette.Audit.Tests.Shapes;

/// <summary>Samples as the providers deliver them; third-party data, so only where it is at hand.</summary>
public class ProviderSampleTests
{
    [Theory]
    [InlineData("aks/eventhub-real.json", 1, 1)]
    [InlineData("aks/eventhub-synthetic.json", 17, 0)]
    [InlineData("aks/storage-PT1H.json", 1, 1)]
    [InlineData("eks/audit-events.jsonl", 4, 0)]
    [InlineData("eks/cloudwatch-subscription.decoded.json", 4, 0)]
    [InlineData("eks/filter-log-events.response.json", 4, 0)]
    [InlineData("eks/firehose-request.json", 4, 1)]
    [InlineData("eks/lambda-event.json", 4, 0)]
    [InlineData("gke/entries-list.response.json", 1, 0)]
    [InlineData("gke/pubsub-pull.response.json", 1, 1)]
    [InlineData("gke/pubsub-push.request.json", 1, 0)]
    [InlineData("gke/not-k8s-monitoring-audit.json", 0, 1)]
    public void Every_sample_gives_its_events(string file, int events, int leftAside)
    {
        Intake intake = Intake.Read(SharedData.Read(SharedData.Third("platforms/samples/" + file)));
        Assert.Equal(events, intake.Events.Count);
        Assert.Equal(leftAside, intake.Rejects.Count);
        Assert.All(intake.Rejects, reject => Assert.Matches("^(other-log|control-message) ", reject));
    }

    [Fact]
    public void EKS_envelopes_hold_the_same_events_as_the_plain_file()
    {
        string[] plain = [.. Sorted("eks/audit-events.jsonl")];
        foreach (string file in new[] { "cloudwatch-subscription.decoded.json", "filter-log-events.response.json", "lambda-event.json", "firehose-request.json" })
        {
            Assert.Equal(plain, Sorted("eks/" + file));
        }

        static IEnumerable<string> Sorted(string file) => Intake.Read(SharedData.Read(SharedData.Third("platforms/samples/" + file))).Events
            .Select(item => JsonDocument.Parse(item).RootElement.GetProperty("auditID").GetString()!).Order(StringComparer.Ordinal);
    }

    [Fact]
    public void GKE_entries_give_the_expected_fields()
    {
        JsonElement expected = JsonDocument.Parse(File.ReadAllBytes(SharedData.Third("platforms/samples/gke/expected.json"))).RootElement;
        foreach (JsonProperty sample in expected.EnumerateObject())
        {
            Intake intake = Intake.Read(SharedData.Read(SharedData.Third("platforms/samples/gke/" + sample.Name)));
            if (sample.Value.ValueKind == JsonValueKind.Null)
            {
                Assert.Empty(intake.Events);
                continue;
            }

            JsonElement item = JsonDocument.Parse(Assert.Single(intake.Events)).RootElement;
            JsonElement target = item.GetProperty("objectRef");
            foreach (JsonProperty value in sample.Value.EnumerateObject())
            {
                string actual = value.Name switch
                {
                    "verb" or "auditID" => Text(item, value.Name),
                    "username" => Text(item.GetProperty("user"), "username"),
                    "code" => item.GetProperty("responseStatus").GetProperty("code").GetRawText(),
                    "decision" => Text(item.GetProperty("annotations"), "authorization.k8s.io/decision"),
                    "codeFrom" => value.Value.GetString()!,
                    _ => Text(target, value.Name),
                };
                Assert.True(value.Value.ToString() == actual, $"{sample.Name}: {value.Name} is {actual}, not {value.Value}");
            }
        }
    }

    [Theory]
    [InlineData("panther_k8s_test_events.jsonl", "eks", 96)]
    [InlineData("falco_k8s_audit_traces.jsonl", null, 26)]
    [InlineData("audit2rbac_demo.jsonl", null, 19)]
    public void Labelled_events_are_recognised(string file, string? shape, int expected)
    {
        int found = 0;
        foreach (string line in File.ReadLines(SharedData.Third("datasets/" + file)))
        {
            JsonElement row = JsonDocument.Parse(line).RootElement;
            if (shape is null || row.GetProperty("shape").GetString() == shape)
            {
                Intake intake = Intake.Read(row.GetProperty("event").GetRawText());
                Assert.True(intake.Events.Count == 1, $"{row.GetProperty("id")}: {string.Join(',', intake.Rejects)}");
                found++;
            }
        }

        Assert.Equal(expected, found);
    }

    private static string Text(JsonElement of, string name) => of.TryGetProperty(name, out JsonElement value) ? value.GetString()! : "";
}
