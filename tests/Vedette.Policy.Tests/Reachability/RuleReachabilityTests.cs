using System.Collections.Immutable;
using CsCheck;
using Vedette.Policy.Evaluation;
using Vedette.Policy.Model;
using Vedette.Policy.Reachability;
using Vedette.Policy.Requests;
using Vedette.Policy.Resources;
using Vedette.Policy.Tests.Evaluation;
using Xunit;

namespace Vedette.Policy.Tests.Reachability;

public class RuleReachabilityTests
{
    private const string Head = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n";

    [Fact]
    public void Verdicts_are_those_of_trying_every_request() =>
        RandomPolicies.Policies.Sample(
            policy =>
            {
                CompiledPolicy compiled = CompiledPolicy.Compile(policy);
                HashSet<int> deciding = [];
                foreach (RequestAttributes request in RealisableRequests.Operations)
                {
                    foreach (RequestUser? user in RealisableRequests.Users)
                    {
                        deciding.Add(compiled.Evaluate(request, user).Rule);
                    }
                }

                foreach (RuleReachability verdict in RuleReachability.Of(policy, RequestSpace.Kubernetes))
                {
                    Assert.NotEqual(Reach.Undecided, verdict.Reach);
                    Assert.Equal(deciding.Contains(verdict.Rule), verdict.Reach is Reach.Full or Reach.Partial);
                }
            },
            iter: 15);

    [Fact]
    public void Earlier_rules_that_decide_requests_of_a_rule_are_those_of_trying_every_request() =>
        RandomPolicies.Policies.Where(policy => policy.Rules.Length < 13).Sample(
            policy =>
            {
                HashSet<(int, int)> shadows = [];
                foreach (RequestAttributes operation in RealisableRequests.Operations)
                {
                    foreach (RequestUser? user in RealisableRequests.Users)
                    {
                        RequestAttributes request = operation with { User = user };
                        int[] matching = [.. policy.Rules.Where(rule => PolicyChecker.MismatchOf(rule, request) == Mismatch.None).Select(rule => rule.Index)];
                        shadows.UnionWith(matching.Skip(1).Select(later => (matching[0], later)));
                    }
                }

                Assert.Equal(
                    shadows.Order(), RuleReachability.Of(policy, RequestSpace.Kubernetes).SelectMany(verdict => verdict.Shadows.Select(shadow => (shadow.Rule, verdict.Rule))).Order());
            },
            iter: 5);

    [Fact]
    public void The_evaluator_confirms_every_witness() =>
        RandomPolicies.Policies.Sample(policy =>
        {
            foreach (RuleReachability verdict in RuleReachability.Of(policy, RequestSpace.Kubernetes))
            {
                if (verdict.Witness is { } witness)
                {
                    Assert.Equal(verdict.Rule, PolicyChecker.Evaluate(policy, witness).Rule);
                }

                foreach (Shadow shadow in verdict.Shadows)
                {
                    Assert.Equal(shadow.Rule, PolicyChecker.Evaluate(policy, shadow.Witness).Rule);
                    Assert.Equal(Mismatch.None, PolicyChecker.MismatchOf(policy.Rules[verdict.Rule], shadow.Witness));
                }
            }
        });

    [Theory]
    [InlineData("a service account is of its groups", "- level: None\n  userGroups: [\"system:serviceaccounts:dev\"]\n", "- level: Request\n  users: [\"system:serviceaccount:dev:web\"]\n", Reach.Unreachable)]
    [InlineData("everybody who authenticates is authenticated", "- level: None\n  userGroups: [\"system:authenticated\", \"system:unauthenticated\"]\n", "- level: Request\n  users: [alice]\n", Reach.Unreachable)]
    [InlineData("a 401 has no user", "- level: None\n  userGroups: [\"system:authenticated\", \"system:unauthenticated\"]\n", "- level: Request\n", Reach.Partial)]
    [InlineData("a create has no name", "- level: Request\n  verbs: [create]\n  resources:\n  - group: \"\"\n    resources: [pods]\n    resourceNames: [web]\n", "- level: Metadata\n", Reach.Full)]
    [InlineData("the creation of a subresource has one", "- level: Request\n  verbs: [create]\n  resources:\n  - group: \"\"\n    resources: [pods/exec]\n    resourceNames: [web]\n", "- level: Metadata\n", Reach.Partial)]
    [InlineData("secrets have no watchers that get", "- level: None\n  verbs: [get, head, post, put, patch, delete, options]\n", "- level: Metadata\n  nonResourceURLs: [\"/healthz*\"]\n", Reach.Unreachable)]
    [InlineData("cluster-scoped", "- level: None\n  namespaces: [\"\"]\n", "- level: Metadata\n  resources:\n  - group: \"\"\n    resources: [nodes]\n", Reach.Unreachable)]
    [InlineData("a namespace is in itself", "- level: None\n  namespaces: [dev]\n", "- level: Metadata\n  verbs: [get]\n  resources:\n  - group: \"\"\n    resources: [namespaces]\n    resourceNames: [dev]\n", Reach.Unreachable)]
    [InlineData("custom resources remain", "- level: None\n  verbs: [get]\n  resources:\n  - group: example.com\n    resources: [widgets]\n", "- level: Metadata\n  resources:\n  - group: example.com\n", Reach.Partial)]
    [InlineData("paths of resources are no paths", "- level: None\n  users: [alice]\n", "- level: Metadata\n  nonResourceURLs: [\"/api/v1/pods*\"]\n", Reach.Impossible)]
    public void What_follows_from_the_space(string what, string first, string second, Reach reach) =>
        Assert.True(RuleReachability.Of(Tables.Policy(Head + first + second), RequestSpace.Kubernetes)[1].Reach == reach, what);

    [Fact]
    public void A_declared_user_is_of_no_other_group()
    {
        AuditPolicy policy = Tables.Policy(Head + "- level: None\n  userGroups: [developers]\n- level: Request\n  users: [alice]\n");
        Assert.Equal(Reach.Partial, RuleReachability.Of(policy, RequestSpace.Kubernetes)[1].Reach);
        Assert.Equal(Reach.Unreachable, RuleReachability.Of(policy, new RequestSpace(ApiCatalogue.Kubernetes, [new RequestUser("alice", ["developers"])]))[1].Reach);
    }

    [Fact]
    public void Of_a_custom_resource_that_is_known_all_verbs_and_subresources_are()
    {
        AuditPolicy policy = Tables.Policy(
            Head + "- level: None\n  resources:\n  - group: example.com\n    resources: [widgets, widgets/status]\n- level: Request\n  resources:\n  - group: example.com\n    resources: [\"widgets/*\"]\n");
        ImmutableArray<ApiResource> widgets = CustomResources.Read(
            "crd.yaml",
            "kind: CustomResourceDefinition\nspec:\n  group: example.com\n  scope: Namespaced\n  names: {plural: widgets, kind: Widget}\n  versions:\n  - name: v1\n    subresources:\n      status: {}\n",
            []);
        Assert.Equal(Reach.Partial, RuleReachability.Of(policy, RequestSpace.Kubernetes)[1].Reach);
        Assert.Equal(Reach.Unreachable, RuleReachability.Of(policy, new RequestSpace(ApiCatalogue.Kubernetes.With(widgets), []))[1].Reach);
    }

    [Fact]
    public void Two_hundred_rules_full_of_wildcards_are_decided_within_the_bound()
    {
        string[] verbs = ["get", "list", "watch", "create", "update", "patch", "delete"];
        string rules = string.Concat(Enumerable.Range(0, 200).Select(i =>
            $"- level: Metadata\n  users: [\"user{i % 37}\", \"user{i % 31}\"]\n  verbs: [{verbs[i % 7]}, {verbs[i % 5]}]\n  namespaces: [\"ns{i % 13}\", \"ns{i % 11}\"]\n"
            + $"  resources:\n  - group: \"*\"\n    resources: [\"*/{(i % 2 == 0 ? "log" : "status")}\", \"r{i % 17}/*\", \"pods\"]\n  - group: \"g{i % 19}.example\"\n    resources: [\"*\"]\n    resourceNames: [\"n{i % 7}\"]\n"));
        Assert.DoesNotContain(RuleReachability.Of(Tables.Policy(Head + rules), RequestSpace.Kubernetes), verdict => !verdict.IsComplete);
    }

    [Fact]
    public void A_rule_that_takes_more_than_its_share_is_decided_with_what_others_leave()
    {
        string first = string.Concat(Enumerable.Range(0, 30).Select(i =>
            $"- level: Metadata\n  users: [\"user{i % 11}\"]\n  namespaces: [\"ns{i % 7}\"]\n  resources:\n  - group: \"g{i % 3}.example\"\n    resources: [\"r{i % 5}\"]\n    resourceNames: [\"n{i % 4}\"]\n"));
        string last = string.Concat(Enumerable.Range(0, 400).Select(i => $"- level: None\n  nonResourceURLs: [\"/path{i}\"]\n"));
        Assert.DoesNotContain(RuleReachability.Of(Tables.Policy(Head + first + "- level: Request\n  resources:\n  - group: \"*\"\n" + last), RequestSpace.Kubernetes), verdict => !verdict.IsComplete);
    }
}
