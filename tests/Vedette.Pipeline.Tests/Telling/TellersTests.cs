using System.Collections.Immutable;
using System.Net;
using System.Text;
using Vedette.Sinks.Forwarding;
using Vedette.Sinks.Routing;
using Xunit;

namespace Vedette.Pipeline.Tests.Telling;

public class TellersTests
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_receiver_is_told_what_comes_after_it_was_there_in_order()
    {
        await using TellingFixture all = new();
        await all.AddAsync(TellingFixture.Finding(0));
        all.Start(TellingFixture.Table(TellingFixture.Webhook("a"), TellingFixture.Webhook("b", fromStart: true)));
        await all.AddAsync(Enumerable.Range(1, 250).Select(number => TellingFixture.Finding(number)));

        await all.UntilAsync(() => all.Receivers.Ids("a").Length == 250 && all.Receivers.Ids("b").Length == 251);

        Assert.Equal(Enumerable.Range(1, 250).Select(number => $"number {number}"), all.Receivers.Messages("a"));
        Assert.Equal(Enumerable.Range(0, 251).Select(number => $"number {number}"), all.Receivers.Messages("b"));
        await all.UntilAsync(() => all.Status("a").Lag == 0);
        Assert.Equal(250, all.Status("a").Sent);
        Assert.Null(all.Status("a").LastError);
        Assert.False(all.Status("a").IsFailing);
    }

    [Fact]
    public async Task A_receiver_that_is_away_for_a_day_gets_everything_in_order_and_holds_up_nobody()
    {
        await using TellingFixture all = new();
        all.Receivers.GoAway("a");
        all.Start(TellingFixture.Table(TellingFixture.Webhook("a"), TellingFixture.Webhook("b")));
        DateTimeOffset begin = all.Time.GetUtcNow();
        for (int hour = 0; hour < 24; hour++)
        {
            await all.AddAsync(Enumerable.Range(hour * 100, 100).Select(number => TellingFixture.Finding(number)));
            await all.UntilAsync(() => all.Receivers.Ids("b").Length == (hour + 1) * 100);
            await all.UntilAsync(() => all.Time.GetUtcNow() >= begin.AddHours(hour + 1), TimeSpan.FromMinutes(5));
        }

        Assert.Empty(all.Receivers.Taken("a"));
        Assert.Equal(2400, all.Status("a").Lag);
        Assert.True(all.Status("a").IsFailing);
        Assert.Contains("refused", all.Status("a").LastError, StringComparison.Ordinal);
        Assert.Equal(0, all.Tellers.FindingsNeededFrom);

        all.Receivers.Answer("a", HttpStatusCode.OK);
        await all.UntilAsync(() => all.Receivers.Ids("a").Length >= 2400, s_minute);

        Assert.Equal(Enumerable.Range(0, 2400).Select(number => $"number {number}"), all.Receivers.Messages("a"));
        await all.UntilAsync(() => all.Tellers.FindingsNeededFrom == 2400);
        Assert.False(all.Status("a").IsFailing);
        Assert.Equal(2, all.Log.Count);
    }

    [Fact]
    public async Task A_restart_goes_on_where_telling_was()
    {
        await using TellingFixture all = new();
        RoutingTable table = TellingFixture.Table(TellingFixture.Webhook("a"));
        all.Start(table);
        await all.AddAsync(TellingFixture.Finding(1));
        await all.UntilAsync(() => all.Receivers.Ids("a").Length == 1);
        all.Receivers.Answer("a", HttpStatusCode.ServiceUnavailable);
        await all.AddAsync(TellingFixture.Finding(2));
        await all.UntilAsync(() => all.Status("a").Failed > 0);

        await all.RestartAsync(table);
        all.Receivers.Answer("a", HttpStatusCode.OK);
        await all.AddAsync(TellingFixture.Finding(3));
        await all.UntilAsync(() => all.Receivers.Ids("a").Length == 3, s_minute);

        Assert.Equal(["number 1", "number 2", "number 3"], all.Receivers.Messages("a"));
    }

    [Fact]
    public async Task A_receiver_that_is_new_has_its_place_from_the_start_on_even_when_it_was_told_nothing()
    {
        await using TellingFixture all = new();
        RoutingTable table = TellingFixture.Table(TellingFixture.Webhook("a"));
        all.Receivers.GoAway("a");
        all.Start(table);
        await all.AddAsync(TellingFixture.Finding(1));
        await all.RestartAsync(table);
        all.Receivers.Answer("a", HttpStatusCode.OK);

        await all.UntilAsync(() => all.Receivers.Ids("a").Length == 1, s_minute);
    }

    [Fact]
    public async Task Who_dies_between_sending_and_writing_it_down_tells_again_with_the_same_ids()
    {
        await using TellingFixture all = new();
        ReceiverSettings receiver = TellingFixture.Webhook("a");
        RoutingTable table = TellingFixture.Table(receiver) with
        {
            Routes = [new Route("all", FindingMatcher.Everything, ["a"]) { RateLimit = new RateLimit(2, s_minute) }],
        };
        all.Start(table);
        await all.AddAsync(Enumerable.Range(1, 5).Select(number => TellingFixture.Finding(number)));
        await all.UntilAsync(() => all.Receivers.Ids("a").Length == 3, TimeSpan.FromSeconds(10));
        string[] first = all.Receivers.Ids("a");

        // What a kill before the cursor is on disk leaves behind.
        await all.StopAsync();
        await using TellingFixture after = new();
        after.Store.Cursors.Set("tell:a", 0);
        await after.AddAsync(Enumerable.Range(1, 5).Select(number => TellingFixture.Finding(number)));
        after.Start(table);
        await after.UntilAsync(() => after.Receivers.Ids("a").Length == 3, TimeSpan.FromSeconds(10));

        Assert.Equal(first, after.Receivers.Ids("a"));
    }

    [Fact]
    public async Task One_that_is_refused_is_set_aside_and_the_others_go_through()
    {
        await using TellingFixture all = new();
        all.Receivers.Answer("a", body => new HttpResponseMessage(body.Contains("number 7\"", StringComparison.Ordinal) ? HttpStatusCode.BadRequest : HttpStatusCode.OK));
        all.Start(TellingFixture.Table(TellingFixture.Webhook("a")));
        await all.AddAsync(Enumerable.Range(0, 20).Select(number => TellingFixture.Finding(number)));

        await all.UntilAsync(() => all.Receivers.Ids("a").Length == 19);

        Assert.Equal(Enumerable.Range(0, 20).Where(number => number != 7).Select(number => $"number {number}"), all.Receivers.Messages("a"));
        await all.UntilAsync(() => all.Status("a").Lag == 0);
        Assert.Equal(1, all.Status("a").Refused);
        Assert.Equal(19, all.Status("a").Sent);
        Assert.Contains(TellingFixture.Finding(7).Id, Assert.Single(all.Log), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Retry_After_is_waited_for()
    {
        await using TellingFixture all = new();
        all.Receivers.Answer("a", _ =>
        {
            HttpResponseMessage busy = new(HttpStatusCode.TooManyRequests);
            busy.Headers.TryAddWithoutValidation("Retry-After", "900");
            return busy;
        });
        all.Start(TellingFixture.Table(TellingFixture.Webhook("a")));
        await all.AddAsync(TellingFixture.Finding(1));
        await all.UntilAsync(() => all.Status("a").Failed == 1);
        all.Receivers.Answer("a", HttpStatusCode.OK);
        DateTimeOffset asked = all.Time.GetUtcNow();

        await all.UntilAsync(() => all.Receivers.Ids("a").Length == 1, TimeSpan.FromSeconds(30));

        Assert.True(all.Time.GetUtcNow() - asked >= TimeSpan.FromSeconds(900));
        Assert.Equal(2, all.Receivers.Attempts);
    }

    [Fact]
    public async Task Findings_of_a_group_are_told_together_after_its_wait_and_its_interval()
    {
        await using TellingFixture all = new();
        Route route = new("all", FindingMatcher.Everything, ["a"]) { Grouping = new Grouping([GroupKey.User], TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(5)) };
        all.Start(TellingFixture.Table(TellingFixture.Webhook("a")) with { Routes = [route] });
        await all.AddAsync(TellingFixture.Finding(1, user: "alice"), TellingFixture.Finding(2, user: "bob"), TellingFixture.Finding(3, user: "alice"));
        await all.UntilAsync(() => all.Status("a").Waiting == 3);
        all.Time.Advance(TimeSpan.FromSeconds(29));
        Assert.Empty(all.Receivers.Taken("a"));
        Assert.Equal(0, all.Tellers.FindingsNeededFrom);

        all.Time.Advance(TimeSpan.FromSeconds(1));
        await all.UntilAsync(() => all.Receivers.Ids("a").Length == 3);
        Assert.Equal(2, all.Receivers.Taken("a").Length);
        Assert.Equal(["number 1", "number 3", "number 2"], all.Receivers.Messages("a"));

        await all.AddAsync(TellingFixture.Finding(4, user: "alice"));
        await all.UntilAsync(() => all.Status("a").Waiting == 1);
        all.Time.Advance(TimeSpan.FromSeconds(299));
        Assert.Equal(3, all.Receivers.Ids("a").Length);
        all.Time.Advance(TimeSpan.FromSeconds(1));
        await all.UntilAsync(() => all.Receivers.Ids("a").Length == 4);
    }

    [Fact]
    public async Task What_waits_for_its_group_is_told_after_a_restart()
    {
        await using TellingFixture all = new();
        RoutingTable table = TellingFixture.Table(TellingFixture.Webhook("a")) with
        {
            Routes = [new Route("all", FindingMatcher.Everything, ["a"]) { Grouping = new Grouping([], TimeSpan.FromMinutes(30), s_minute) }],
        };
        all.Start(table);
        await all.AddAsync(TellingFixture.Finding(1), TellingFixture.Finding(2));
        await all.UntilAsync(() => all.Status("a").Waiting == 2);
        await all.RestartAsync(table);

        await all.UntilAsync(() => all.Receivers.Ids("a").Length == 2, s_minute);
        Assert.Equal(["number 1", "number 2"], all.Receivers.Messages("a"));
        Assert.Single(all.Receivers.Taken("a"));
    }

    [Fact]
    public async Task What_is_over_a_limit_is_told_as_a_summary()
    {
        await using TellingFixture all = new();
        Route route = new("busy", FindingMatcher.Everything, ["a"]) { RateLimit = new RateLimit(3, TimeSpan.FromHours(1)) };
        all.Start(TellingFixture.Table(TellingFixture.Webhook("a")) with { Routes = [route] });
        await all.AddAsync([.. Enumerable.Range(0, 10).Select(number => TellingFixture.Finding(number, level: "medium")), TellingFixture.Finding(10, level: "critical", rule: "rule-2"), TellingFixture.Finding(11, cluster: "other")]);
        await all.UntilAsync(() => all.Receivers.Ids("a").Length == 3 && all.Status("a").RateLimited == 9);
        await all.UntilAsync(() => all.Tellers.FindingsNeededFrom == 3);

        await all.UntilAsync(() => all.Receivers.Ids("a").Length == 5, s_minute);

        Assert.Equal(["number 0", "number 1", "number 2"], all.Receivers.Messages("a")[..3]);
        Assert.StartsWith("8 more findings were over the limit of 3 within 01:00:00 of route busy and were not told one by one: 7 × Title of rule-1, 1 × Title of rule-2.", all.Receivers.Messages("a")[3], StringComparison.Ordinal);
        Assert.Equal("critical", all.Receivers.Findings("a")[3].GetProperty("rule").GetProperty("level").GetString());
        Assert.Equal(8, all.Receivers.Findings("a")[3].GetProperty("count").GetInt32());
        Assert.Equal("other", all.Receivers.Findings("a")[4].GetProperty("cluster").GetString());
        await all.UntilAsync(() => all.Tellers.FindingsNeededFrom == 12);

        await all.AddAsync(TellingFixture.Finding(12));
        await all.UntilAsync(() => all.Receivers.Ids("a").Length == 6);
    }

    [Fact]
    public async Task What_is_silenced_or_has_no_route_is_counted_and_passed_by()
    {
        await using TellingFixture all = new();
        RoutingTable table = TellingFixture.Table(TellingFixture.Webhook("a")) with
        {
            Routes = [new Route("high", new FindingMatcher { Levels = FindingMatcher.AtLeast("high") }, ["a"])],
            Silences = [new Silence(new FindingMatcher { Users = [new("bob")] }, "known", all.Time.GetUtcNow().AddHours(1))],
        };
        all.Start(table);
        await all.AddAsync(TellingFixture.Finding(1, user: "bob"), TellingFixture.Finding(2, level: "low"), TellingFixture.Finding(3));
        await all.UntilAsync(() => all.Receivers.Ids("a").Length == 1 && all.Status("a").Lag == 0);
        Assert.Equal((1, 1), (all.Status("a").Silenced, all.Status("a").NotRouted));

        all.Time.Advance(TimeSpan.FromHours(1));
        await all.AddAsync(TellingFixture.Finding(4, user: "bob"));
        await all.UntilAsync(() => all.Receivers.Ids("a").Length == 2);
        Assert.Equal(["number 3", "number 4"], all.Receivers.Messages("a"));
    }

    [Fact]
    public async Task Updates_are_told_to_those_who_want_them()
    {
        await using TellingFixture all = new();
        all.Start(TellingFixture.Table(TellingFixture.Webhook("a"), TellingFixture.Webhook("b", updates: false)));
        await all.AddAsync(TellingFixture.Finding(1), TellingFixture.Finding(1, count: 5, isUpdate: true), TellingFixture.Finding(2));

        await all.UntilAsync(() => all.Receivers.Ids("a").Length == 3 && all.Receivers.Ids("b").Length == 2);

        Assert.Equal([1, 5, 1], all.Receivers.Findings("a").Select(finding => finding.GetProperty("count").GetInt32()));
        Assert.Equal(["number 1", "number 2"], all.Receivers.Messages("b"));
    }

    [Fact]
    public async Task New_routes_take_over_without_losing_what_was_waiting()
    {
        await using TellingFixture all = new();
        ImmutableArray<ReceiverSettings> receivers = [TellingFixture.Webhook("a"), TellingFixture.Webhook("b")];
        RoutingTable slow = TellingFixture.Table(receivers) with
        {
            Routes = [new Route("all", FindingMatcher.Everything, ["a", "b"]) { Grouping = new Grouping([], TimeSpan.FromHours(1), s_minute) }],
        };
        all.Start(slow);
        all.Receivers.GoAway("b");
        await all.AddAsync(TellingFixture.Finding(1), TellingFixture.Finding(2));
        await all.UntilAsync(() => all.Status("a").Waiting == 2);

        await all.Tellers.ReloadAsync(TellingFixture.Table(TellingFixture.Webhook("a"), TellingFixture.Webhook("b", host: "b2"), TellingFixture.Webhook("c")), TestContext.Current.CancellationToken);
        await all.AddAsync(TellingFixture.Finding(3));

        await all.UntilAsync(() => all.Receivers.Ids("a").Length == 3 && all.Receivers.Ids("b2").Length == 3 && all.Receivers.Ids("c").Length == 1, s_minute);
        Assert.Equal(["number 1", "number 2", "number 3"], all.Receivers.Messages("a"));
        Assert.Equal(["number 1", "number 2", "number 3"], all.Receivers.Messages("b2"));
        Assert.Equal(["number 3"], all.Receivers.Messages("c"));
        Assert.Equal(["a", "b", "c"], all.Tellers.Status.Select(status => status.Receiver));
    }

    [Fact]
    public async Task A_receiver_that_is_taken_out_and_put_back_is_told_what_it_missed()
    {
        await using TellingFixture all = new();
        RoutingTable table = TellingFixture.Table(TellingFixture.Webhook("a"));
        all.Start(table);
        await all.Tellers.ReloadAsync(RoutingTable.Empty, TestContext.Current.CancellationToken);
        await all.AddAsync(TellingFixture.Finding(1));
        await all.Tellers.ReloadAsync(table, TestContext.Current.CancellationToken);

        await all.UntilAsync(() => all.Receivers.Ids("a").Length == 1);
    }

    [Fact]
    public async Task Standard_output_gets_lines()
    {
        await using TellingFixture all = new();
        all.Start(TellingFixture.Table(TellingFixture.StandardOutput("out")));
        await all.AddAsync(TellingFixture.Finding(1), TellingFixture.Finding(2));
        await all.UntilAsync(() => all.Status("out").Sent == 2);

        Assert.Equal(
            Encoding.UTF8.GetString(TellingFixture.Finding(1).Json.Span) + "\n" + Encoding.UTF8.GetString(TellingFixture.Finding(2).Json.Span) + "\n",
            Encoding.UTF8.GetString(all.Output.ToArray()));
    }

    [Fact]
    public async Task A_finding_that_does_not_read_is_told_of_and_passed_by()
    {
        await using TellingFixture all = new();
        all.Start(TellingFixture.Table(TellingFixture.Webhook("a")));
        await all.AddAsync(TellingFixture.Finding(1) with { Id = "broken", Json = "{}"u8.ToArray() }, TellingFixture.Finding(2));

        await all.UntilAsync(() => all.Receivers.Ids("a").Length == 1);
        Assert.Equal(1, all.Status("a").Refused);
        Assert.Contains("record 0", Assert.Single(all.Log), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_are_forwarded_in_order_while_findings_go_their_own_way()
    {
        await using TellingFixture all = new();
        ReceiverSettings up = new("up", new ForwardingSettings(new Uri("http://up/"), TellingFixture.Http));
        await all.AddEventsAsync("prod", Event(0));
        all.Receivers.Answer("up", HttpStatusCode.ServiceUnavailable);
        all.Start(TellingFixture.Table(up));
        await all.AddEventsAsync("prod", Enumerable.Range(1, 500).Select(Event));
        await all.AddEventsAsync("edge", Enumerable.Range(501, 100).Select(Event));
        await all.AddAsync(TellingFixture.Finding(1));
        await all.UntilAsync(() => all.Status("up", isEvents: true).Failed > 0 && all.Status("up").Failed > 0, TimeSpan.FromSeconds(1));
        Assert.Equal(600, all.Status("up", isEvents: true).Lag);
        Assert.Equal(1, all.Tellers.EventsNeededFrom);

        await all.RestartAsync(TellingFixture.Table(up));
        all.Receivers.Answer("up", HttpStatusCode.OK);
        await all.UntilAsync(() => all.Receivers.Taken("up").Sum(request => request.Findings.Length) == 601 && all.Tellers.EventsNeededFrom == 601, s_minute);

        Assert.Equal(Enumerable.Range(1, 500).Select(Event), Lines("/audit/prod"));
        Assert.Equal(Enumerable.Range(501, 100).Select(Event), Lines("/audit/edge"));
        Assert.Single(Lines("/findings/prod"));

        string[] Lines(string path) => [.. all.Receivers.Taken("up").Where(request => request.Url.AbsolutePath == path).SelectMany(request => request.Body.Split('\n', StringSplitOptions.RemoveEmptyEntries))];
    }

    [Fact]
    public async Task An_event_that_is_refused_does_not_block_the_others()
    {
        await using TellingFixture all = new();
        all.Receivers.Answer("up", body => new HttpResponseMessage(body.Contains("\"42\"", StringComparison.Ordinal) ? HttpStatusCode.RequestEntityTooLarge : HttpStatusCode.OK));
        all.Start(TellingFixture.Table(new ReceiverSettings("up", new ForwardingSettings(new Uri("http://up/"), TellingFixture.Http) { Findings = false })));
        await all.AddEventsAsync("prod", Enumerable.Range(0, 100).Select(Event));

        await all.UntilAsync(() => all.Receivers.Taken("up").Sum(request => request.Findings.Length) == 99 && all.Tellers.EventsNeededFrom == 100);

        Assert.Equal(Enumerable.Range(0, 100).Where(number => number != 42).Select(Event), all.Receivers.Taken("up").SelectMany(request => request.Body.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
        Assert.Contains("event 42 of the store", Assert.Single(all.Log), StringComparison.Ordinal);
    }

    private static string Event(int number) =>
        $$$"""{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"{{{number}}}","stage":"ResponseComplete","requestURI":"/api/v1/pods","verb":"list","user":{"username":"alice"}}""";
}
