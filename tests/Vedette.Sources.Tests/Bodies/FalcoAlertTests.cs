using System.Buffers;
using System.Text;
using System.Text.Json;
using Vedette.Sources.Falco;
using Vedette.Tests;
using Xunit;

namespace Vedette.Sources.Tests.Bodies;

public class FalcoAlertTests
{
    [Fact]
    public void The_same_alert_has_the_same_id_by_Falco_and_by_falcosidekick()
    {
        FalcoAlert direct = Assert.Single(Read(SharedData.ReadCase("senders/falco-http-output.json")));
        FalcoAlert passedOn = Assert.Single(Read(SharedData.ReadCase("senders/falcosidekick.json")));
        Assert.Equal(direct.Id, passedOn.Id);
        Assert.Equal(32, direct.Id.Length);
        Assert.NotEqual(direct.Id, (direct with { Time = "2023-01-05T16:31:56.746609047Z" }).Id);
    }

    [Fact]
    public void An_alert_is_a_finding_under_Falco_s_own_name()
    {
        using JsonDocument finding = Finding(Assert.Single(Read(SharedData.ReadCase("senders/falco-http-output.json"))));
        JsonElement root = finding.RootElement;
        Assert.Equal("Terminal shell in container", root.GetProperty("rule").GetProperty("title").GetString());
        Assert.Equal("low", root.GetProperty("rule").GetProperty("level").GetString());
        Assert.Equal("falco", root.GetProperty("rule").GetProperty("dialect").GetString());
        Assert.Equal("2023-01-05T16:31:56.746609Z", root.GetProperty("time").GetString());
        Assert.Equal("shop", root.GetProperty("target").GetProperty("namespace").GetString());
        Assert.Equal("web-5c6d", root.GetProperty("target").GetProperty("name").GetString());
        Assert.Equal("", root.GetProperty("actor").GetProperty("user").GetString());
        Assert.Equal("Notice", root.GetProperty("falco").GetProperty("priority").GetString());
        Assert.Equal("1672936316746609046", root.GetProperty("falco").GetProperty("outputFields").GetProperty("evt.time").GetString());
        Assert.StartsWith("16:31:56.746609046: Notice A shell", root.GetProperty("message").GetString());
    }

    [Fact]
    public void Of_an_audit_event_the_user_is_the_actor()
    {
        using JsonDocument finding = Finding(Assert.Single(Read(Encoding.UTF8.GetBytes(
            """{"rule":"Create Privileged Pod","priority":"Warning","time":"2026-11-23T03:57:36Z","source":"k8s_audit","output_fields":{"ka.user.name":"eve","ka.verb":"create","ka.target.resource":"pods","ka.target.namespace":"<NA>","ka.target.name":"x"}}"""))));
        Assert.Equal("eve", finding.RootElement.GetProperty("actor").GetProperty("user").GetString());
        Assert.Equal("create", finding.RootElement.GetProperty("verb").GetString());
        Assert.Equal("medium", finding.RootElement.GetProperty("rule").GetProperty("level").GetString());
        Assert.Equal(JsonValueKind.Null, finding.RootElement.GetProperty("target").GetProperty("namespace").ValueKind);
    }

    [Fact]
    public void What_looks_secret_in_an_alert_is_masked()
    {
        FalcoAlert alert = Assert.Single(Read(Encoding.UTF8.GetBytes(
            """{"rule":"r","priority":"Debug","time":"t","output":"curl -H Authorization: Bearer abcdef123456","output_fields":{"proc.cmdline":"curl -H Bearer abcdef123456"}}""")));
        ArrayBufferWriter<byte> json = new();
        alert.WriteFinding("prod", json);
        Assert.DoesNotContain("abcdef123456", Encoding.UTF8.GetString(json.WrittenSpan));
    }

    [Fact]
    public void Lists_and_lines_of_alerts_are_read()
    {
        const string one = """{"rule":"r","priority":"Debug","time":"t"}""";
        Assert.Equal(2, Read(Encoding.UTF8.GetBytes($"[{one},{one}]")).Count);
        Assert.Equal(3, Read(Encoding.UTF8.GetBytes($"{one}\n{one}\n{one}\n")).Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("16:31:56.746609046: Notice A shell was spawned")]
    [InlineData("{\"rule\":\"r\"}")]
    [InlineData("{\"rule\":\"r\",\"priority\":1,\"time\":\"t\"}")]
    [InlineData("[[{\"rule\":\"r\"}]]")]
    [InlineData("{\"rule\":\"\\ud800\",\"priority\":\"x\",\"time\":\"t\"}")]
    public void What_is_no_alert_is_told(string body) => Assert.NotNull(FalcoAlert.Read(Encoding.UTF8.GetBytes(body), []));

    [Fact]
    public void Deep_nesting_and_bad_text_are_told()
    {
        Assert.NotNull(FalcoAlert.Read(Encoding.UTF8.GetBytes(new string('[', 100_000)), []));
        Assert.NotNull(FalcoAlert.Read([.. "{\"rule\":\""u8, 0xff, .. "\",\"priority\":\"x\",\"time\":\"t\"}"u8], []));
    }

    private static List<FalcoAlert> Read(byte[] body)
    {
        List<FalcoAlert> alerts = [];
        Assert.Null(FalcoAlert.Read(body, alerts));
        return alerts;
    }

    private static JsonDocument Finding(FalcoAlert alert)
    {
        ArrayBufferWriter<byte> json = new();
        alert.WriteFinding("prod", json);
        return JsonDocument.Parse(json.WrittenMemory);
    }
}
