using System.Text;
using CsCheck;
using Vedette.Sinks.Routing;
using Xunit;

namespace Vedette.Sinks.Tests.Routing;

public class RoutingTableTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);

    private const string Receivers = "receivers: [{name: a, stdout: {}}, {name: b, stdout: {}}, {name: c, stdout: {}}]\n";

    [Fact]
    public void The_first_route_that_matches_decides_unless_it_says_continue()
    {
        RoutingTable table = Settings.Good(Receivers + """
            routes:
            - {match: {cluster: prod-*}, receivers: [a], continue: true}
            - {match: {level: high}, receivers: [a, b]}
            - {receivers: [c]}
            """);

        Assert.Equal(["a", "b"], To(table, Findings.One()));
        Assert.Equal(["a", "c"], To(table, Findings.One(level: "low")));
        Assert.Equal(["c"], To(table, Findings.One(level: "low", cluster: "test")));
        Assert.Equal(0, table.Routes.IndexOf(table.Decide(Findings.One(), s_now).To[0].Route));
    }

    [Fact]
    public void A_route_may_tell_nobody_on_purpose()
    {
        RoutingTable table = Settings.Good(Receivers + "routes: [{match: {user: 'system:*'}, receivers: []}, {receivers: [a]}]");

        RoutingDecision decision = table.Decide(Findings.One(user: "system:node:n1"), s_now);
        Assert.Equal(table.Routes[0], Assert.Single(decision.Routes));
        Assert.Empty(decision.To);
        Assert.Equal(["a"], To(table, Findings.One()));
    }

    [Theory]
    [InlineData("level: high", true)]
    [InlineData("level: [high]", true)]
    [InlineData("level: medium", true)]
    [InlineData("level: [medium, critical]", false)]
    [InlineData("level: critical", false)]
    [InlineData("rule: Pod exec", true)]
    [InlineData("rule: pod exec", false)]
    [InlineData("rule: ['x', '11111111-*']", true)]
    [InlineData("tags: attack.t1609", true)]
    [InlineData("tags: [attack.*]", true)]
    [InlineData("tags: [attack]", false)]
    [InlineData("cluster: prod-eu", true)]
    [InlineData("namespace: [kube-system, pay*]", true)]
    [InlineData("namespace: kube-system", false)]
    [InlineData("user: '*lic*'", true)]
    [InlineData("user: alic", false)]
    [InlineData("user: alice, cluster: staging", false)]
    public void A_match_is_all_of_what_it_says(string match, bool matches)
    {
        RoutingTable table = Settings.Good($"{Receivers}routes: [{{match: {{{match}}}, receivers: [a]}}]");

        Assert.Equal(matches, To(table, Findings.One(tags: "attack.t1609")).Length == 1);
    }

    [Fact]
    public void A_silence_is_used_until_it_ends()
    {
        RoutingTable table = Settings.Good(Receivers + "silences: [{match: {user: alice}, reason: on call test, until: 2026-11-25T13:00:00+01:00}]");
        DateTimeOffset end = s_now;

        Assert.Equal("on call test", table.Decide(Findings.One(), end.AddTicks(-1)).Silence?.Reason);
        Assert.Null(table.Decide(Findings.One(), end).Silence);
        Assert.Null(table.Decide(Findings.One(user: "bob"), end.AddTicks(-1)).Silence);
    }

    [Fact]
    public void A_finding_without_namespace_is_matched_by_a_star_alone()
    {
        Assert.True(new FindingMatcher { Namespaces = [new("*")] }.Matches(Findings.One(ns: null)));
        Assert.False(new FindingMatcher { Namespaces = [new("a*")] }.Matches(Findings.One(ns: null)));
    }

    [Fact]
    public void Patterns_match_as_a_slow_obvious_matcher_does()
    {
        Gen<string> text = Gen.Char["ab*"].Array[0, 8].Select(chars => new string(chars));
        Gen.Select(text, text).Sample((pattern, value) => new StarPattern(pattern).Matches(value) == Obvious(pattern, value), iter: 20_000);
    }

    [Fact]
    public void Routes_decide_as_a_plain_reading_of_them_does()
    {
        Gen<(int Level, bool Continue, bool A, bool B)> route = Gen.Select(Gen.Int[0, 4], Gen.Bool, Gen.Bool, Gen.Bool);
        Gen.Select(route.List[0, 6], Gen.Int[0, 4]).Sample((routes, level) =>
        {
            StringBuilder yaml = new(Receivers + "routes:\n");
            HashSet<string> expected = [];
            bool stopped = false;
            foreach ((int from, bool goesOn, bool a, bool b) in routes)
            {
                string[] names = [.. new[] { (a, "a"), (b, "b") }.Where(one => one.Item1).Select(one => one.Item2)];
                yaml.Append($"- {{match: {{level: {FindingLevel.All[from]}}}, continue: {(goesOn ? "true" : "false")}, receivers: [{string.Join(", ", names)}]}}\n");
                if (!stopped && level >= from)
                {
                    expected.UnionWith(names);
                    stopped = !goesOn;
                }
            }

            if (routes.Count == 0)
            {
                yaml.Append("  []\n");
            }

            Assert.Equal(expected.Order(), To(Settings.Good(yaml.ToString()), Findings.One(level: FindingLevel.All[level])).Order());
        }, iter: 300);
    }

    private static string[] To(RoutingTable table, StoredFinding finding) => [.. table.Decide(finding, s_now).To.Select(to => to.Receiver)];

    private static bool Obvious(string pattern, string value) =>
        pattern.Length == 0 ? value.Length == 0
        : pattern[0] == '*' ? Enumerable.Range(0, value.Length + 1).Any(skip => Obvious(pattern[1..], value[skip..]))
        : value.Length > 0 && pattern[0] == value[0] && Obvious(pattern[1..], value[1..]);
}
