using Vedette.Audit.Needs;
using Vedette.Detection.Needs;
using Vedette.Detection.Sigma;
using Vedette.Tests;
using Xunit;

namespace Vedette.Detection.Tests.Needs;

public class NeedAnalysisTests
{
    [Fact]
    public void A_rule_on_metadata_needs_its_requests_once_they_are_answered()
    {
        EventNeed need = Assert.Single(Of("selection: {verb: get, objectRef.resource: secrets, vedette.success: true}\n  condition: selection").Ways);
        Assert.True(need.Requests.Has("get", "", "secrets", ""));
        Assert.False(need.Requests.Has("list", "", "secrets", ""));
        Assert.False(need.Requests.HasPaths);
        Assert.Equal(NeededLevel.Metadata, need.SureLevel);
        Assert.False(need.Stages.Contains("RequestReceived"));
        Assert.Equal(RequestEnding.Answered, need.Endings);
    }

    [Fact]
    public void A_body_is_needed_of_the_requests_that_have_one_and_of_patches_the_answer()
    {
        RuleNeeds needs = Of("selection: {vedette.podSpec.hostPID: true}\n  condition: selection");
        EventNeed create = Assert.Single(needs.Ways, way => way.Requests.Has("create", "", "pods", ""));
        Assert.Equal((NeededLevel.Request, NeededLevel.Request), (create.Level, create.SureLevel));
        Assert.False(create.Requests.Has("create", "", "secrets", ""));
        Assert.False(create.Stages.Contains("ResponseStarted"));
        EventNeed patch = Assert.Single(needs.Ways, way => way.Requests.Has("patch", "apps", "deployments", ""));
        Assert.Equal((NeededLevel.Request, NeededLevel.RequestResponse), (patch.Level, patch.SureLevel));
    }

    [Fact]
    public void Failed_authentication_has_no_user()
    {
        EventNeed need = Assert.Single(Of("selection: {responseStatus.code: 401}\n  condition: selection").Ways);
        Assert.Equal(RequestEnding.Refused, need.Endings);
        Assert.True(need.Requests.Has("", []));
    }

    [Fact]
    public void An_operation_that_connects_is_a_subresource_with_any_verb()
    {
        EventNeed need = Assert.Single(Of("selection: {vedette.operation: exec}\n  condition: selection").Ways);
        Assert.True(need.Requests.Has("get", "", "pods", "exec") && need.Requests.Has("create", "", "pods", "exec"));
        Assert.False(need.Requests.Has("create", "", "pods", ""));
    }

    [Fact]
    public void An_actor_may_be_impersonated_by_anybody()
    {
        RuleNeeds needs = Of("selection: {vedette.actor: alice}\n  condition: selection");
        Assert.Single(needs.Ways, way => way.Requests.Has("alice", []) && !way.Requests.Has("bob", []));
        Assert.Single(needs.Ways, way => way.Requests.Has("bob", []) && way.Fields.Contains("impersonatedUser"));
    }

    [Fact]
    public void What_is_excluded_by_what_a_policy_sees_is_left_out_and_what_is_by_a_body_needs_the_body()
    {
        EventNeed need = Assert.Single(Of("""
            selection: {verb: create, objectRef.resource: pods}
              seen: {user.username: alice, objectRef.namespace: dev}
              hidden: {user.username: bob, requestObject.metadata.labels.app: web}
              condition: selection and not seen and not hidden
            """).Ways);
        Assert.Contains(need.Exclusions, exclusion => exclusion.Level is null && exclusion.Requests.Users.Contains("alice") && exclusion.Requests.Namespaces.Contains("dev") && !exclusion.Requests.Namespaces.Contains("prod"));
        Assert.Contains(need.Exclusions, exclusion => exclusion is { Level: NeededLevel.Request } && exclusion.Requests.Users.Contains("bob") && !exclusion.Requests.Users.Contains("alice"));
        Assert.Equal(NeededLevel.Metadata, need.SureLevel);
    }

    [Fact]
    public void More_alternatives_than_are_kept_leave_a_rule_open()
    {
        string many = string.Join("\n  ", Enumerable.Range(0, 12).Select(i => $"a{i}: {{userAgent: x{i}, verb: get}}\n  b{i}: {{userAgent: y{i}, sourceIPs: 10.0.0.{i}}}"));
        string condition = string.Join(" and ", Enumerable.Range(0, 12).Select(i => $"not (not a{i} and not b{i})"));
        RuleNeeds needs = Of($"selection: {{objectRef.resource: pods}}\n  {many}\n  condition: selection and {condition}");
        Assert.True(needs.Ways.Length <= NeedAnalysis.MaxWays);
        Assert.All(needs.Ways, way => Assert.True(way.Requests.Resources.Contains("pods") && !way.Requests.Resources.Contains("secrets")));
    }

    [Fact]
    public void A_temporal_correlation_needs_all_its_rules_and_a_count_one()
    {
        const string rules = "title: A\nname: a\nlogsource: {product: kubernetes}\ndetection: {s: {verb: get}, condition: s}\n---\ntitle: B\nname: b\nlogsource: {product: kubernetes}\ndetection: {s: {verb: list}, condition: s}\n---\n";
        RuleNeeds both = Set(rules + "title: C\ncorrelation: {type: temporal, rules: [a, b], group-by: [user.username], timespan: 5m}\n")[^1];
        Assert.True(both is { NeedsAll: true, Rules.Length: 2 });
        RuleNeeds one = Set(rules + "title: C\ncorrelation: {type: value_count, rules: [a, b], group-by: [user.username], timespan: 5m, condition: {field: requestObject.kind, gte: 3}}\n")[^1];
        Assert.False(one.NeedsAll);
        Assert.All(one.AllWays, way => Assert.Contains("requestObject.kind", way.Fields));
    }

    [Fact]
    public void Of_every_rule_of_the_pack_it_is_known_what_it_needs()
    {
        IEnumerable<SigmaFile> files = Directory.EnumerateFiles(Path.Combine(SharedData.Root, "rules"), "*.yml", SearchOption.AllDirectories)
            .Where(file => !file.EndsWith(".tests.yml", StringComparison.Ordinal)).Select(file => new SigmaFile(file, File.ReadAllText(file)));
        Assert.All(new NeedAnalysis().Of(SigmaLoader.Load(files, new SigmaOptions())), rule => Assert.NotEmpty(rule.AllWays));
    }

    private static RuleNeeds Of(string detection) => Assert.Single(Set($"title: T\nlogsource: {{product: kubernetes}}\ndetection:\n  {detection}\n"));

    private static System.Collections.Immutable.ImmutableArray<RuleNeeds> Set(string yaml)
    {
        SigmaRuleSet set = SigmaLoader.Load([new SigmaFile("r.yml", yaml)], new SigmaOptions());
        Assert.Empty(set.Diagnostics.Where(diagnostic => diagnostic.Severity == Documents.DiagnosticSeverity.Error));
        return new NeedAnalysis().Of(set);
    }
}
