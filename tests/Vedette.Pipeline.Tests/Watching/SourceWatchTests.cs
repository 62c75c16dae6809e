using System.Globalization;
using System.Text;
using System.Text.Json;
using Vedette.Audit.Decoding;
using Vedette.Audit.Events;
using Vedette.Detection.Engine;
using Vedette.Detection.Findings;
using Vedette.Detection.Stateful;
using Vedette.Pipeline.Watching;
using Vedette.Tests;
using Xunit;

namespace Vedette.Pipeline.Tests.Watching;

public class SourceWatchTests
{
    private static readonly DateTimeOffset s_start = new(2026, 11, 25, 10, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    private readonly ServerMetrics _metrics = new("1.2.3", TimeProvider.System);
    private readonly List<ToldFinding> _told = [];
    private SourceWatch _watch;
    private DateTimeOffset _now = s_start;

    public SourceWatchTests() => _watch = new SourceWatch(new WatchSettings(), _metrics, s_start);

    [Fact]
    public void A_source_that_spoke_every_half_minute_is_silent_after_ten_minutes()
    {
        Speak(TimeSpan.FromHours(2), every: 30 * s_second);
        Pass(TimeSpan.FromMinutes(9.5));
        Assert.Empty(_told);
        Pass(TimeSpan.FromMinutes(2));
        ToldFinding told = Assert.Single(_told);
        Assert.Same(WatchRules.Silent, told.Finding.Rule);
        Assert.Equal("prod", told.Finding.Cluster);
        Assert.Equal("source webhook of cluster prod has been silent for 10 min 30 s; something should come at least every 10 min", told.Finding.Message);
        Pass(TimeSpan.FromHours(5));
        Assert.Single(_told);
    }

    [Fact]
    public void When_it_speaks_again_the_finding_says_how_long_it_was()
    {
        Speak(TimeSpan.FromHours(2), every: 30 * s_second);
        Pass(TimeSpan.FromHours(3));
        Add();
        Pass(s_second);
        Assert.Equal([ToldOccasion.Close, ToldOccasion.Update], _told.Select(told => told.Occasion));
        Assert.Equal(_told[0].Finding.Id, _told[1].Finding.Id);
        Assert.Equal(2, _told[1].Finding.Count);
        Assert.EndsWith("speaks again after 3 h of silence", _told[1].Finding.Message, StringComparison.Ordinal);
        Pass(TimeSpan.FromMinutes(30));
        Assert.Equal(3, _told.Count);
        Assert.NotEqual(_told[0].Finding.Id, _told[2].Finding.Id);
    }

    [Fact]
    public void A_pause_that_comes_back_is_usual_and_one_outage_is_not()
    {
        for (int night = 0; night < 3; night++)
        {
            Speak(TimeSpan.FromHours(4), every: 30 * s_second);
            Pass(TimeSpan.FromHours(2));
        }

        Assert.Equal(2, _told.Count(told => told.Occasion == ToldOccasion.Close));
        Speak(TimeSpan.FromHours(1), every: 30 * s_second);
        Pass(TimeSpan.FromHours(3.9));
        Assert.Equal(2, _told.Count(told => told.Occasion == ToldOccasion.Close));
    }

    [Fact]
    public void Of_a_source_that_has_hardly_spoken_nothing_is_said()
    {
        Speak(TimeSpan.FromMinutes(20), every: 30 * s_second);
        Pass(TimeSpan.FromMinutes(30));
        Assert.Empty(_told);
    }

    [Fact]
    public void Detection_that_is_behind_does_not_look_like_silence()
    {
        Speak(TimeSpan.FromHours(2), every: 30 * s_second);
        for (int i = 0; i < 60; i++)
        {
            _now += 30 * s_second;
            _watch.Heard("prod", "webhook", _now);
            _watch.Tick(_now);
        }

        _told.AddRange(_watch.Take());
        Assert.Empty(_told);
    }

    [Fact]
    public void What_the_settings_expect_counts_from_the_start_and_instead_of_what_was_learned()
    {
        _watch = new SourceWatch(new WatchSettings { Expect = [new Expectation("prod", "webhook", TimeSpan.FromMinutes(5)), new Expectation(null, null, null)] }, _metrics, s_start);
        Pass(TimeSpan.FromMinutes(4));
        Assert.Empty(_told);
        Pass(TimeSpan.FromMinutes(3));
        Assert.Contains("has not spoken since the start", Assert.Single(_told).Finding.Message, StringComparison.Ordinal);
        Speak(TimeSpan.FromHours(2), every: 30 * s_second, cluster: "test");
        Pass(TimeSpan.FromDays(2));
        Assert.Single(_told);
    }

    [Fact]
    public void What_was_learned_outlives_a_restart_and_the_same_silence_has_the_same_id()
    {
        Speak(TimeSpan.FromHours(2), every: 30 * s_second);
        byte[] state = _watch.Save();
        Pass(TimeSpan.FromHours(1));
        string id = Assert.Single(_told).Finding.Id;
        _watch = new SourceWatch(new WatchSettings(), _metrics, _now);
        _watch.Restore(state);
        Assert.Equal(state, _watch.Save());
        _told.Clear();
        Pass(TimeSpan.FromMinutes(5));
        Assert.Empty(_told);
        Pass(TimeSpan.FromMinutes(10));
        Assert.Equal(id, Assert.Single(_told).Finding.Id);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"version":2,"sources":[]}""")]
    [InlineData("""{"version":1,"sources":[{"cluster":"a","source":"b","first":-1,"last":0,"heard":1,"pauses":[]}]}""")]
    [InlineData("""{"version":1,"sources":[{"cluster":"a"}]}""")]
    public void A_state_that_is_none_is_refused(string state) => Assert.ThrowsAny<JsonException>(() => _watch.Restore(Encoding.UTF8.GetBytes(state)));

    [Fact]
    public void A_stage_that_no_longer_comes_is_a_finding()
    {
        for (int i = 0; i < 300; i++)
        {
            Add(stage: i % 3 == 0 ? "RequestReceived" : "ResponseComplete");
            _now += 12 * s_second;
        }

        for (int i = 0; i < 305; i++)
        {
            Add();
            _now += 12 * s_second;
        }

        Pass(s_second);
        Finding finding = Assert.Single(_told).Finding;
        Assert.Same(WatchRules.Stages, finding.Rule);
        Assert.Equal("source webhook of cluster prod: stage RequestReceived no longer comes", finding.Message);
    }

    [Fact]
    public void Watches_that_begin_and_never_end_are_a_finding_and_watches_that_end_within_the_next_hour_are_none()
    {
        Hour("lossy", ends: false);
        Hour("sound", ends: true);
        Finding finding = Assert.Single(_told).Finding;
        Assert.Contains("source lossy", finding.Message, StringComparison.Ordinal);
        Assert.Contains("their end (ResponseComplete) is not told", finding.Message, StringComparison.Ordinal);

        void Hour(string source, bool ends)
        {
            DateTimeOffset begin = _now;
            for (int i = 0; i < 100; i++)
            {
                Add(stage: "ResponseStarted", source: source, verb: "watch");
                Add(source: source);
            }

            _now = begin + TimeSpan.FromHours(1.5);
            for (int i = 0; i < 100; i++)
            {
                Add(source: source, verb: ends ? "watch" : "get");
            }

            _now = OwnHour(_now);
            Add(source: source);
            Pass(s_second);
        }
    }

    [Fact]
    public void Events_that_stay_minutes_old_are_a_finding_an_hour_and_a_sender_that_catches_up_is_none()
    {
        SpeakDelayed(TimeSpan.FromHours(2), minute => TimeSpan.FromMinutes(7), "behind");
        Assert.All(_told, told => Assert.Same(WatchRules.Time, told.Finding.Rule));
        Assert.Equal("source behind of cluster prod: even the newest events are 7 min old when they come", _told[0].Finding.Message);
        Assert.Equal(2, _told.Count(told => told.Occasion == ToldOccasion.Event));
        Assert.Equal(2, _told.Select(told => told.Finding.Id).Distinct().Count());
        _told.Clear();
        SpeakDelayed(TimeSpan.FromHours(2), minute => TimeSpan.FromMinutes(300 - 2 * minute), "catches-up");
        Assert.DoesNotContain(_told, told => told.Finding.Message.Contains("catches-up", StringComparison.Ordinal));
    }

    [Fact]
    public void A_clock_that_is_somewhat_ahead_is_a_finding()
    {
        SpeakDelayed(TimeSpan.FromMinutes(25), minute => TimeSpan.FromSeconds(-20), "ahead");
        Assert.Equal("source ahead of cluster prod: events are 20 s ahead of the clock of this machine", Assert.Single(_told).Finding.Message);
    }

    [Fact]
    public void Old_events_among_new_ones_are_a_finding()
    {
        for (int i = 0; i < 600; i++)
        {
            Add(delay: i % 4 == 0 ? TimeSpan.FromHours(1) : s_second);
            _now += s_second;
        }

        Pass(s_second);
        Assert.Same(WatchRules.Order, Assert.Single(_told).Finding.Rule);
    }

    [Fact]
    public void A_steady_source_with_all_stages_in_order_gives_no_finding_for_a_day()
    {
        for (int i = 0; i < 24 * 360; i++)
        {
            Add(stage: "RequestReceived");
            Add();
            Add(stage: "ResponseStarted", verb: "watch");
            Add(verb: "watch");
            _now += 10 * s_second;
            _watch.Tick(_now);
        }

        Pass(s_second);
        Assert.Empty(_told);
    }

    [Fact]
    public void Losses_of_an_API_server_within_an_hour_are_one_finding_whose_count_is_the_events_lost()
    {
        _watch.AuditErrors("prod", "10.0.0.1:6443", "webhook", 400, s_start);
        _watch.AuditErrors("prod", "10.0.0.1:6443", "webhook", 43, s_start + TimeSpan.FromMinutes(59));
        _watch.AuditErrors("prod", "10.0.0.1:6443", "buffered", 1, s_start + TimeSpan.FromMinutes(59));
        _watch.AuditErrors("prod", "10.0.0.1:6443", "webhook", 5, s_start + TimeSpan.FromMinutes(60));
        ToldFinding[] told = [.. _watch.Take()];
        Assert.Equal(["400 Event", "1 Event", "443 Update", "5 Event"], told.Select(item => string.Create(CultureInfo.InvariantCulture, $"{item.Finding.Count} {item.Occasion}")));
        Assert.Equal(told[0].Finding.Id, told[2].Finding.Id);
        Assert.Equal(3, told.Select(item => item.Finding.Id).Distinct().Count());
    }

    [Fact]
    public void An_ordinary_event_allocates_nothing()
    {
        byte[] json = Encoding.UTF8.GetBytes(Event("ResponseComplete", "get", _now));
        EventDecoder decoder = new();
        Assert.Equal(0, Allocations.OnceSettled(() =>
        {
            decoder.Decode(json, out EventView view);
            for (int i = 0; i < 100; i++)
            {
                _watch.Add(view, EventTime.Of(view), "prod", "webhook", s_start);
            }
        }));
    }

    [Fact]
    public void More_sources_than_the_bound_are_not_watched_and_counted()
    {
        for (int i = 0; i < SourceWatch.MaxSources + 3; i++)
        {
            Add(source: $"{i}");
        }

        Assert.Equal(3, _watch.NotWatched);
    }

    [Fact]
    public void The_rules_tell_people_what_to_do_and_findings_are_written_like_any_other()
    {
        Assert.All(WatchRules.All, rule => Assert.True(Guid.TryParse(rule.Id, out _) && rule.NextSteps.Length > 0 && rule.FalsePositives.Length > 0));
        Assert.Equal(WatchRules.All.Length, WatchRules.All.Select(rule => rule.Id).Distinct().Count());
        _watch.AuditErrors("prod", "a", "log", 2, s_start);
        using MemoryStream json = new();
        using (Utf8JsonWriter writer = new(json))
        {
            FindingJson.Write(Assert.Single(_watch.Take()).Finding, writer);
        }

        using JsonDocument document = JsonDocument.Parse(json.ToArray());
        Assert.Equal("API server loses audit events", document.RootElement.GetProperty("rule").GetProperty("title").GetString());
        Assert.Equal("a", document.RootElement.GetProperty("group").GetProperty("source").GetString());
    }

    private static DateTimeOffset OwnHour(DateTimeOffset at) => new DateTimeOffset(at.Year, at.Month, at.Day, at.Hour, 0, 0, TimeSpan.Zero) + TimeSpan.FromHours(1);

    private static string Event(string stage, string verb, DateTimeOffset time) =>
        string.Create(CultureInfo.InvariantCulture, $"{{\"level\":\"Metadata\",\"stage\":\"{stage}\",\"verb\":\"{verb}\",\"user\":{{\"username\":\"alice\"}},\"stageTimestamp\":\"{time:yyyy-MM-ddTHH:mm:ss.ffffffZ}\"}}");

    private void Add(string stage = "ResponseComplete", string cluster = "prod", string source = "webhook", string verb = "get", TimeSpan delay = default)
    {
        Assert.Equal(DecodeStatus.Ok, new EventDecoder().Decode(Encoding.UTF8.GetBytes(Event(stage, verb, _now - delay)), out EventView view));
        _watch.Heard(cluster, source, _now);
        _watch.Add(view, EventTime.Of(view), cluster, source, _now);
    }

    private void Speak(TimeSpan time, TimeSpan every, string cluster = "prod")
    {
        for (DateTimeOffset end = _now + time; _now < end; _now += every)
        {
            Add(cluster: cluster);
            _watch.Tick(_now);
        }

        _now -= every;
        _told.AddRange(_watch.Take());
    }

    private void SpeakDelayed(TimeSpan time, Func<int, TimeSpan> delay, string source)
    {
        DateTimeOffset begin = _now;
        for (; _now < begin + time; _now += 10 * s_second)
        {
            Add(source: source, delay: delay((int)(_now - begin).TotalMinutes));
        }

        _told.AddRange(_watch.Take());
    }

    private void Pass(TimeSpan time)
    {
        TimeSpan step = time < TimeSpan.FromMinutes(1) ? time : TimeSpan.FromMinutes(0.5);
        for (DateTimeOffset end = _now + time; _now < end;)
        {
            _now += step;
            _watch.Tick(_now);
        }

        _told.AddRange(_watch.Take());
    }
}
