using System.Text;
using CsCheck;
using Vedette.Audit.Blocks;
using Vedette.Audit.Decoding;
using Vedette.Audit.Events;
using Vedette.Audit.Json;
using Vedette.Tests;
using Xunit;

namespace Vedette.Audit.Tests.Decoding;

public class DecoderTests
{
    private static readonly SimdWidth[] s_widths = Enum.GetValues<SimdWidth>();

    public static TheoryData<string> ThirdPartyFiles =>
    [
        "apiserver/replay/audit-all-rr.log.gz", "apiserver/replay/audit-gce.log.gz", "apiserver/replay/audit-nasty-a.log.gz",
        "apiserver/replay/audit-seed.log.gz", "apiserver/bulk/big-meta.log.gz", "apiserver/bulk/big-rr.log.gz",
        "apiserver/rotated-gz/audit.log", "apiserver/samples-truncated.jsonl", "apiserver/samples-odd-bytes.log",
        "apiserver/webhook/eventlist-0001-100-events.json.gz", "apiserver/webhook/eventlist-default-batch-400-events.json.gz",
        "datasets/aks_real_records.jsonl", "datasets/audit2rbac_demo.jsonl", "datasets/falco_k8s_audit_traces.jsonl",
        "datasets/khi_gke_audit.jsonl", "datasets/panther_k8s_test_events.jsonl",
        "perf/sample-metadata.ndjson.gz", "perf/sample-requestresponse.ndjson.gz", "perf/sample-writes-only.ndjson.gz",
        "platforms/samples/eks/audit-events.jsonl", "platforms/samples/aks/storage-PT1H.json", "platforms/samples/aks/eventhub-real.json",
        "platforms/samples/gke/entries-list.response.json", "falco/synthetic-400.jsonl.gz",
    ];

    [Theory]
    [MemberData(nameof(ThirdPartyFiles))]
    public void Decoder_and_oracle_agree_on_every_line_and_on_every_object_inside(string file)
    {
        int compared = 0;
        byte[] bytes = SharedData.Read(SharedData.Third(file));
        foreach (Range range in bytes.AsSpan().Split((byte)'\n'))
        {
            ReadOnlySpan<byte> line = bytes.AsSpan(range);
            AssertAgree(line);
            // Envelopes: what stands inside them is an event.
            foreach (JsonMember member in new JsonValue(line, JsonKind.Object).Members())
            {
                foreach (JsonValue item in member.Value.Elements())
                {
                    AssertAgree(item.Raw);
                }

                if (member.Value.Kind == JsonKind.Object)
                {
                    AssertAgree(member.Value.Raw);
                }
            }

            compared++;
        }

        AssertAgree(bytes);
        Assert.NotEqual(0, compared);
    }

    [Fact]
    public void Decoder_and_oracle_agree_on_generated_events() =>
        GeneratedJson.Event.Sample(json => AssertAgree(Encoding.UTF8.GetBytes(json)), iter: 20_000);

    [Fact]
    public void Where_the_oracle_accepts_a_damaged_event_the_decoder_gives_the_same_and_it_never_throws() =>
        Gen.Select(GeneratedJson.Event, Gen.Int[0, 10_000], Gen.Byte).Sample(
            (json, place, replacement) =>
            {
                byte[] bytes = Encoding.UTF8.GetBytes(json);
                bytes[place % bytes.Length] = replacement;
                AssertAgree(bytes, strict: false);
                AssertAgree(bytes.AsSpan(0, place % bytes.Length), strict: false);
            },
            iter: 20_000);

    [Fact]
    public void An_event_cut_at_any_byte_is_not_an_event()
    {
        byte[] json = Encoding.UTF8.GetBytes(
            """{"kind":"Event","user":{"username":"a\"b","groups":["x","{"]},"objectRef":{"name":"ü"},"requestObject":{"a":[1,{"b":"]"}]},"annotations":{}}""");
        for (int length = 1; length < json.Length; length++)
        {
            foreach (SimdWidth width in s_widths)
            {
                DecodeStatus status = new EventDecoder(width).Decode(json.AsSpan(0, length), out _);
                Assert.True(status is DecodeStatus.Truncated, $"{length} bytes with {width}: {status}");
            }
        }
    }

    [Theory]
    [InlineData("", DecodeStatus.Empty)]
    [InlineData(" \r\n\t", DecodeStatus.Empty)]
    [InlineData("[]", DecodeStatus.NotAnObject)]
    [InlineData("\"text\"", DecodeStatus.NotAnObject)]
    [InlineData("17", DecodeStatus.NotAnObject)]
    [InlineData("hello", DecodeStatus.Malformed)]
    [InlineData("{}", DecodeStatus.Ok)]
    [InlineData("{} {}", DecodeStatus.Malformed)]
    [InlineData("{}}", DecodeStatus.Malformed)]
    [InlineData("{,}", DecodeStatus.Malformed)]
    [InlineData("{\"a\":1,}", DecodeStatus.Malformed)]
    [InlineData("{\"a\" 1}", DecodeStatus.Malformed)]
    [InlineData("{\"a\":tru}", DecodeStatus.Malformed)]
    [InlineData("{\"a\":01}", DecodeStatus.Malformed)]
    [InlineData("{\"a\":\"b\"\"c\"}", DecodeStatus.Malformed)]
    [InlineData("{\"a\":1", DecodeStatus.Truncated)]
    [InlineData("{\"a\":\"b\\\"}", DecodeStatus.Truncated)]
    [InlineData("{a:1}", DecodeStatus.Malformed)]
    [InlineData("{1:1}", DecodeStatus.Malformed)]
    [InlineData("{\"verb\":\\\"get\"}", DecodeStatus.Malformed)]
    public void What_is_not_one_object_is_named(string text, DecodeStatus expected)
    {
        foreach (SimdWidth width in s_widths)
        {
            Assert.Equal(expected, new EventDecoder(width).Decode(Encoding.UTF8.GetBytes(text), out _));
        }
    }

    [Fact]
    public void Of_duplicate_members_the_last_wins_with_all_that_belongs_to_it()
    {
        EventView view = Decode("""{"verb":"get","user":{"username":"alice","groups":["admins"]},"verb":"delete","user":{"uid":"7"}}""");
        Assert.Equal("delete", view[AuditField.Verb].AsString());
        Assert.False(view[AuditField.UserName].Exists);
        Assert.False(view[AuditField.UserGroups].Exists);
        Assert.Equal("7", view[AuditField.UserUid].AsString());
    }

    [Fact]
    public void A_name_written_with_escapes_is_the_same_name() =>
        Assert.Equal("get", Decode("""{"\u0076er\u0062":"get"}""")[AuditField.Verb].AsString());

    [Fact]
    public void An_empty_user_is_there_and_has_no_name()
    {
        EventView view = Decode("""{"user":{},"stage":"ResponseStarted"}""");
        Assert.Equal(JsonKind.Object, view[AuditField.User].Kind);
        Assert.False(view[AuditField.UserName].Exists);
        Assert.Equal("ResponseStarted", view[AuditField.Stage].AsString());
    }

    [Fact]
    public void Body_text_can_neither_forge_nor_hide_a_field()
    {
        EventView view = Decode(
            """{"verb":"get","requestObject":{"x":"\"},\"verb\":\"create\",\"y\":{\"","verb":"patch","objectRef":{"name":"forged"}},"objectRef":{"name":"real"}}""");
        Assert.Equal("get", view[AuditField.Verb].AsString());
        Assert.Equal("real", view[AuditField.ObjectName].AsString());
    }

    [Theory]
    [InlineData("""{"objectRef.resource":"pods"}""", true)]
    [InlineData("""{"objectRef":{"a.b":1}}""", true)]
    [InlineData("""{"user":[{"username":"a"}]}""", true)]
    [InlineData("""{"annotations":{"authorization":{"k8s":1}}}""", true)]
    [InlineData("""{"annotations":{"authorization.k8s.io/decision":"allow","x.y/z":"1"},"requestObject":{"a.b":1}}""", false)]
    public void Shapes_that_the_catalogue_cannot_tell_are_flagged(string json, bool flagged) =>
        Assert.Equal(flagged, Decode(json).IsIrregular);

    [Fact]
    public void Fields_nobody_asked_for_are_not_located()
    {
        byte[] json = """{"verb":"get","user":{"username":"a","uid":"b"},"stage":"Panic"}"""u8.ToArray();
        EventDecoder decoder = new();
        Assert.Equal(DecodeStatus.Ok, decoder.Decode(json, FieldSet.Of(AuditField.UserUid), out EventView view));
        Assert.Equal("b", view[AuditField.UserUid].AsString());
        Assert.False(view[AuditField.UserName].Exists);
        Assert.False(view[AuditField.User].Exists);
        Assert.False(view[AuditField.Verb].Exists);
    }

    [Fact]
    public void Nesting_of_any_depth_is_stepped_over()
    {
        string deep = "{\"requestObject\":" + string.Concat(Enumerable.Repeat("{\"a\":[", 300_000)) + "1"
            + string.Concat(Enumerable.Repeat("]}", 300_000)) + ",\"verb\":\"get\"}";
        Assert.Equal("get", Decode(deep)[AuditField.Verb].AsString());
    }

    [Fact]
    public void Invalid_UTF8_in_a_body_and_a_long_quoted_audit_id_are_kept()
    {
        byte[] json = [.. "{\"auditID\":\"\\\""u8, .. Enumerable.Repeat((byte)'x', 2_000), .. "\",\"requestObject\":\""u8, 0xff, 0xc0, .. "\",\"verb\":\"patch\"}"u8];
        EventDecoder decoder = new();
        Assert.Equal(DecodeStatus.Ok, decoder.Decode(json, out EventView view));
        Assert.Equal("\"" + new string('x', 2_000), view[AuditField.AuditId].AsString());
        Assert.Equal("patch", view[AuditField.Verb].AsString());
        Assert.Equal([0xff, 0xc0], view[AuditField.RequestObject].Raw.ToArray());
    }

    [Fact]
    public void Decoding_allocates_nothing()
    {
        byte[] json = Encoding.UTF8.GetBytes(
            """{"kind":"Event","verb":"get","user":{"username":"a","groups":["b"]},"requestObject":{"a":[1,2,{"b":"c"}]},"annotations":{"x":"y"}}""");
        EventDecoder decoder = new();
        Assert.Equal(0, Allocations.OnceSettled(() =>
        {
            for (int i = 0; i < 1_000; i++)
            {
                decoder.Decode(json, out _);
            }
        }));
    }

    private static EventView Decode(string json)
    {
        Assert.Equal(DecodeStatus.Ok, new EventDecoder().Decode(Encoding.UTF8.GetBytes(json), out EventView view));
        return view;
    }

    private static void AssertAgree(ReadOnlySpan<byte> json, bool strict = true)
    {
        Dictionary<AuditField, byte[]>? expected = Utf8JsonOracle.Decode(json);
        foreach (SimdWidth width in s_widths)
        {
            DecodeStatus status = new EventDecoder(width).Decode(json, out EventView view);
            if (expected is null)
            {
                Assert.False(strict && status == DecodeStatus.Ok, $"{width} accepts what the oracle refuses: {Encoding.UTF8.GetString(json)}");
                continue;
            }

            Assert.Equal(DecodeStatus.Ok, status);
            foreach (AuditField field in Enum.GetValues<AuditField>())
            {
                JsonRange range = view.RangeOf(field);
                if (!expected.TryGetValue(field, out byte[]? raw))
                {
                    Assert.False(range.Exists, $"{width} finds {field} in {Encoding.UTF8.GetString(json)}");
                    continue;
                }

                ReadOnlySpan<byte> found = range.Kind == JsonKind.String ? json.Slice(range.Start - 1, range.Length + 2) : view[field].Raw;
                Assert.True(raw.AsSpan().SequenceEqual(found), $"{width}, {field}: {Encoding.UTF8.GetString(found)} in {Encoding.UTF8.GetString(json)}");
            }
        }
    }
}
