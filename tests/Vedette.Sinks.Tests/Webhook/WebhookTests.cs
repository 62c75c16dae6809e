using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Vedette.Sinks.Webhook;
using Xunit;

namespace Vedette.Sinks.Tests.Webhook;

public class WebhookTests
{
    [Fact]
    public async Task Without_a_template_findings_are_sent_as_they_are_in_a_list()
    {
        FakeReceiver receiver = new();
        using ISink sink = new SinkFactory(_ => receiver, Stream.Null, TimeProvider.System).Create(Settings.Sink("webhook: {url: 'https://b.example/x?k=v', bearerToken: t0ken, headers: {X-Team: sec}}"));

        Assert.Equal(SinkVerdict.Delivered, (await sink.SendAsync([Findings.One(), Findings.With(Findings.Hostile[0])], TestContext.Current.CancellationToken)).Verdict);

        Assert.Equal("https://b.example/x?k=v", receiver.Last.Url.ToString());
        Assert.Equal("application/json", receiver.Last.Headers["Content-Type"]);
        Assert.Equal("Bearer t0ken", receiver.Last.Headers["Authorization"]);
        Assert.Equal("sec", receiver.Last.Headers["X-Team"]);
        Assert.Equal(Encoding.UTF8.GetString([.. "["u8, .. Findings.One().Json.Span, .. ","u8, .. Findings.With(Findings.Hostile[0]).Json.Span, .. "]"u8]), receiver.Last.Text);
    }

    [Fact]
    public async Task The_signature_is_of_time_and_body()
    {
        FakeReceiver receiver = new();
        FakeTimeProvider time = new(new DateTimeOffset(2026, 11, 25, 0, 0, 0, TimeSpan.Zero));
        using ISink sink = new SinkFactory(_ => receiver, Stream.Null, time).Create(Settings.Sink("webhook: {url: 'https://b.example', hmacSecret: k3y}"));

        await sink.SendAsync([Findings.One()], TestContext.Current.CancellationToken);

        byte[] mac = HMACSHA256.HashData("k3y"u8, [.. Encoding.ASCII.GetBytes($"{time.GetUtcNow().ToUnixTimeSeconds()}."), .. receiver.Last.Body]);
        Assert.Equal($"t=1795564800,v1={Convert.ToHexStringLower(mac)}", receiver.Last.Headers["X-Vedette-Signature"]);
    }

    [Fact]
    public async Task A_template_is_sent_for_each_finding()
    {
        FakeReceiver receiver = new();
        using ISink sink = new SinkFactory(_ => receiver, Stream.Null, TimeProvider.System).Create(Settings.Sink("""
            webhook:
              url: https://b.example
              template: |
                {"text": "{{rule.title}} by {{actor.user}} ({{count}})", "code": {{code}}, "none": {{target.nothing}}, "tags": {{rule.tags}}, "all": {{finding}}, "as text": "{{target}}"}
            """));

        Assert.Equal(1, sink.MaxBatch);
        await sink.SendAsync([Findings.One(user: "a\"b\\c\n")], TestContext.Current.CancellationToken);

        JsonElement sent = receiver.Last.Json;
        Assert.Equal("Pod exec by a\"b\\c\n (1)", sent.GetProperty("text").GetString());
        Assert.Equal(101, sent.GetProperty("code").GetInt32());
        Assert.Equal(JsonValueKind.Null, sent.GetProperty("none").ValueKind);
        Assert.Equal(0, sent.GetProperty("tags").GetArrayLength());
        Assert.Equal("alice"[..0] + "prod-eu", sent.GetProperty("all").GetProperty("cluster").GetString());
        Assert.Equal("pods", Findings.Parse(Encoding.UTF8.GetBytes(sent.GetProperty("as text").GetString()!)).GetProperty("resource").GetString());
    }

    [Fact]
    public void What_a_template_makes_is_JSON_with_the_text_in_its_place_whatever_the_text_is()
    {
        WebhookTemplate template = WebhookTemplate.Parse("""{"m": "<{{message}}>", "u": {{actor.user}}, "x\"": "{{cluster}}"}""", out string? problem)!;
        Assert.Null(problem);

        Gen.OneOf(Gen.String, Gen.Int[0, Findings.Hostile.Length - 1].Select(index => Findings.Hostile[index])).Where(text => IsWhole(text)).Sample(
            text =>
            {
                JsonElement made = Findings.Parse(template.Render(Findings.One(user: text, message: text, cluster: text).Json).Span);
                return made.GetProperty("m").GetString() == $"<{text}>" && made.GetProperty("u").GetString() == text && made.GetProperty("x\"").GetString() == text;
            },
            iter: 300);
    }

    /// <summary>Halves of surrogate pairs are no text; JSON writers replace them.</summary>
    private static bool IsWhole(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) == text;
}
