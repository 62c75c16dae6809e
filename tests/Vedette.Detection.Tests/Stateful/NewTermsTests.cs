using System.Collections.Immutable;
using Vedette.Detection.Engine;
using Vedette.Detection.Findings;
using Vedette.Detection.Stateful;
using Xunit;

namespace Vedette.Detection.Tests.Stateful;

public class NewTermsTests
{
    private const int Day = 86_400;

    [Fact]
    public void A_term_is_told_when_it_is_first_seen_and_not_again()
    {
        ImmutableArray<Finding> findings = Log.Run(Rules("fields: [user.username, ip]"), Use(0, "alice", "1"), Use(1, "alice", "1"), Use(2, "alice", "2"), Use(3, "bob", "1"), Use(4, "bob", "1"));
        Assert.Equal([0, 2, 3], Seconds(findings));
    }

    [Fact]
    public void What_lacks_a_field_has_no_term() =>
        Assert.Empty(Log.Run(Rules("fields: [user.username, ip]"), Log.Event(0, "\"kind\":\"use\",\"user\":{\"username\":\"alice\"}"), Log.Event(1, "\"kind\":\"use\",\"ip\":\"1\"")));

    [Fact]
    public void A_term_is_new_again_after_the_window_and_each_sight_begins_it_anew()
    {
        CompiledRules rules = Rules("fields: [user.username], window: 2d");
        Assert.Equal([0], Seconds(Log.Run(rules, Use(0, "alice", "1"), Use(2 * Day, "alice", "1"))));
        Assert.Equal([0], Seconds(Log.Run(rules, Use(0, "alice", "1"), Use(Day, "alice", "1"), Use(3 * Day, "alice", "1"))));
        Assert.Equal([0, (2 * Day) + 1], Seconds(Log.Run(rules, Use(0, "alice", "1"), Use((2 * Day) + 1, "alice", "1"))));
    }

    [Fact]
    public void While_it_learns_a_rule_tells_nothing_and_remembers_what_it_sees()
    {
        // The log begins with an event that the rule does not concern; from there the period counts, and its last moment is past it.
        CompiledRules rules = Rules("fields: [user.username], learning: 7d");
        string first = Log.Event(0, "\"kind\":\"other\"");
        Assert.Equal([7 * Day], Seconds(Log.Run(rules, first, Use(Day, "alice", "1"), Use((7 * Day) - 1, "bob", "1"), Use(7 * Day, "carol", "1"), Use(8 * Day, "alice", "1"))));
    }

    [Fact]
    public void The_finding_says_since_when_the_term_was_not_seen()
    {
        CompiledRules rules = Rules("fields: [user.username], window: 30d");
        Assert.EndsWith("; first time in the 2 days seen so far", Log.Run(rules, Use(0, "alice", "1"), Use(2 * Day, "bob", "1"))[1].Message, StringComparison.Ordinal);
        Assert.EndsWith("; first time in 30 days", Log.Run(rules, Use(0, "alice", "1"), Use(31 * Day, "bob", "1"))[1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Peers_are_the_others_of_the_smallest_group_and_those_who_did_the_same_are_counted()
    {
        // carol and dave are of devs and touch pods; eve is of all alone. alice of both reads secrets, which of devs only bob did.
        CompiledRules rules = Rules("fields: [user.username, res], peers: [user.groups]");
        ImmutableArray<Finding> findings = Log.Run(
            rules, Act(0, "bob", "secrets", "devs", "all"), Act(1, "carol", "pods", "devs", "all"), Act(2, "dave", "pods", "devs", "all"), Act(3, "eve", "secrets", "all"),
            Act(4, "alice", "secrets", "devs", "all"));
        Assert.EndsWith("; no peers seen", findings[0].Message, StringComparison.Ordinal);
        Assert.EndsWith("; peers: 1 of 3 others of devs did it", findings[4].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_group_named_like_a_group_with_what_was_done_is_not_taken_for_it()
    {
        CompiledRules rules = Rules("fields: [user.username, res], peers: [user.groups]");
        Finding last = Log.Run(rules, Act(0, "bob", "secrets", "devs"), Act(1, "mallory", "pods", "4:devs7:secrets"), Act(2, "alice", "secrets", "devs"))[2];
        Assert.EndsWith("; peers: 1 of 1 others of devs did it", last.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_learned_is_not_new_and_nothing_else_of_the_learned_log_counts()
    {
        CompiledRules rules = Log.Rules($"{Text("fields: [user.username], learning: 7d")}\n---\ntitle: many\ncorrelation: {{type: event_count, rules: [a], timespan: 30d, condition: {{gte: 2}}}}\n---\n{Log.Bases}");
        LogDetector log = new(rules);
        log.Learn(Events.Decode(Use(0, "alice", "1")));
        log.Learn(Events.Decode(Log.Event(1, "\"kind\":\"a\"")));
        log.EndLearning();
        log.Add(Events.Decode(Use(8 * Day, "alice", "1")));
        log.Add(Events.Decode(Use(8 * Day, "bob", "1")));
        log.Add(Events.Decode(Log.Event(8 * Day, "\"kind\":\"a\"")));
        Finding finding = Assert.Single(log.Complete(), finding => finding.Rule.Title != "b");
        Assert.Equal("bob", finding.Actor.User);
    }

    [Fact]
    public void Terms_are_the_same_in_whatever_order_lines_come()
    {
        CompiledRules rules = Rules("fields: [user.username, res], peers: [user.groups], window: 100s");
        string[] events = [.. Enumerable.Range(0, 60).Select(i => Act(i * 7, $"u{i % 5}", $"r{i * i % 3}", i % 2 == 0 ? "devs" : "ops"))];
        string[] told = [.. Log.Run(rules, events).Select(finding => $"{finding.Id} {finding.Message}")];
        Random random = new(7);
        Assert.Equal(told, Log.Run(rules, events.OrderBy(_ => random.Next()).ToArray()).Select(finding => $"{finding.Id} {finding.Message}"));
        Assert.NotEmpty(told);
    }

    private static CompiledRules Rules(string newTerms) => Log.Rules(Text(newTerms));

    private static string Text(string newTerms) =>
        $"title: new\nvedette: {{new_terms: {{{newTerms}}}}}\nlogsource: {{product: kubernetes, service: audit}}\ndetection: {{sel: {{kind: use}}, condition: sel}}";

    private static string Use(double at, string user, string ip) => Log.Event(at, $"\"kind\":\"use\",\"user\":{{\"username\":\"{user}\"}},\"ip\":\"{ip}\"");

    private static string Act(double at, string user, string resource, params string[] groups) => Log.Event(
        at, $"\"kind\":\"use\",\"user\":{{\"username\":\"{user}\",\"groups\":[{string.Join(',', groups.Select(group => $"\"{group}\""))}]}},\"res\":\"{resource}\"");

    private static int[] Seconds(ImmutableArray<Finding> findings) => [.. findings.Select(finding => (int)(finding.Time!.Value - Log.Start).TotalSeconds)];
}
