using System.Buffers;
using System.Text;
using System.Text.Json;
using CsCheck;
using Vedette.Audit.Batches;
using Vedette.Audit.Events;
using Vedette.Detection.Findings;
using Vedette.Detection.Packing;
using Vedette.Detection.Rules;
using Xunit;

namespace Vedette.Detection.Tests.Findings;

/// <summary>What is packed tells the same as what is not.</summary>
public class EvidenceTests
{
    private static readonly DetectionRule s_rule = new() { Id = "r", Title = "rule", Condition = new Condition.Constant(false) };

    private static readonly Gen<string> s_value = Gen.OneOf(
        Gen.Const("null"), Gen.Const("\"\""), Gen.Const("1"), Gen.Const("[\"x\",{\"a\":1}]"), Gen.Const("{\"a\":\"b\"}"), Gen.Const("\"alice\""), Gen.Const("\"/api/v1/pods?limit=5\""), Gen.Const("\"/a/b?c=d\\u0026e=f\""), Gen.Const("\"/a\\u003fb?c\\u0026d\""),
        Gen.Int[1020, 1028].Select(length => $"\"/{new string('x', length)}?q\\u0026r\""), Gen.Const("\"a\\u0022b\\n\\ud83d\\ude00\""),
        Gen.Const("\"\\ud800\""), Gen.Const("\"größe 😀\""), Gen.Int[1000, 1100].Select(length => $"\"/{new string('x', length)}?q\""), Gen.Int[1015, 1030].Select(length => $"\"{new string('x', length)}😀😀\""),
        Gen.Int[500, 520].Select(length => $"\"{new string('ö', length)}\""));

    private static readonly Gen<string> s_list = Gen.OneOf(
        s_value, s_value.Array[0, 4].Select(items => $"[{string.Join(',', items)}]"), Gen.Int[60, 70].Select(count => $"[{string.Join(", ", Enumerable.Range(0, count).Select(i => $"\"g{i}\""))}]"));

    private static readonly string[] s_members =
        ["auditID", "stage", "verb", "requestURI", "userAgent", "sourceIPs", "user", "impersonatedUser", "objectRef", "responseStatus", "annotations", "stageTimestamp", "requestReceivedTimestamp"];

    [Fact]
    public void Packed_evidence_gives_the_finding_that_the_event_gives() => Gen.Select(Gen.Bool.Array[s_members.Length], s_value.Array[16], s_list.Array[3]).Sample(
        (has, values, lists) =>
        {
            string json = $"{{{string.Join(',', s_members.Where((_, i) => has[i]).Select(name => $"\"{name}\":{Member(name, values, lists)}"))}}}";
            EventView view = Events.Decode(json);
            Evidence evidence = Of(view);
            Finding expected = FindingBuilder.Build("id", s_rule, "c", view);
            Assert.Equal(Text(expected), Text(evidence.ToFinding("id", s_rule)));
            Assert.Equal(EventContent.Digest("", view), evidence.Content);
            Assert.Equal(expected.Actor.User, evidence.User);
            Assert.Equal(expected.Events, evidence.Events);
            Assert.Equal(1, evidence.Count);
            Assert.Equal(Text(expected), Text(Evidence.Read(evidence.Packed).ToFinding("id", s_rule)));
            Assert.Equal(Text(expected), Text(Evidence.Of(expected, evidence.Content).ToFinding("id", s_rule)));
        },
        iter: 5_000);

    [Fact]
    public void A_later_stage_adds_its_outcome_and_its_event_once()
    {
        Evidence received = Of(Events.Decode("""{"auditID":"1","stage":"RequestReceived","verb":"create","user":{"username":"alice"}}"""));
        Evidence complete = Of(
            Events.Decode("""{"auditID":"1","stage":"ResponseComplete","verb":"create","objectRef":{"resource":"pods"},"responseStatus":{"code":403},"annotations":{"authorization.k8s.io/decision":"forbid"}}"""));
        Evidence both = received.With(complete);
        Finding finding = both.ToFinding("id", s_rule);
        Assert.Equal(("alice", 403, "forbid", "pods", 1), (finding.Actor.User, finding.Code, finding.Decision, finding.Target?.Resource, finding.Count));
        Assert.Equal(["RequestReceived", "ResponseComplete"], finding.Events.Select(item => item.Stage));
        Assert.Equal(received.Content, both.Content);
        Assert.Equal(both, both.With(complete));
    }

    [Fact]
    public void What_a_correlation_says_of_its_events_is_kept()
    {
        Finding finding = FindingBuilder.Build("00ff", s_rule, null, Events.Decode("""{"auditID":"1","stage":"Panic","verb":"get"}""")) with { Count = 7, Origin = new EventOrigin("a.log", 7, 3), Spread = new FindingSpread(1, 2, 3) };
        Evidence evidence = Evidence.Of(finding, [0, 255]);
        Assert.Equal(7, evidence.Count);
        Assert.Equal(Text(finding), Text(evidence.ToFinding("00ff", s_rule)));
    }

    private static string Member(string name, string[] values, string[] lists) => name switch
    {
        "sourceIPs" => lists[0],
        "user" => $"{{\"username\":{values[0]},\"groups\":{lists[1]}}}",
        "impersonatedUser" => $"{{\"username\":{values[1]},\"groups\":{lists[2]}}}",
        "objectRef" => $"{{\"resource\":{values[2]},\"subresource\":{values[3]},\"namespace\":{values[4]},\"name\":{values[5]},\"apiGroup\":{values[6]}}}",
        "responseStatus" => $"{{\"code\":{(values[7].Length == 1 ? "201" : values[7])}}}",
        "annotations" => $"{{\"authorization.k8s.io/decision\":{values[8]}}}",
        "stageTimestamp" or "requestReceivedTimestamp" => values[9].Length == 4 ? values[9] : "\"2026-01-01T00:00:00.123456Z\"",
        _ => values[10 + Array.IndexOf(s_members, name)],
    };

    private static Evidence Of(in EventView view)
    {
        ArrayBufferWriter<byte> packed = new();
        Evidence.Pack(view, "c", new PackedWriter(packed));
        return new Evidence(packed.WrittenSpan.ToArray(), 0, packed.WrittenCount, packed.WrittenCount);
    }

    private static string Text(Finding finding)
    {
        ArrayBufferWriter<byte> json = new();
        using (Utf8JsonWriter writer = new(json))
        {
            FindingJson.Write(finding, writer);
        }

        return $"{Encoding.UTF8.GetString(json.WrittenSpan)} {finding.RequestUri} {finding.Origin} {finding.Time:O} {finding.Spread}";
    }
}
