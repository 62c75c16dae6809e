using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Vedette.Audit.Batches;
using Vedette.Audit.Decoding;
using Vedette.Audit.Events;
using Vedette.Audit.Shapes;
using Vedette.Pipeline.Watching;
using Vedette.Tests;
using Xunit;

namespace Vedette.Pipeline.Tests.Watching;

public class EventMetricsTests
{
    private readonly MetricRegistry _registry = new();
    private readonly EventMetrics _metrics;

    public EventMetricsTests() => _metrics = new EventMetrics(_registry);

    [Fact]
    public void An_event_counts_by_stage_level_verb_and_class_of_code_and_its_request_by_user_resource_and_code()
    {
        const string Event = """{"level":"Request","stage":"ResponseComplete","verb":"create","user":{"username":"alice"},"objectRef":{"resource":"pods","subresource":"exec"},"responseStatus":{"code":101}}""";
        Add(Event);
        string text = Text();
        Assert.Contains("vedette_events_total{cluster=\"prod\",source=\"webhook\",stage=\"ResponseComplete\",level=\"Request\",verb=\"create\",code_class=\"1xx\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("vedette_api_requests_total{cluster=\"prod\",user=\"alice\",verb=\"create\",resource=\"pods/exec\",code=\"101\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains($"vedette_event_bytes_total{{cluster=\"prod\",source=\"webhook\"}} {Event.Length}\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("replay/audit-all-rr.log.gz")]
    [InlineData("replay/audit-gce.log.gz")]
    public void Requests_of_a_real_log_are_those_that_ended_each_once(string log)
    {
        byte[] bytes = SharedData.ReadCase(log);
        HashSet<string> ended = [];
        int events = 0;
        foreach (string line in Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            using JsonDocument json = JsonDocument.Parse(line);
            JsonElement root = json.RootElement;
            string stage = root.GetProperty("stage").GetString()!;
            bool hasUser = root.GetProperty("user").TryGetProperty("username", out _);
            events++;
            if (stage is "ResponseComplete" or "Panic" || (stage == "ResponseStarted" && !hasUser))
            {
                ended.Add($"{root.GetProperty("auditID").GetString()} {root.GetProperty("requestReceivedTimestamp").GetString()}");
            }
        }

        AddAll(bytes);
        Assert.Equal(ended.Count, Sum("vedette_api_requests_total"));
        Assert.Equal(events, Sum("vedette_events_total"));
    }

    [Fact]
    public void A_request_turned_away_before_anybody_is_known_counts_when_it_starts_to_be_answered()
    {
        Add("""{"level":"Metadata","stage":"ResponseStarted","verb":"list","user":{},"objectRef":{"resource":"pods"},"responseStatus":{"code":401}}""");
        Add("""{"level":"Metadata","stage":"ResponseStarted","verb":"watch","user":{"username":"alice"},"objectRef":{"resource":"pods"},"responseStatus":{"code":200}}""");
        Assert.Equal(1, Sum("vedette_api_requests_total"));
        Assert.Contains("vedette_api_requests_total{cluster=\"prod\",user=\"\",verb=\"list\",resource=\"other\",code=\"401\"} 1\n", Text(), StringComparison.Ordinal);
    }

    [Fact]
    public void More_kinds_of_requests_than_are_found_at_once_are_counted_each_by_itself()
    {
        (string User, string Resource, int Code)[] kinds =
        [
            .. from user in Enumerable.Range(0, 90) from resource in Enumerable.Range(0, 10) from code in Enumerable.Range(200, 10) select ($"user-{user}", $"resource-{resource}", code),
        ];
        for (int round = 0; round < 3; round++)
        {
            foreach ((string user, string resource, int code) in round == 1 ? kinds.Reverse() : kinds)
            {
                Add($$$"""{"level":"Metadata","stage":"ResponseComplete","verb":"get","user":{"username":"{{{user}}}"},"objectRef":{"resource":"{{{resource}}}"},"responseStatus":{"code":{{{code}}}}}""");
            }
        }

        string[] lines = [.. Text().Split('\n').Where(line => line.StartsWith("vedette_api_requests_total{", StringComparison.Ordinal))];
        Assert.Equal(kinds.Length, lines.Length);
        Assert.All(lines, line => Assert.EndsWith("} 3", line, StringComparison.Ordinal));
        Assert.Equal(3 * kinds.Length, Sum("vedette_events_total"));
    }

    [Fact]
    public void Made_up_resources_verbs_and_stages_are_other_and_take_no_place()
    {
        for (int i = 0; i < 1_000; i++)
        {
            Add($$$"""{"level":"L{{{i}}}","stage":"ResponseComplete","verb":"verb{{{i}}}","user":{"username":"mallory"},"objectRef":{"resource":"made-up-{{{i}}}"},"responseStatus":{"code":404}}""");
        }

        Add("""{"level":"Metadata","stage":"ResponseComplete","verb":"get","user":{"username":"mallory"},"objectRef":{"resource":"pods"},"responseStatus":{"code":403}}""");
        Add("""{"level":"Metadata","stage":"ResponseComplete","verb":"get","user":{"username":"alice"},"objectRef":{"resource":"pods"},"responseStatus":{"code":200}}""");
        Add("""{"level":"Metadata","stage":"ResponseComplete","verb":"get","user":{"username":"mallory"},"objectRef":{"resource":"pods"},"responseStatus":{"code":403}}""");
        string text = Text();
        Assert.Contains("user=\"mallory\",verb=\"other\",resource=\"other\",code=\"404\"} 1000\n", text, StringComparison.Ordinal);
        Assert.Contains("user=\"mallory\",verb=\"get\",resource=\"other\",code=\"403\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("user=\"mallory\",verb=\"get\",resource=\"pods\",code=\"403\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("level=\"other\",verb=\"other\",code_class=\"4xx\"} 1000\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Made_up_names_leave_what_is_usual_as_quick_as_before()
    {
        for (int i = 0; i < 2 * EventMetrics.MaxRemembered; i++)
        {
            Add($$$"""{"level":"Metadata","stage":"RequestReceived","verb":"get","user":{"username":"mallory"},"objectRef":{"resource":"made-up-{{{i}}}"}}""");
            Add($$$"""{"level":"Metadata","stage":"ResponseComplete","verb":"made-up-{{{i}}}","user":{"username":"system:anonymous"},"responseStatus":{"code":403}}""");
        }

        byte[] usual = Encoding.UTF8.GetBytes(OfUser("alice"));
        EventDecoder decoder = new();
        Assert.Equal(0, Allocations.OnceSettled(() =>
        {
            decoder.Decode(usual, out EventView view);
            long before = GC.GetAllocatedBytesForCurrentThread();
            _metrics.Add(view, "prod", "webhook");
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }));
    }

    [Fact]
    public void Users_beyond_the_bound_of_a_cluster_are_other_and_other_clusters_have_their_own()
    {
        for (int i = 0; i < EventMetrics.MaxUsers + 5; i++)
        {
            Add(OfUser($"user{i}"));
            Add(OfUser($"system:node:node-{i}"));
        }

        Add(OfUser("late"), "test");
        string text = Text();
        Assert.Contains("{cluster=\"prod\",user=\"other\",verb=\"get\",resource=\"pods\",code=\"200\"} 5\n", text, StringComparison.Ordinal);
        Assert.Contains("{cluster=\"prod\",user=\"system:nodes\",verb=\"get\",resource=\"pods\",code=\"200\"} 105\n", text, StringComparison.Ordinal);
        Assert.Contains("{cluster=\"test\",user=\"late\",verb=\"get\",resource=\"pods\",code=\"200\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("vedette_metrics_dropped_label_values_total{metric=\"vedette_api_requests_total\"} 5\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Escaped_long_and_broken_texts_are_counted_without_harm()
    {
        Add(OfUser(@"a\u001b\""b"));
        Add(OfUser(new string('ü', 4_000)));
        Add("""{"stage":7,"level":null,"verb":{},"user":{"username":["x"]},"responseStatus":{"code":99999999999999999999}}""");
        string text = Text();
        Assert.Contains("user=\"a\ufffd\\\"b\"", text, StringComparison.Ordinal);
        Assert.Contains("stage=\"other\",level=\"other\",verb=\"\",code_class=\"none\"} 1\n", text, StringComparison.Ordinal);
        Assert.Equal(3, Sum("vedette_events_total"));
    }

    [Fact]
    public void The_fields_it_asks_for_are_enough()
    {
        byte[] bytes = SharedData.ReadCase("replay/audit-gce.log.gz");
        AddAll(bytes);
        MetricRegistry registry = new();
        EventMetrics few = new(registry);
        EventDecoder decoder = new();
        foreach (string line in Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            Assert.Equal(DecodeStatus.Ok, decoder.Decode(Encoding.UTF8.GetBytes(line), EventMetrics.Fields, out EventView view));
            few.Add(view, "prod", "webhook");
        }

        Assert.Equal(Samples(_registry, "vedette_api_requests_total"), Samples(registry, "vedette_api_requests_total"));
        Assert.Equal(Samples(_registry, "vedette_events_total"), Samples(registry, "vedette_events_total"));
    }

    [Fact]
    public void A_real_log_that_was_seen_before_allocates_nothing()
    {
        byte[] bytes = SharedData.ReadCase("replay/audit-all-rr.log.gz");
        using EventBatch batch = new(bytes.Length);
        batch.Append(bytes);
        AuditLogReader reader = new("log", new RejectLog());
        int passes = 0;
        long allocated = Allocations.OnceSettled(() =>
        {
            passes++;
            batch.Reset(0);
            reader.Begin(batch, isFinal: false);
            long counting = 0;
            while (reader.TryRead(out EventView view))
            {
                // A resource that no request succeeded on is looked up by text.
                bool failed = !view[AuditField.ResponseCode].TryGetInt64(out long code) || code >= 400;
                long before = GC.GetAllocatedBytesForCurrentThread();
                _metrics.Add(view, "prod", "webhook");
                counting += failed ? 0 : GC.GetAllocatedBytesForCurrentThread() - before;
            }

            return counting;
        });

        Assert.Equal(0, allocated);
        Assert.Equal(passes * batch.Count, Sum("vedette_events_total"));
    }

    private static string OfUser(string name) =>
        $$$"""{"level":"Metadata","stage":"ResponseComplete","verb":"get","user":{"username":"{{{name}}}"},"objectRef":{"resource":"pods"},"responseStatus":{"code":200}}""";

    private static string[] Samples(MetricRegistry registry, string metric)
    {
        ArrayBufferWriter<byte> text = new();
        registry.Write(text, MetricFormat.Prometheus);
        return [.. Encoding.UTF8.GetString(text.WrittenSpan).Split('\n').Where(line => line.StartsWith($"{metric}{{", StringComparison.Ordinal))];
    }

    private static long Value(string sample) => long.Parse(sample[(sample.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture);

    private void Add(string json, string cluster = "prod")
    {
        Assert.Equal(DecodeStatus.Ok, new EventDecoder().Decode(Encoding.UTF8.GetBytes(json), out EventView view));
        _metrics.Add(view, cluster, "webhook");
    }

    private void AddAll(byte[] log)
    {
        foreach (string line in Encoding.UTF8.GetString(log).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            Add(line);
        }
    }

    private long Sum(string metric) => Samples(_registry, metric).Sum(Value);

    private string Text()
    {
        ArrayBufferWriter<byte> text = new();
        _registry.Write(text, MetricFormat.Prometheus);
        return Encoding.UTF8.GetString(text.WrittenSpan);
    }
}
