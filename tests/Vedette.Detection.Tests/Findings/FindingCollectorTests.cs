using System.Collections.Immutable;
using CsCheck;
using Vedette.Detection.Findings;
using Vedette.Detection.Rules;
using Vedette.Detection.Stateful;
using Xunit;

namespace Vedette.Detection.Tests.Findings;

public class FindingCollectorTests
{
    private static readonly DetectionRule s_rule = Events.Rule(new Condition.Constant(true)) with { Level = RuleLevel.High };

    private static string Event(string stage, string at, string user = "alice", string id = "x", int? code = null, string received = "2026-01-01T00:00:00.000000Z", string uri = "/a") =>
        $$$"""{"auditID":"{{{id}}}","stage":"{{{stage}}}","requestURI":"{{{uri}}}","verb":"get","user":{"username":"{{{user}}}"},"objectRef":{"resource":"pods","subresource":"exec","namespace":"prod","name":"web-0"},{{{(code is null ? "" : $"\"responseStatus\":{{\"code\":{code}}},")}}}"requestReceivedTimestamp":"{{{received}}}","stageTimestamp":"{{{at}}}"}""";

    [Fact]
    public void Stages_of_one_request_are_one_finding_in_whatever_order_they_come()
    {
        string[] stages =
        [
            Event("RequestReceived", "2026-01-01T00:00:00.000000Z"), Event("ResponseStarted", "2026-01-01T00:00:01.000000Z", code: 101),
            Event("ResponseComplete", "2026-01-01T00:05:00.000000Z", code: 101),
        ];
        Finding expected = Assert.Single(Collect(stages));
        Assert.Equal(["RequestReceived", "ResponseStarted", "ResponseComplete"], expected.Events.Select(item => item.Stage));
        Assert.Equal(101, expected.Code);
        Assert.Equal("alice ran a command in pods prod/web-0 (allowed, 101)", expected.Message);
        Gen.Shuffle(stages).Sample(shuffled =>
        {
            Finding finding = Assert.Single(Collect(shuffled));
            Assert.Equal(expected.Id, finding.Id);
            Assert.Equal(expected.Time, finding.Time);
            Assert.Equal(expected.Events, finding.Events);
        });
    }

    [Fact]
    public void A_repeated_audit_id_folds_nothing_that_another_request_did()
    {
        const string At = "2026-01-01T00:00:01.000000Z";
        ImmutableArray<Finding> findings = Collect(
            Event("ResponseComplete", At), Event("ResponseComplete", At, user: "mallory"), Event("ResponseComplete", At, uri: "/b"),
            Event("ResponseComplete", At, received: "2026-01-01T00:00:00.000001Z"));
        Assert.Equal(4, findings.Length);
        Assert.Equal(4, findings.Select(finding => finding.Id).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void The_same_event_from_the_log_and_from_the_webhook_counts_once_and_has_one_id()
    {
        string item = Event("ResponseComplete", "2026-01-01T00:00:01.000000Z");
        string line = """{"kind":"Event","apiVersion":"audit.k8s.io/v1",""" + item[1..];
        string pretty = line.Replace(",\"", ",\n  \"", StringComparison.Ordinal);
        Finding finding = Assert.Single(Collect(item, line, pretty));
        Assert.Single(finding.Events);
        Assert.Equal(finding.Id, Assert.Single(Collect(pretty)).Id);
    }

    [Fact]
    public void Events_without_audit_id_or_time_are_never_joined() =>
        Assert.Equal(2, Collect("""{"verb":"get","user":{"username":"a"},"objectRef":{"name":"x"}}""", """{"verb":"get","user":{"username":"a"},"objectRef":{"name":"y"}}""").Length);

    [Fact]
    public void Findings_are_in_order_of_time_those_without_first()
    {
        ImmutableArray<Finding> findings = Collect(
            Event("ResponseComplete", "2026-01-01T00:00:03.000000Z", id: "c"), Event("ResponseComplete", "not a time", id: "a", received: "neither"),
            Event("ResponseComplete", "2026-01-01T01:00:02.000000+01:00", id: "b"));
        Assert.Equal(["a", "b", "c"], findings.Select(finding => finding.Events[0].AuditId));
    }

    [Fact]
    public void Beyond_the_bound_matches_are_counted()
    {
        FindingCollector collector = new(maxFindings: 1);
        foreach (string id in new[] { "a", "b", "a" })
        {
            collector.Add(s_rule, Events.Decode(Event("ResponseComplete", "2026-01-01T00:00:03.000000Z", id: id)));
        }

        Assert.Equal(1, collector.Count);
        Assert.Equal(1, collector.Dropped);
    }

    [Theory]
    [InlineData("""{"verb":"list","user":{"username":"a"},"impersonatedUser":{"username":"b"},"objectRef":{"resource":"secrets"},"responseStatus":{"code":200}}""", "a as b listed secrets (allowed, 200)")]
    [InlineData("""{"verb":"deletecollection","user":{"username":"a"},"objectRef":{"resource":"events","namespace":"dev"},"responseStatus":{"code":403}}""", "a deleted all events in dev (refused, 403)")]
    [InlineData("""{"verb":"get","user":{},"requestURI":"/metrics?token=secret","responseStatus":{"code":401}}""", "somebody who failed to authenticate called get /metrics (not authenticated, 401)")]
    [InlineData("""{"verb":"create","user":{"username":"a"},"objectRef":{"resource":"serviceaccounts","subresource":"token","namespace":"n","name":"s"}}""", "a created serviceaccounts/token n/s (outcome not logged)")]
    [InlineData("""{"verb":"update","user":{"username":"a"},"objectRef":{"resource":"nodes","name":"n"},"responseStatus":{"code":409}}""", "a updated nodes n (failed, 409)")]
    public void The_message_says_who_did_what_to_what_and_how_it_ended(string json, string expected) => Assert.Equal(expected, Assert.Single(Collect(json)).Message);

    [Fact]
    public void Long_texts_of_the_client_are_cut()
    {
        Finding finding = Assert.Single(Collect(Event("ResponseComplete", "2026-01-01T00:00:03.000000Z", id: new string('x', 100_000))));
        Assert.Equal(FindingBuilder.MaxTextLength + 1, finding.Events[0].AuditId.Length);
    }

    [Fact]
    public void Matches_that_are_packed_give_the_findings_of_those_that_are_not() => Gen.Select(Gen.Int[0, 3], Gen.Int[0, 2], Gen.Int[0, 2], Gen.Int[0, 3]).Array[1, 12].Sample(
        drawn =>
        {
            string[] events =
            [
                .. drawn.Select(item => Event(
                    new[] { "RequestReceived", "ResponseStarted", "ResponseComplete", "Panic" }[item.Item1], item.Item2 == 2 ? "not a time" : $"2026-01-01T00:00:0{item.Item2}.000000Z",
                    id: $"id-{item.Item3}", code: item.Item4 == 0 ? null : 200 + item.Item4)),
            ];
            FindingCollector packed = new("prod");
            MatchRoom room = new();
            foreach (string json in events)
            {
                packed.Add(FindingPart.Of(s_rule, "prod", Events.Decode(json), room));
                room.Clear();
            }

            Assert.Equal(Collect(events).Select(Told), packed.ToFindings(threads: 2).Select(Told));
        });

    private static string Told(Finding finding) => $"{finding.Id} {finding.Time:O} {finding.Code} {finding.Message} {string.Join(' ', finding.Events)}";

    private static ImmutableArray<Finding> Collect(params string[] events)
    {
        FindingCollector collector = new("prod");
        foreach (string json in events)
        {
            collector.Add(s_rule, Events.Decode(json));
        }

        return collector.ToFindings();
    }
}
