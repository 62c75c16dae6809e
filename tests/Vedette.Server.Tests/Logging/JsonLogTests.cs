using System.Text;
using System.Text.Json;
using CsCheck;
using Vedette.Server.Logging;
using Xunit;

namespace Vedette.Server.Tests.Logging;

public sealed class JsonLogTests : IDisposable
{
    private readonly MemoryStream _stream = new();
    private readonly Clock _clock = new();
    private readonly JsonLog _log;

    public JsonLogTests() => _log = new JsonLog(_stream, _clock);

    public void Dispose()
    {
        _log.Dispose();
        _stream.Dispose();
    }

    [Fact]
    public void A_line_has_time_level_message_and_its_fields()
    {
        _log.Warning("a source is behind", ("cluster", "prod"), ("bytes", 12L), ("age", TimeSpan.FromSeconds(1.5)), ("first", true), ("none", null), ("cause", new IOException("disk")));
        Assert.Equal(
            """{"ts":"2026-11-25T10:00:00.000Z","level":"warning","msg":"a source is behind","cluster":"prod","bytes":12,"age":1.5,"first":true,"none":null,"cause":"IOException: disk"}""" + "\n",
            Text());
    }

    [Fact]
    public void Any_message_and_field_give_one_line_of_printable_ASCII_that_is_JSON() => Gen.Select(Gen.String, Gen.String, Gen.String).Sample((message, name, value) =>
    {
        MemoryStream stream = new();
        new JsonLog(stream, _clock).Information(message, (name, value));
        byte[] bytes = stream.ToArray();
        Assert.Equal((byte)'\n', bytes[^1]);
        Assert.False(bytes.AsSpan(0, bytes.Length - 1).ContainsAnyExceptInRange((byte)' ', (byte)'~'));
        JsonDocument.Parse(bytes).Dispose();
    });

    [Fact]
    public void Bidi_controls_and_terminal_escapes_are_escaped()
    {
        _log.Error("refused", ("user", "a\u001b[2J\u202e\u0000\nb"));
        Assert.Contains("\"user\":\"a\\u001B[2J\\u202E\\u0000\\nb\"", Text(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("token", "abc", "***")]
    [InlineData("clientSecret", "abc", "***")]
    [InlineData("Authorization", "abc", "***")]
    [InlineData("tokenFile", "/etc/vedette/token", "/etc/vedette/token")]
    [InlineData("error", "401 for Bearer abc.def-ghi", "401 for Bearer ***")]
    [InlineData("error", "bad eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrIn0.c2ln here", "bad *** here")]
    public void Secrets_are_masked(string name, string value, string shown)
    {
        _log.Error("refused", (name, value));
        using JsonDocument line = JsonDocument.Parse(Text());
        Assert.Equal(shown, line.RootElement.GetProperty(name).GetString());
    }

    [Fact]
    public void A_field_cannot_take_the_place_of_what_every_line_has()
    {
        _log.Information("x", ("level", "forged"), ("ts", 1));
        using JsonDocument line = JsonDocument.Parse(Text());
        Assert.Equal("info", line.RootElement.GetProperty("level").GetString());
        Assert.Equal("forged", line.RootElement.GetProperty("level_").GetString());
    }

    [Fact]
    public void Repeats_of_a_message_are_counted_and_told_when_the_minute_is_over()
    {
        for (int i = 0; i < 100; i++)
        {
            _log.Warning("refused", ("number", i));
            _log.Information($"other {i % 2}");
        }

        Assert.Equal(3 * JsonLog.MaxRepeats, Lines().Length);
        _clock.Now += JsonLog.Window;
        _log.Information("later");
        string[] lines = Lines()[(3 * JsonLog.MaxRepeats)..];
        Assert.Equal(["refused 80", "other 0 30", "other 1 30", "later 0"], lines.Select(line =>
        {
            using JsonDocument json = JsonDocument.Parse(line);
            return $"{json.RootElement.GetProperty("msg").GetString()} {(json.RootElement.TryGetProperty("suppressed", out JsonElement count) ? count.GetInt64() : 0)}";
        }));
    }

    [Fact]
    public void What_was_suppressed_is_told_at_the_end()
    {
        for (int i = 0; i <= JsonLog.MaxRepeats; i++)
        {
            _log.Error("again");
        }

        _log.Dispose();
        Assert.Contains("\"msg\":\"again\",\"suppressed\":1}", Lines()[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Ever_new_messages_are_bounded()
    {
        for (int i = 0; i < 10_000; i++)
        {
            _log.Error($"message {i}");
        }

        Assert.Equal(JsonLog.MaxMessages + JsonLog.MaxRepeats, Lines().Length);
    }

    [Fact]
    public void A_long_text_is_cut()
    {
        _log.Error("long", ("text", new string('x', 100_000)));
        Assert.InRange(Text().Length, JsonLog.MaxTextLength, JsonLog.MaxTextLength + 200);
    }

    [Fact]
    public void A_stream_that_is_gone_disturbs_nobody_and_is_counted()
    {
        _stream.Dispose();
        _log.Error("unheard");
        Assert.Equal(1, _log.Lost);
    }

    private string Text() => Encoding.ASCII.GetString(_stream.ToArray());

    private string[] Lines() => Text().Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 11, 25, 10, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
