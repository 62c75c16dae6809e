using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using CsCheck;
using Vedette.Audit.Decoding;
using Vedette.Audit.Events;
using Vedette.Audit.Redaction;
using Xunit;

namespace Vedette.Audit.Tests.Redaction;

public partial class RedactionPropertyTests
{
    private static readonly byte[] s_key = [.. Enumerable.Range(0, Redactor.KeyLength).Select(i => (byte)i)];

    [Fact]
    public void No_secret_survives_in_any_spelling_and_nothing_else_changes() => Gen.Int.Sample(
        seed =>
        {
            Random random = new(seed);
            Spelling spelling = new(random);
            spelling.Value(new SecretBodies(random).Event());
            string before = spelling.Text;
            string after = Redact(before);
            AssertRedacted(spelling.Pieces, after);
            Assert.Equal(JsonValueKind.Object, JsonDocument.Parse(after, new JsonDocumentOptions { MaxDepth = 500 }).RootElement.ValueKind);
            Assert.Equal(WithoutSecrets(before), WithoutSecrets(after));
        },
        iter: 5_000);

    [Fact]
    public void An_event_that_is_cut_or_altered_anywhere_is_redacted_or_no_event_any_more() => Gen.Int.Sample(
        seed =>
        {
            Random random = new(seed);
            Spelling spelling = new(random);
            spelling.Value(new SecretBodies(random).Event());
            byte[] json = Encoding.UTF8.GetBytes(spelling.Text);
            json[random.Next(json.Length)] = (byte)random.Next(256);
            EventDecoder decoder = new();
            if (decoder.Decode(json, out EventView view) == DecodeStatus.Ok)
            {
                // Whatever it is now: it does not throw, and what is an event stays one.
                ArrayBufferWriter<byte> written = new();
                new Redactor(s_key).Redact(view, written);
                Assert.Equal(DecodeStatus.Ok, new EventDecoder().Decode(written.WrittenSpan, out _));
            }
        },
        iter: 3_000);

    private static void AssertRedacted(IReadOnlyList<Spelling.Piece> pieces, string after)
    {
        Dictionary<string, string> marks = new(StringComparer.Ordinal);
        int at = 0;
        foreach (Spelling.Piece piece in pieces)
        {
            if (piece.Secret is null)
            {
                Assert.Equal(piece.Text, after.Substring(at, Math.Min(piece.Text.Length, after.Length - at)));
                at += piece.Text.Length;
                continue;
            }

            string quote = piece.Quotes == 0 ? "" : new string('\\', (1 << (piece.Quotes - 1)) - 1) + '"';
            Match mark = Marker().Match(after, at + quote.Length);
            Assert.True(mark.Success && mark.Index == at + quote.Length, $"not redacted: {piece} in {after}");
            Assert.Equal(quote, after.Substring(at, quote.Length));
            Assert.Equal(quote, after.Substring(mark.Index + mark.Length, quote.Length));
            at = mark.Index + mark.Length + quote.Length;
            // Equal secrets look equal, others do not.
            Assert.True(!marks.TryGetValue(piece.Secret, out string? known) || known == mark.Value, $"looks different: {piece}");
            marks[piece.Secret] = mark.Value;
        }

        Assert.Equal(after.Length, at);
        Assert.Equal(marks.Count, marks.Values.Distinct(StringComparer.Ordinal).Count());
    }

    private static string Redact(string json)
    {
        Assert.Equal(DecodeStatus.Ok, new EventDecoder().Decode(Encoding.UTF8.GetBytes(json), out EventView view));
        ArrayBufferWriter<byte> written = new();
        new Redactor(s_key).Redact(view, written);
        return Encoding.UTF8.GetString(written.WrittenSpan);
    }

    private static string WithoutSecrets(string json)
    {
        Assert.Equal(DecodeStatus.Ok, new EventDecoder().Decode(Encoding.UTF8.GetBytes(json), out EventView view));
        ArrayBufferWriter<byte> written = new();
        return Redactor.TryWithoutSecrets(view, written) ? Encoding.UTF8.GetString(written.WrittenSpan) : json;
    }

    [GeneratedRegex("redacted:v1:[0-9a-f]{32}")]
    private static partial Regex Marker();
}
