using CsCheck;
using Vedette.Audit.Events;
using Vedette.Detection.Engine;
using Vedette.Detection.Findings;
using Vedette.Detection.Stateful;
using Xunit;

namespace Vedette.Detection.Tests.Stateful;

public class EventOrderTests
{
    private static readonly CompiledRules s_rules = Log.Rules(
        $"{Log.Bases}title: many\ncorrelation: {{type: event_count, rules: [a], group-by: [g], timespan: 60s, condition: {{gte: 2}}}}");

    private static readonly EventMatch s_match = Log.Match(s_rules, Log.Event(0, "\"kind\":\"a\",\"g\":\"x\""));

    private static readonly EventOrderOptions s_minute = new() { Lateness = TimeSpan.FromMinutes(1) };

    [Fact]
    public void Within_lateness_matches_come_out_in_order_of_event_time()
    {
        EventOrder order = new(s_minute);
        List<EventMatch> passed = [.. Add(order, 50, 60), .. Add(order, 10, 61), .. Add(order, 30, 62), .. Add(order, 200, 200), .. order.Complete()];
        Assert.Equal([10, 30, 50, 200], passed.Select(Seconds));
        Assert.All(passed, match => Assert.False(match.IsLate));
        Assert.Equal(0, order.Late);
    }

    [Fact]
    public void A_late_match_is_marked_and_goes_on_and_its_finding_says_so()
    {
        LogDetector log = new(s_rules, order: s_minute);
        Add(log, 100, 100);
        Add(log, 500, 500);
        // Its place is long past; clamped to arrival less lateness it still counts beside the first match after it.
        Add(log, 90, 501);
        Add(log, 480, 502);
        Finding finding = Assert.Single(log.Complete(), finding => finding.Rule.Title == "many");
        Assert.Equal(3, finding.Count);
        Assert.Equal(0, log.Statistics.Late);

        EventOrder order = new(new EventOrderOptions { Lateness = TimeSpan.FromMinutes(1), MaxHeld = 1 });
        List<EventMatch> passed = [.. Add(order, 100, 100), .. Add(order, 110, 110), .. Add(order, 90, 111), .. order.Complete()];
        Assert.Equal([100, 90, 110], passed.Select(Seconds));
        Assert.Equal([false, true, false], passed.Select(match => match.IsLate));
        Assert.Equal(1, order.Late);
        StatefulDetector detector = new(s_rules);
        passed.ForEach(detector.Process);
        ToldFinding told = Assert.Single(detector.Take());
        Assert.True(told.Finding.IsLate);
    }

    [Fact]
    public void No_match_is_ever_lost_and_what_is_out_of_order_is_marked() => Gen.Select(
        Gen.Select(Gen.Int[0, 400], Gen.Int[0, 3], Gen.Int[0, 300]).Array[0, 40], Gen.Int[0, 120], Gen.Int[1, 20], Gen.Bool).Sample(
        (events, lateness, held, hasArrival) =>
        {
            EventOrder order = new(new EventOrderOptions { Lateness = TimeSpan.FromSeconds(lateness), MaxHeld = held });
            List<EventMatch> passed = [];
            int clock = 0;
            foreach ((int at, int source, int later) in events)
            {
                clock += later / 10;
                passed.AddRange(order.Add(
                    s_match with { Time = Log.Start + TimeSpan.FromSeconds(at) }, $"s{source}", hasArrival ? Log.Start + TimeSpan.FromSeconds(clock) : null));
                Assert.True(order.Held <= held);
            }

            passed.AddRange(order.Complete());
            Assert.Equal(events.Length, passed.Count);
            DateTimeOffset reached = DateTimeOffset.MinValue;
            foreach (EventMatch match in passed)
            {
                Assert.True(match.At >= reached || match.IsLate);
                reached = match.At > reached ? match.At : reached;
            }

            Assert.Equal(order.Late, passed.Count(match => match.IsLate));
        },
        iter: 2_000);

    [Fact]
    public void Without_arrival_the_slowest_source_is_waited_for()
    {
        EventOrder order = new(s_minute);
        Assert.Empty(order.Add(At(0), "slow", null));
        Assert.Empty(order.Add(At(500), "fast", null));
        Assert.Empty(order.Add(At(1_000), "fast", null));
        Assert.Equal([0], order.Add(At(300), "slow", null).Select(Seconds));
        Assert.Equal([300, 500], order.Add(At(900), "slow", null).Select(Seconds));
    }

    [Fact]
    public void A_source_that_is_silent_holds_nobody_up_where_arrival_is_known()
    {
        EventOrder order = new(s_minute);
        Assert.Empty(order.Add(At(0), "silent", Log.Start));
        Assert.Equal([0], order.Add(At(100), "other", Log.Start.AddSeconds(100)).Select(Seconds));
    }

    [Fact]
    public void A_match_from_the_future_makes_no_other_late()
    {
        EventOrder order = new(s_minute);
        List<EventMatch> passed = [.. order.Add(At(1_000_000), "s", Log.Start), .. order.Add(At(-50), "s", Log.Start.AddSeconds(1)), .. order.Add(At(2), "s", Log.Start.AddSeconds(2)), .. order.Complete()];
        Assert.Equal([-50, 2, 60], passed.Select(Seconds));
        Assert.All(passed, match => Assert.False(match.IsLate));
        Assert.Equal(1, order.Ahead);
    }

    [Fact]
    public void What_a_log_holds_until_its_end_comes_out_in_order_and_as_it_was_whether_there_is_room_for_all_or_not() =>
        Gen.Select(Gen.Select(Gen.Int[0, 20], Gen.Int[0, 3], Gen.Int[0, 3]).Array[0, 60], Gen.Int[1, 80]).Sample((events, held) =>
        {
            MemoryShare share = new(long.MaxValue);
            EventOrder order = new(new EventOrderOptions { MaxHeld = held }, share);
            List<EventMatch> given = [];
            List<string> passed = [];
            foreach ((int at, int content, int request) in events)
            {
                EventMatch match = Log.With(s_match, at, $"{content}", Log.Field("g", $"{at}-{content}")) with
                {
                    Time = request == 0 ? null : Log.Start.AddSeconds(at),
                    Request = request < 2 ? null : (UInt128)request,
                    MayContinue = request == 2,
                };
                given.Add(match);
                passed.AddRange(order.Add(match, "", arrival: null).Select(next => Text(next, next.IsLate)));
            }

            Assert.Equal(Math.Min(held, events.Length), order.Held);
            passed.AddRange(order.Complete().Select(next => Text(next, next.IsLate)));
            Assert.Equal(InOrder(given, held), passed);
            Assert.Equal((0, 0), (order.Held, share.Used));
        });

    [Theory]
    [InlineData(3)]
    [InlineData(1_000)]
    public void Matches_in_a_room_are_copied_where_they_are_kept_before_it_is_used_again(int held)
    {
        (EventMatcher borrowing, EventMatcher plain) = (new(ManyEvents.Rules, "c"), new(ManyEvents.Rules, "c"));
        (EventOrder borrowed, EventOrder kept) = (new(new EventOrderOptions { MaxHeld = held }), new(new EventOrderOptions { MaxHeld = held }));
        (List<string> passed, List<string> expected) = ([], []);
        MatchRoom room = new();
        for (int i = 0; i < 200; i++)
        {
            EventView view = Events.Decode(Log.Event(i * 17 % 50, $"\"kind\":\"a\",\"g\":\"{i % 10}\",\"v\":\"v\",\"p\":\"p\",\"n\":{i}"));
            room.Clear();
            Assert.True(borrowing.TryMatch(view, isLearning: false, arrival: null, out MatchedEvent matched, room));
            passed.AddRange(borrowed.Add(matched.Match!, "", arrival: null).Select(next => Text(next, next.IsLate)));
            Assert.True(plain.TryMatch(view, isLearning: false, arrival: null, out matched));
            expected.AddRange(kept.Add(matched.Match!, "", arrival: null).Select(next => Text(next, next.IsLate)));
        }

        passed.AddRange([.. borrowed.Complete().Select(next => Text(next, next.IsLate)), .. borrowing.Repeats.Select(repeat => Text(repeat.Term.Match, isLate: false))]);
        expected.AddRange([.. kept.Complete().Select(next => Text(next, next.IsLate)), .. plain.Repeats.Select(repeat => Text(repeat.Term.Match, isLate: false))]);
        Assert.NotEmpty(plain.Repeats);
        Assert.Equal(expected, passed);
    }

    /// <summary>As <see cref="EventOrder"/> does it, slowly.</summary>
    private static IEnumerable<string> InOrder(List<EventMatch> matches, int held)
    {
        List<(DateTimeOffset At, int Place, bool IsLate)> waiting = [];
        DateTimeOffset until = DateTimeOffset.MinValue;
        for (int place = 0; place < matches.Count || waiting.Count > 0; place++)
        {
            if (place < matches.Count)
            {
                DateTimeOffset at = matches[place].Time ?? DateTimeOffset.MinValue;
                waiting.Add((at, place, at < until));
            }

            while (waiting.Count > (place < matches.Count ? held : 0))
            {
                (DateTimeOffset At, int Place, bool IsLate) first = waiting.OrderBy(item => item.At)
                    .ThenBy(item => Convert.ToHexString(matches[item.Place].Evidence.Content), StringComparer.Ordinal).ThenBy(item => item.Place).First();
                waiting.Remove(first);
                until = first.At > until ? first.At : until;
                yield return Text(matches[first.Place], first.IsLate);
            }
        }
    }

    private static string Text(EventMatch match, bool isLate) =>
        $"{match.Time:O} {isLate} {match.Request} {match.MayContinue} {string.Join(',', match.Rules)} {Convert.ToHexString(match.Evidence.Packed)} "
        + $"{string.Join(',', match.Values.Fields)} {Convert.ToHexString(match.Values.Packed)} {match.Size}";

    private static EventMatch At(double at) => s_match with { Time = Log.Start.AddSeconds(at) };

    private static IEnumerable<EventMatch> Add(EventOrder order, double at, double arrival) => order.Add(At(at), "s", Log.Start.AddSeconds(arrival));

    private static void Add(LogDetector log, double at, double arrival) =>
        log.Add(Events.Decode(Log.Event(at, "\"kind\":\"a\",\"g\":\"x\"")), "s", Log.Start.AddSeconds(arrival));

    private static int Seconds(EventMatch match) => (int)(match.At - Log.Start).TotalSeconds;
}
