using System.Text;
using System.Text.Json;
using CsCheck;
using Vedette.Audit.Batches;
using Vedette.Audit.Blocks;
using Vedette.Audit.Decoding;
using Vedette.Audit.Events;
using Vedette.Audit.Json;
using Vedette.Audit.Shapes;
using Vedette.Tests;
using Xunit;

namespace Vedette.Audit.Tests.Decoding;

/// <summary>The template and the walker are two ways to one answer; the walker's own answers are held against the oracle in <see cref="DecoderTests"/>.</summary>
public class TemplateTests
{
    private static readonly string s_complete =
        """
        {"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"\"}{\"kind\":\"Event\"","stage":"ResponseComplete","requestURI":"/api/v1/x?a=1\u0026b=2","verb":"create",
        "user":{"username":"system:serviceaccount:kube-system:x","uid":"7","groups":["a","b]"],"extra":{"k":["v}"]}},"impersonatedUser":{"username":"root"},"authenticationMetadata":{"impersonationConstraint":"c"},
        "sourceIPs":["10.0.0.1","::1"],"userAgent":"kubectl/v1 \"q\"","objectRef":{"resource":"pods","namespace":"n","name":"m","apiVersion":"v1"},"responseStatus":{"metadata":{},"status":"Failure","message":"no \"x\"","reason":"NotFound","details":{"name":"m","kind":"pods","retryAfterSeconds":3},"code":404},
        "requestObject":{"a":{"b":["}",{}]},"responseObject":{"x":1}},"responseObject":{"requestReceivedTimestamp":"","stageTimestamp":""},"requestReceivedTimestamp":"2026-11-23T04:12:56.156847Z","stageTimestamp":"2026-11-23T04:12:56.156847Z","annotations":{"a.b/c":"d","authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":"r"}}
        """.ReplaceLineEndings("");

    // Samples are taken on several threads, and a decoder is one thread's.
    private static readonly ThreadLocal<(EventDecoder Template, EventDecoder Walker)[]> s_decoders =
        new(() => [.. Enum.GetValues<SimdWidth>().Select(width => (new EventDecoder(width), new EventDecoder(width)))]);

    public static TheoryData<string> LogsOfTheServer =>
    [
        "apiserver/replay/audit-all-rr.log.gz", "apiserver/replay/audit-gce.log.gz", "apiserver/replay/audit-nasty-a.log.gz", "apiserver/replay/audit-seed.log.gz",
        "apiserver/bulk/big-meta.log.gz", "apiserver/bulk/big-rr.log.gz", "apiserver/rotated-gz/audit.log",
        "perf/sample-metadata.ndjson.gz", "perf/sample-requestresponse.ndjson.gz", "perf/sample-writes-only.ndjson.gz",
    ];

    [Theory]
    [MemberData(nameof(LogsOfTheServer))]
    public void Every_event_that_the_server_wrote_fits_and_the_walker_agrees(string file)
    {
        byte[] bytes = SharedData.Read(SharedData.Third(file));
        int events = 0;
        foreach (Range range in bytes.AsSpan().Split((byte)'\n'))
        {
            ReadOnlySpan<byte> line = bytes.AsSpan(range);
            if (!line.IsEmpty && line[^1] == '}')
            {
                Assert.True(AssertSame(line, FieldSet.All), Encoding.UTF8.GetString(line));
                events++;
            }
        }

        Assert.NotEqual(0, events);
    }

    [Fact]
    public void Items_of_a_webhooks_list_fit()
    {
        JsonValue list = new(SharedData.ReadCase("apiserver/eventlist-100.json.gz"), JsonKind.Object);
        foreach (JsonValue item in list.Member("items"u8).Elements())
        {
            Assert.True(AssertSame(item.Raw, FieldSet.All), item.AsString());
        }
    }

    [Fact]
    public void An_event_with_every_member_fits() => Assert.True(AssertSame(Encoding.UTF8.GetBytes(s_complete), FieldSet.All));

    [Fact]
    public void Whatever_a_client_chooses_neither_hides_nor_forges_a_field() =>
        GeneratedEvent.Written.Sample(
            json =>
            {
                byte[] bytes = Encoding.UTF8.GetBytes(json);
                AssertSame(bytes, FieldSet.All);
                AssertIsOracles(bytes);
            },
            iter: 2_000);

    [Fact]
    public void Where_something_is_not_as_expected_the_answer_is_the_walkers() =>
        GeneratedEvent.Nearly.Sample(
            json =>
            {
                byte[] bytes = Encoding.UTF8.GetBytes(json);
                AssertSame(bytes, FieldSet.All);
                AssertIsOracles(bytes);
            },
            iter: 2_000);

    [Fact]
    public void Whatever_fields_are_asked_for_the_answer_is_the_walkers() =>
        Gen.Select(Gen.OneOf(GeneratedEvent.Written, GeneratedEvent.Nearly), Gen.Int[0, FieldCatalogue.Count - 1].Array[0, 6]).Sample(
            (json, fields) =>
            {
                AssertSame(Encoding.UTF8.GetBytes(json), FieldSet.Of([.. fields.Select(field => (AuditField)field)]));
            },
            iter: 2_000);

    [Theory]
    [InlineData("user", AuditField.User, """{"username":"a"-"uid":"b"}""")]
    [InlineData("impersonatedUser", AuditField.ImpersonatedUser, """{"username"}""")]
    [InlineData("objectRef", AuditField.ObjectRef, """{"resource":"pods","a.b":1}""")]
    [InlineData("responseStatus", AuditField.ResponseStatus, """{"metadata":{},"code":04}""")]
    [InlineData("responseStatus", AuditField.ResponseDetails, """{"metadata":{},"details":{"group":"batch"-"kind":"cronjobs"}}""")]
    [InlineData("annotations", AuditField.Annotations, """{"a":"b"x}""")]
    public void An_object_that_is_asked_for_is_read_inside_as_the_walker_reads_it(string name, AuditField field, string written)
    {
        using JsonDocument complete = JsonDocument.Parse(s_complete);
        string json = s_complete.Replace($"\"{name}\":{complete.RootElement.GetProperty(name).GetRawText()}", $"\"{name}\":{written}", StringComparison.Ordinal);
        Assert.Contains(written, json, StringComparison.Ordinal);
        AssertSame(Encoding.UTF8.GetBytes(json), FieldSet.Of(field));
        AssertSame(Encoding.UTF8.GetBytes(json), FieldSet.All);
    }

    [Fact]
    public void Cut_at_any_byte_or_with_any_byte_replaced_the_answer_is_the_walkers()
    {
        byte[] whole = Encoding.UTF8.GetBytes(s_complete);
        for (int i = 0; i < whole.Length; i++)
        {
            Assert.False(AssertSame(whole.AsSpan(0, i), FieldSet.All), $"the first {i} bytes are taken for an event");
            foreach (byte other in "\"\\{}[],:0x \n"u8)
            {
                byte[] changed = [.. whole];
                changed[i] = other;
                AssertSame(changed, FieldSet.All);
                AssertSame([.. whole[..i], other, .. whole[i..]], FieldSet.All);
            }

            AssertSame([.. whole[..i], .. whole[(i + 1)..]], FieldSet.All);
        }
    }

    [Fact]
    public void A_line_cut_short_and_gone_on_with_another_event_is_not_one_event()
    {
        byte[] whole = Encoding.UTF8.GetBytes(s_complete);
        for (int i = 1; i < whole.Length; i++)
        {
            byte[] torn = [.. whole[..i], .. whole];
            foreach ((EventDecoder template, _) in s_decoders.Value!)
            {
                Assert.False(template.TryTemplate(torn, FieldSet.All, out _), $"torn after {i} bytes");
            }

            AssertSame(torn, FieldSet.All);
        }
    }

    [Fact]
    public void A_line_is_taken_only_with_its_end_and_with_no_other_line_end_inside()
    {
        byte[] whole = Encoding.UTF8.GetBytes(s_complete);
        EventDecoder decoder = new();
        Assert.True(decoder.TryDecodeLine([.. whole, .. " \r\n{"u8], isFinal: false, FieldSet.All, out EventView view, out _));
        Assert.Equal(whole, view.Json.ToArray());
        Assert.True(decoder.TryDecodeLine(whole, isFinal: true, FieldSet.All, out _, out _));
        Assert.False(decoder.TryDecodeLine(whole, isFinal: false, FieldSet.All, out _, out _));
        Assert.False(decoder.TryDecodeLine([.. whole, .. ",\n"u8], isFinal: true, FieldSet.All, out _, out _));
        Assert.False(decoder.TryDecodeLine([.. whole, .. whole, .. "\n"u8], isFinal: true, FieldSet.All, out _, out _));
        Assert.False(decoder.TryDecodeLine(
            [.. Encoding.UTF8.GetBytes(s_complete.Replace("RequestResponse\"", "Request\nResponse\"", StringComparison.Ordinal)), .. "\n"u8], isFinal: true, FieldSet.All, out _, out _));
    }

    [Fact]
    public void Reading_a_log_allocates_nothing_for_an_event()
    {
        byte[] log = SharedData.ReadCase("replay/audit-all-rr.log.gz");
        using EventBatch batch = new(log.Length);
        batch.Append(log);
        RejectLog rejects = new();
        int events = 0;
        long allocated = Allocations.OnceSettled(() =>
        {
            AuditLogReader reader = new("log", rejects);
            long before = GC.GetAllocatedBytesForCurrentThread();
            reader.Begin(batch, isFinal: true);
            while (reader.TryRead(out _))
            {
                events++;
            }

            long reading = GC.GetAllocatedBytesForCurrentThread() - before;
            batch.Reset(0);
            return reading;
        });

        Assert.NotEqual(0, events);
        Assert.Equal(0, allocated);
    }

    /// <summary>When the template takes it the walker does so with the same answer.</summary>
    /// <returns>Did it take it?</returns>
    private static bool AssertSame(ReadOnlySpan<byte> json, FieldSet wanted)
    {
        bool? taken = null;
        foreach ((EventDecoder template, EventDecoder walker) in s_decoders.Value!)
        {
            bool fits = template.TryTemplate(json, wanted, out EventView fast);
            Assert.True(taken is null || taken == fits, $"the widths differ on {Encoding.UTF8.GetString(json)}");
            taken = fits;
            if (!fits)
            {
                continue;
            }

            Assert.Equal(DecodeStatus.Ok, walker.Walk(json, wanted, out EventView slow));
            Assert.Equal(slow.IsIrregular, fast.IsIrregular);
            foreach (AuditField field in Enum.GetValues<AuditField>())
            {
                Assert.True(
                    slow.RangeOf(field) == fast.RangeOf(field), $"{field}: template {fast.RangeOf(field)}, walker {slow.RangeOf(field)} in {Encoding.UTF8.GetString(json)}");
            }
        }

        return taken!.Value;
    }

    private static void AssertIsOracles(ReadOnlySpan<byte> json)
    {
        Dictionary<AuditField, byte[]>? expected = Utf8JsonOracle.Decode(json);
        DecodeStatus status = new EventDecoder().Decode(json, out EventView view);
        Assert.Equal(expected is not null, status == DecodeStatus.Ok);
        foreach (AuditField field in expected is null ? [] : Enum.GetValues<AuditField>())
        {
            JsonRange range = view.RangeOf(field);
            ReadOnlySpan<byte> found = range.Kind == JsonKind.String ? json.Slice(range.Start - 1, range.Length + 2) : view[field].Raw;
            Assert.True(found.SequenceEqual(expected!.GetValueOrDefault(field)), $"{field}: {Encoding.UTF8.GetString(found)} in {Encoding.UTF8.GetString(json)}");
        }
    }
}
