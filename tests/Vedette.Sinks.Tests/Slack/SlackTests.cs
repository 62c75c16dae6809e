using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Vedette.Sinks.Slack;
using Xunit;

namespace Vedette.Sinks.Tests.Slack;

public partial class SlackTests
{
    [Theory]
    [InlineData("a & b", "a &amp; b")]
    [InlineData("<!channel>", "&lt;!channel&gt;")]
    [InlineData("<https://evil.example|kubernetes.io>", "&lt;https://evil.example|kubernetes.io&gt;")]
    [InlineData("&lt;!here&gt;", "&amp;lt;!here&amp;gt;")]
    [InlineData("@channel, @Here and @ALL of @everyone", "\uFF20channel, \uFF20Here and \uFF20ALL of \uFF20everyone")]
    [InlineData("alice@example.com", "alice@example.com")]
    [InlineData("a\u202Eb", @"a\u{202e}b")]
    [InlineData("a\u001b[31mb\u0000", @"a\u{1b}[31mb\u{0}")]
    [InlineData("two\nlines", @"two\u{a}lines")]
    [InlineData("zero\u200Bwidth", @"zero\u{200b}width")]
    [InlineData(@"back\slash", @"back\\slash")]
    public void Text_is_escaped(string text, string expected) => Assert.Equal(expected, SlackText.Escape(text, 300));

    [Fact]
    public void Code_cannot_be_closed_from_within() => Assert.Equal("`a\u02CB *b* \u02CBc`", SlackText.Code("a` *b* `c", 100));

    [Fact]
    public void Long_text_is_cut_where_it_says_so()
    {
        Assert.Equal(new string('a', 299) + "…", SlackText.Escape(new string('a', 1_000_000), 300));
        Assert.Equal(300, SlackText.Escape(new string('a', 300), 300).Length);
    }

    [Fact]
    public async Task A_message_keeps_to_the_limits_and_has_no_markup_of_others()
    {
        FakeReceiver receiver = new(HttpStatusCode.OK, "ok");
        using ISink sink = new SinkFactory(_ => receiver, Stream.Null, TimeProvider.System).Create(Settings.Sink("slack: {url: 'https://hooks.example/services/T0/B0/SECRETSECRET'}"));

        foreach (StoredFinding[] batch in Findings.Hostile.Select(text => Findings.With(text)).Chunk(sink.MaxBatch))
        {
            SinkAnswer answer = await sink.SendAsync(batch, TestContext.Current.CancellationToken);
            Assert.Equal(SinkVerdict.Delivered, answer.Verdict);
            JsonElement message = receiver.Last.Json;
            JsonElement[] blocks = [.. message.GetProperty("blocks").EnumerateArray()];
            Assert.Equal(batch.Length, blocks.Length);
            Assert.InRange(blocks.Length, 1, 50);
            Assert.True(receiver.Last.Sent.Length < 100_000);
            foreach (string text in blocks.Select(block => block.GetProperty("text").GetProperty("text").GetString()!).Append(message.GetProperty("text").GetString()!))
            {
                Assert.InRange(text.Length, 1, 3000);
                Assert.DoesNotMatch(Unescaped(), text);
                Assert.DoesNotContain("@channel", text, StringComparison.OrdinalIgnoreCase);
                Assert.DoesNotContain("@everyone", text, StringComparison.OrdinalIgnoreCase);
                Assert.DoesNotContain(text, character => character != '\n' && char.IsControl(character));
                Assert.DoesNotContain('\u202E', text);
            }

            Assert.All(blocks, block => Assert.True(block.GetProperty("text").GetProperty("verbatim").GetBoolean()));
        }
    }

    [Fact]
    public async Task The_secret_in_the_address_is_not_told()
    {
        FakeReceiver receiver = new(request => new HttpResponseMessage(HttpStatusCode.BadRequest) { Content = new StringContent($"no_such_hook {request.Url.PathAndQuery} SECRETSECRET") });
        using ISink sink = new SinkFactory(_ => receiver, Stream.Null, TimeProvider.System).Create(Settings.Sink("slack: {url: 'https://hooks.example/services/T0/B0/SECRETSECRET'}"));

        SinkAnswer answer = await sink.SendAsync([Findings.One()], TestContext.Current.CancellationToken);

        Assert.Equal(SinkVerdict.Refused, answer.Verdict);
        Assert.Contains("https://hooks.example answered 400: no_such_hook", answer.Problem, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRETSECRET", answer.Problem, StringComparison.Ordinal);
    }

    [GeneratedRegex("[<>]|&(?!(amp|lt|gt);)")]
    private static partial Regex Unescaped();
}
