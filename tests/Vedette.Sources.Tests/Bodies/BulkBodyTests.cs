using System.Buffers;
using System.Text;
using System.Text.Json;
using Vedette.Audit.Batches;
using Vedette.Sources.Elasticsearch;
using Xunit;

namespace Vedette.Sources.Tests.Bodies;

public class BulkBodyTests
{
    private const string Event = """{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"7e4b","stage":"ResponseComplete","requestURI":"/api/v1/pods","verb":"list","user":{"username":"a\u00e9"},"annotations":{"x":"y"}}""";

    private const string Filebeat =
        """ "@timestamp":"2026-11-23T03:57:36.863Z","@metadata":{"beat":"filebeat","version":"8.17.0"},"agent":{"name":"node","type":"filebeat"},"ecs":{"version":"8.0.0"},"host":{"name":"node"},"input":{"type":"filestream"},"log":{"offset":0,"file":{"path":"/var/log/audit.log"}} """;

    [Fact]
    public void An_event_is_found_however_a_shipper_sends_it()
    {
        string text = JsonSerializer.Serialize(Event, TestJson.Default.String);
        foreach (string document in new[]
            {
                Event,
                $$"""{"message":{{text}},{{Filebeat}}}""",
                $$"""{ {{Filebeat}},"json":{{Event}} }""",
                $$"""{ {{Filebeat}},"kubernetes":{"audit":{{Event}},"node":{"name":"n"} } }""",
                $$"""{ {{Filebeat}},{{Event[1..]}}""",
                $$"""{ "@timestamp":"2026-11-23T03:57:36.863Z","log":{{text}} }""",
                $$"""{ "@timestamp":"2026-11-23T03:57:36.863Z","stream":"stdout","log":{{Event}} }""",
                $$"""{ "event":{"original":{{text}} },"message":"" }""",
            })
        {
            string body = $$"""{"create":{"_index":"audit"} }""" + "\n" + document + "\n";
            Assert.Equal(Event + "\n", Read(body, out List<BulkItem> items));
            Assert.Equal(new BulkItem("create", "audit", null, null), Assert.Single(items));
        }
    }

    [Fact]
    public void What_is_no_event_is_given_too_for_its_reader_to_reject() =>
        Assert.Equal("{\"message\":\"hello\"}\n", Read("{\"index\":{}}\r\n{\"message\":\"hello\"}\r\n\r\n", out _));

    [Fact]
    public void Deep_nesting_and_bad_text_are_passed_on_and_cost_no_stack()
    {
        string deep = string.Concat(Enumerable.Repeat("{\"a\":", 200_000)) + "1" + new string('}', 200_000);
        Assert.Equal(deep + "\n", Read("{\"index\":{}}\n" + deep, out _));
        using EventBatch lines = new();
        byte[] body = [.. "{\"index\":{}}\n{\"message\":\"{\\ud800 "u8, 0xff, 0xfe, .. "\"}\n"u8];
        Assert.Null(BulkBody.Read(body, lines, []));
        Assert.True(lines.InputLength > 0);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("{\"index\":{}}")]
    [InlineData("{\"index\":{}}\n\n")]
    [InlineData("{\"index\":1}\n{}")]
    [InlineData("{\"index\":{},\"create\":{}}\n{}")]
    [InlineData("{\"purge\":{}}\n{}")]
    [InlineData("[]\n{}")]
    [InlineData("{\"index\":{}} x\n{}")]
    public void What_is_no_bulk_body_is_refused_as_a_whole(string body)
    {
        using EventBatch lines = new();
        Assert.NotNull(BulkBody.Read(Encoding.UTF8.GetBytes(body), lines, []));
    }

    [Fact]
    public void Nothing_is_changed_or_deleted_and_that_is_answered_for_each_item()
    {
        string lines = Read("{\"delete\":{\"_id\":\"1\"}}\n{\"update\":{\"_id\":\"2\"}}\n{\"doc\":{}}\n{\"index\":{}}\n" + Event, out List<BulkItem> items);
        Assert.Equal(Event + "\n", lines);
        ArrayBufferWriter<byte> answer = new();
        using (Utf8JsonWriter writer = new(answer))
        {
            BulkAnswer.Write(items, "audit", 3, writer);
        }

        using JsonDocument json = JsonDocument.Parse(answer.WrittenMemory);
        Assert.True(json.RootElement.GetProperty("errors").GetBoolean());
        Assert.Equal(
            ["delete 400", "update 400", "index 201"],
            json.RootElement.GetProperty("items").EnumerateArray().Select(item => item.EnumerateObject().Single()).Select(item => $"{item.Name} {item.Value.GetProperty("status").GetInt32()}"));
    }

    [Fact]
    public void Shippers_are_told_what_they_ask_before_they_send()
    {
        (int status, string body) = ElasticsearchProbe.Answer("GET", "");
        Assert.Equal(200, status);
        using JsonDocument root = JsonDocument.Parse(body);
        Assert.Equal("You Know, for Search", root.RootElement.GetProperty("tagline").GetString());
        Assert.Equal(ElasticsearchProbe.Version, root.RootElement.GetProperty("version").GetProperty("number").GetString());
        foreach (string path in new[] { "_license", "_xpack", "_ilm/policy/filebeat", "_index_template/filebeat-8.17.0", "_cluster/health", "audit" })
        {
            (status, body) = ElasticsearchProbe.Answer("GET", path);
            Assert.Equal(200, status);
            JsonDocument.Parse(body).Dispose();
        }

        Assert.Equal((200, ""), ElasticsearchProbe.Answer("HEAD", "_index_template/filebeat"));
        Assert.Equal(404, ElasticsearchProbe.Answer("GET", "_search").Status);
        Assert.Equal(405, ElasticsearchProbe.Answer("DELETE", "audit").Status);
    }

    private static string Read(string body, out List<BulkItem> items)
    {
        using EventBatch lines = new();
        items = [];
        Assert.Null(BulkBody.Read(Encoding.UTF8.GetBytes(body), lines, items));
        return Encoding.UTF8.GetString(lines.Input);
    }
}
