using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Vedette.Audit.Tests.Shapes;

/// <summary>Every envelope in small, written by hand after the providers' documentation; the providers' own samples follow in <see cref="ProviderSampleTests"/>.</summary>
public class EnvelopeTests
{
    private const string Event = """{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"a","verb":"get","user":{"username":"ä\"b"}}""";

    private const string KlogMessage = """,{"id":"2","timestamp":2,"message":"I1124 klog"}""";

    private static readonly string s_quoted = Quote(Event);

    private static readonly string s_subscription =
        $$$$"""{"messageType":"DATA_MESSAGE","owner":"1","logGroup":"g","logStream":"s","logEvents":[{"id":"1","timestamp":1,"message":{{{{s_quoted}}}}},{"id":"2","timestamp":2,"message":"I1124 klog"}]}""";

    public static TheoryData<string, string> Envelopes => new()
    {
        { "FilterLogEvents", $$"""{"events":[{"logStreamName":"kube-apiserver-audit-1","timestamp":1,"message":{{s_quoted}},"eventId":"1"}],"nextToken":"t"}""" },
        { "exported log event", $$$$"""{"timestamp":1,"ingestionTime":2,"message":{{{{s_quoted}}}}}""" },
        { "Logs Insights", $$$$"""{"results":[[{"field":"@timestamp","value":"x"},{"field":"@message","value":{{{{s_quoted}}}}}]],"status":"Complete"}""" },
        { "S3 export", "2026-11-24T10:00:00.000Z " + Event },
        { "Lambda", """{"awslogs":{"data":"DATA"}}""".Replace("DATA", Gzip(s_subscription.Replace(KlogMessage, "", StringComparison.Ordinal)), StringComparison.Ordinal) },
        { "Pub/Sub push of an event", $$"""{"message":{"data":"{{Base64(Event)}}","messageId":"1"},"subscription":"s"}""" },
        { "Event Hub", $$$$"""{"records":[{"category":"KUBE-AUDIT","properties":{"log":{{{{s_quoted}}}}}}]}""" },
        { "storage blob", $$$$"""{"category":"kube-audit-admin","operationName":"o","properties":{"log":{{{{Quote(Event + "\n")}}}}}}""" },
        { "log as object", $$$$"""{"category":"kube-audit","properties":{"log":{{{{Event}}}}}}""" },
        { "properties as text", """{"category":"kube-audit","properties":TEXT}""".Replace("TEXT", Quote("""{"log":LOG}""".Replace("LOG", s_quoted, StringComparison.Ordinal)), StringComparison.Ordinal) },
        { "AzureDiagnostics", $$$$"""{"Category":"kube-audit","TimeGenerated":"x","log_s":{{{{s_quoted}}}}}""" },
        { "query answer", $$"""{"tables":[{"name":"PrimaryResult","columns":[{"name":"Category"},{"name":"log_s"}],"rows":[["kube-audit",{{s_quoted}}]]}]}""" },
    };

    [Theory]
    [MemberData(nameof(Envelopes))]
    public void The_event_inside_comes_out_unchanged(string name, string envelope)
    {
        Assert.NotEmpty(name);
        Intake intake = Intake.Read(envelope);
        Assert.Equal([Event], intake.Events);
        Assert.Empty(intake.Rejects);
    }

    [Fact]
    public void Firehose_records_are_decoded_one_by_one_and_broken_ones_rejected_alone()
    {
        Intake intake = Intake.Read(
            $$"""{"requestId":"r","timestamp":1,"records":[{"data":"{{Gzip(s_subscription)}}"},{"data":"%%%"},{"data":"H4sIAAAA"},{"data":"{{Base64(Event)}}"},{"data":"{{Gzip("""{"messageType":"CONTROL_MESSAGE","logEvents":[{"id":"","timestamp":1,"message":"CWL CONTROL MESSAGE"}]}""")}}"}]}""");
        Assert.Equal([Event, Event], intake.Events);
        Assert.Equal(
            ["bad-encoding", "bad-encoding", "control-message", "other-log"],
            intake.Rejects.Select(reject => reject.Split(' ')[0]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_message_cut_by_CloudWatch_keeps_its_leading_fields_and_says_so()
    {
        string cut = """{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"a","verb":"create","user":{"username":"x"},"requestObject":{"spec":{"a":"bbb[Truncated...]""";
        Intake intake = Intake.Read($$$$"""{"events":[{"message":{{{{Quote(cut)}}}}}]}""");
        Assert.Equal(
            """{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"a","verb":"create","user":{"username":"x"},"annotations":{"audit.k8s.io/truncated":"true"}}""",
            Assert.Single(intake.Events));
    }

    [Theory]
    [InlineData("""{"category":"kube-apiserver","properties":{"log":"I1124 started"}}""")]
    [InlineData("""{"category":"guard","operationName":"o","properties":{"log":"{}"}}""")]
    [InlineData("""{"protoPayload":{"serviceName":"container.googleapis.com","methodName":"google.container.v1.ClusterManager.CreateCluster"}}""")]
    [InlineData("""{"events":[{"message":"time=\"x\" level=info msg=\"access granted\"","logStreamName":"authenticator-1"}]}""")]
    public void Other_logs_of_the_cloud_are_left_aside_by_name(string record)
    {
        Intake intake = Intake.Read(record);
        Assert.Empty(intake.Events);
        Assert.StartsWith("other-log", Assert.Single(intake.Rejects), StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_of_AKSAudit_become_events_and_what_is_no_JSON_stays_text()
    {
        Intake intake = Intake.Read(
            """{"TimeGenerated":"x","Level":"RequestResponse","AuditId":"a","Stage":"ResponseComplete","RequestUri":"/api","Verb":"create","User":"{\"username\":\"u\"}","SourceIps":["1.2.3.4"],"ObjectRef":{"resource":"pods"},"ResponseStatus":{"code":201},"RequestObject":"skipped-too-big-size-object","ResponseObject":"","PodName":"kube-apiserver-0","StageReceivedTime":"2026-01-02T03:04:05Z"}""");
        Assert.Equal(
            """{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"a","stage":"ResponseComplete","requestURI":"/api","verb":"create","user":{"username":"u"},"sourceIPs":["1.2.3.4"],"objectRef":{"resource":"pods"},"responseStatus":{"code":201},"requestObject":"skipped-too-big-size-object","stageTimestamp":"2026-01-02T03:04:05Z"}""",
            Assert.Single(intake.Events));
    }

    [Theory]
    // response.code before the gRPC status, the gRPC status before what is implied; nothing where nothing tells.
    [InlineData(""" "response":{"kind":"Status","code":409},"status":{"code":10} """, 409, null)]
    [InlineData(""" "status":{"code":7,"message":"no"} """, 403, null)]
    [InlineData(""" "status":{"code":16} """, 401, null)]
    [InlineData(""" "status":{"code":5} """, 404, null)]
    [InlineData(""" "status":{} """, 201, null)]
    [InlineData(""" "status":{"code":0} """, 201, null)]
    [InlineData(""" "authorizationInfo":[{"granted":false}] """, 403, "forbid")]
    [InlineData(""" "authorizationInfo":[{"granted":true}],"status":{} """, 201, "allow")]
    [InlineData(""" "response":{"kind":"Pod"} """, 201, null)]
    [InlineData(""" "authorizationInfo":[{"granted":true}] """, null, "allow")]
    [InlineData(""" "authorizationInfo":[{"permission":"p"}] """, null, null)]
    public void The_code_of_a_GKE_entry_comes_from_what_the_entry_says(string members, int? code, string? decision)
    {
        Intake intake = Intake.Read(
            $$$$"""{"insertId":"i","timestamp":"2026-01-02T03:04:05Z","protoPayload":{"serviceName":"k8s.io","methodName":"io.k8s.core.v1.pods.create","resourceName":"core/v1/namespaces/dev/pods/x",{{{{members}}}}}}""");
        JsonElement item = JsonDocument.Parse(Assert.Single(intake.Events)).RootElement;
        Assert.Equal(code, item.TryGetProperty("responseStatus", out JsonElement status) ? status.GetProperty("code").GetInt32() : null);
        Assert.Equal(decision, item.GetProperty("annotations").TryGetProperty("authorization.k8s.io/decision", out JsonElement annotation) ? annotation.GetString() : null);
    }

    [Theory]
    [InlineData("core/v1/namespaces/dev", "get", "namespaces", "dev", "dev", "", "", "/api/v1/namespaces/dev")]
    [InlineData("core/v1/nodes/n1/proxy/metrics/cadvisor", "get", "nodes", "", "n1", "proxy", "", "/api/v1/nodes/n1/proxy/metrics/cadvisor")]
    [InlineData("rbac.authorization.k8s.io/v1/clusterrolebindings/x", "update", "clusterrolebindings", "", "x", "", "rbac.authorization.k8s.io", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/x")]
    [InlineData("apps/v1/namespaces/dev/deployments", "list", "deployments", "dev", "", "", "apps", "/apis/apps/v1/namespaces/dev/deployments")]
    [InlineData("core/v1/namespaces/dev/pods/p/exec", "create", "pods", "dev", "p", "exec", "", "/api/v1/namespaces/dev/pods/p/exec")]
    public void The_object_of_a_GKE_entry_comes_from_resourceName(
        string resourceName, string verb, string resource, string ns, string name, string subresource, string group, string uri)
    {
        Intake intake = Intake.Read(
            """{"protoPayload":{"serviceName":"k8s.io","methodName":"io.k8s.x.v1.y.VERB","resourceName":"NAME"}}"""
                .Replace("VERB", verb, StringComparison.Ordinal).Replace("NAME", resourceName, StringComparison.Ordinal));
        JsonElement item = JsonDocument.Parse(Assert.Single(intake.Events)).RootElement;
        JsonElement target = item.GetProperty("objectRef");
        string Part(string part) => target.TryGetProperty(part, out JsonElement value) ? value.GetString()! : "";
        Assert.Equal((resource, ns, name, subresource, group), (Part("resource"), Part("namespace"), Part("name"), Part("subresource"), Part("apiGroup")));
        Assert.Equal((verb, uri), (item.GetProperty("verb").GetString(), item.GetProperty("requestURI").GetString()));
    }

    private static string Quote(string text) => JsonSerializer.Serialize(text, JsonContext.Default.String);

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string Gzip(string text)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return Convert.ToBase64String(packed.ToArray());
    }
}
