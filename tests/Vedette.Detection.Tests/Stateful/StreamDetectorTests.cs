using System.Buffers;
using System.Collections.Immutable;
using CsCheck;
using Vedette.Audit.Decoding;
using Vedette.Audit.Events;
using Vedette.Detection.Engine;
using Vedette.Detection.Findings;
using Vedette.Detection.Stateful;
using Xunit;

namespace Vedette.Detection.Tests.Stateful;

/// <summary>Events as they come, against the same events as a log.</summary>
public class StreamDetectorTests
{
    private const string Rules = Log.Bases + """
        title: new
        vedette: {new_terms: {fields: [g], peers: [g]}}
        logsource: {product: kubernetes, service: audit}
        detection: {sel: {kind: a}, condition: sel}
        ---
        title: new again
        vedette: {new_terms: {fields: [g, verb], window: 40s, peers: [g]}}
        logsource: {product: kubernetes, service: audit}
        detection: {sel: {kind: [a, d]}, condition: sel}
        ---
        title: fold
        vedette: {suppress: {by: [g], for: 1m}}
        logsource: {product: kubernetes, service: audit}
        detection: {sel: {kind: a}, condition: sel}
        ---
        title: many
        name: many
        correlation: {type: event_count, rules: [a, b], group-by: [g], timespan: 30s, condition: {gte: 2}}
        ---
        title: ordered
        correlation: {type: temporal_ordered, rules: [a, b], group-by: [g], timespan: 1m}
        ---
        title: without
        correlation: {type: temporal, group-by: [g], timespan: 30s, condition: a and not b}
        """;

    private static readonly CompiledRules s_rules = Log.Rules(Rules);
    private static readonly TimeSpan s_lateness = TimeSpan.FromSeconds(20);

    private static readonly Gen<Item[]> s_log = Gen.Select(Gen.Int[0, 3], Gen.Int[0, 2], Gen.Int[0, 15], Gen.Int[0, 18],
        (kind, group, step, delay) => new Item("abcd"[kind], group, step, delay)).Array[1, 40];

    [Fact]
    public void Findings_are_those_of_the_same_events_as_a_log_also_when_the_state_is_saved_and_taken_up_anywhere() => Gen.Select(s_log, Gen.Int[0, 40], Gen.Int[0, 40]).Sample(
        (items, first, second) => Assert.Equal(AsLog(items), AsStream(items, [first, second])),
        iter: 2_000);

    [Fact]
    public void A_later_stage_of_a_request_completes_its_finding_and_is_no_other()
    {
        StreamDetector detector = new(Log.Rules("title: b\nlogsource: {product: kubernetes, service: audit}\ndetection: {sel: {kind: b}, condition: sel}"), "c");
        string request = "\"kind\":\"b\",\"auditID\":\"1\",\"requestReceivedTimestamp\":\"2026-01-01T00:00:00.000000Z\",\"verb\":\"get\",\"user\":{\"username\":\"u\"}";
        Add(detector, Log.Event(1, request + ",\"stage\":\"ResponseStarted\""), 1, 0);
        ToldFinding started = Assert.Single(detector.Take());
        Add(detector, Log.Event(2, request + ",\"stage\":\"ResponseComplete\",\"responseStatus\":{\"code\":200}"), 2, 1);
        ToldFinding complete = Assert.Single(detector.Take());
        Assert.Equal((ToldOccasion.Event, ToldOccasion.Update), (started.Occasion, complete.Occasion));
        Assert.Equal(started.Finding.Id, complete.Finding.Id);
        Assert.Equal(200, complete.Finding.Code);
        Assert.Equal(["ResponseStarted", "ResponseComplete"], complete.Finding.Events.Select(item => item.Stage));
        Add(detector, Log.Event(2, request + ",\"stage\":\"ResponseComplete\",\"responseStatus\":{\"code\":200}"), 3, 2);
        Assert.Empty(detector.Take());
    }

    [Fact]
    public void A_window_closes_by_the_clock_when_nothing_comes()
    {
        StreamDetector detector = new(s_rules, "c", new EventOrderOptions { Lateness = s_lateness });
        Add(detector, Log.Event(0, "\"kind\":\"a\",\"g\":\"x\""), 0, 0);
        detector.Take();
        detector.Advance(Log.Start + TimeSpan.FromSeconds(50) + s_lateness + TimeSpan.FromMilliseconds(1));
        Assert.Contains(detector.Take(), told => told.Finding.Rule.Title == "without");
    }

    private static string[] AsLog(Item[] items)
    {
        LogDetector log = new(s_rules, "c");
        (string Json, double Arrival)[] events = Events(items);
        foreach ((string json, _) in events)
        {
            log.Add(Detection.Tests.Events.Decode(json));
        }

        return [.. log.Complete().Select(Text).Order(StringComparer.Ordinal)];
    }

    private static string[] AsStream(Item[] items, int[] saves)
    {
        StreamDetector detector = New();
        Dictionary<string, Finding> found = new(StringComparer.Ordinal);
        (string Json, double Arrival)[] events = Events(items);
        for (int i = 0; i < events.Length; i++)
        {
            Add(detector, events[i].Json, events[i].Arrival, i);
            Take(detector, found);
            if (saves.Contains(i))
            {
                detector = Restart(detector, events);
            }
        }

        detector.Advance(Log.Start + TimeSpan.FromHours(10));
        Take(detector, found);
        return [.. found.Values.Select(Text).Order(StringComparer.Ordinal)];
    }

    private static StreamDetector Restart(StreamDetector detector, (string Json, double Arrival)[] events)
    {
        ArrayBufferWriter<byte> state = new();
        detector.Save(state);
        StreamDetector next = New();
        SortedSet<long> held = next.Load(state.WrittenSpan);
        EventDecoder decoder = new();
        foreach (long sequence in held)
        {
            decoder.Decode(System.Text.Encoding.UTF8.GetBytes(events[sequence].Json), out EventView view);
            next.AddHeld(view, "s", Log.Start + TimeSpan.FromSeconds(events[sequence].Arrival), sequence);
        }

        Assert.Empty(next.Take());
        return next;
    }

    private static StreamDetector New() => new(s_rules, "c", new EventOrderOptions { Lateness = s_lateness });

    private static void Take(StreamDetector detector, Dictionary<string, Finding> found)
    {
        foreach (ToldFinding told in detector.Take())
        {
            Assert.Equal(told.Occasion == ToldOccasion.Update, found.ContainsKey(told.Finding.Id));
            found[told.Finding.Id] = told.Finding;
        }
    }

    private static void Add(StreamDetector detector, string json, double arrival, long sequence) =>
        detector.Add(Detection.Tests.Events.Decode(json), "s", Log.Start + TimeSpan.FromSeconds(arrival), sequence);

    private static string Text(Finding finding) => $"{finding.Rule.Title} {finding.Id} {finding.Count} {finding.Time:O} {string.Join(' ', finding.Events)} {finding.IsLate}";

    // Each event comes with a delay of its own, so that they come out of order by less than what is waited for.
    private static (string Json, double Arrival)[] Events(Item[] items)
    {
        double time = 0;
        List<(string Json, double Arrival)> events = [];
        for (int i = 0; i < items.Length; i++)
        {
            time += items[i].Step + i * 0.001;
            string json = Log.Event(time, $"\"kind\":\"{items[i].Kind}\",\"g\":\"{items[i].Group}\",\"auditID\":\"{i}\",\"requestReceivedTimestamp\":\"2026-01-01T00:00:00.000000Z\",\"stage\":\"ResponseComplete\"");
            events.Add((json, time + items[i].Delay));
        }

        return [.. events.OrderBy(item => item.Arrival)];
    }

    private readonly record struct Item(char Kind, int Group, int Step, int Delay);
}
